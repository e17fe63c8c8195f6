//! A program in C, compiled and run.
#![cfg(target_os = "linux")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(command: &mut Command) -> Output {
    let out = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(out.status.success(), "{command:?}\n{}{}", text(&out.stdout), text(&out.stderr));
    out
}

/// The folder with the library that was built for this test.
fn library() -> PathBuf {
    let exe = env::current_exe().unwrap();
    let deps = exe.parent().unwrap();
    assert!(deps.join("libgirih_capi.a").exists(), "no library in {}", deps.display());
    deps.to_path_buf()
}

fn compile(source: &str, options: &[&str], out: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cc = env::var_os("CC").unwrap_or_else(|| "cc".into());
    run(Command::new(cc)
        .args(["-Wall", "-Wextra", "-Werror", "-O1", "-I"])
        .arg(root.join("include"))
        .args(options)
        .arg(root.join("tests").join(source))
        .arg(library().join("libgirih_capi.a"))
        .args(["-lpthread", "-ldl", "-lm", "-o"])
        .arg(out));
}

#[test]
fn a_program_in_c() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    compile("round_trip.c", &["-std=c99", "-pedantic"], &program);
    let out = run(Command::new(&program).arg(dir.path().join("clip.girih")));
    assert_eq!(String::from_utf8_lossy(&out.stdout), "all is well\n");
}
