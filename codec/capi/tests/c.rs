//! A program in C, compiled and run.
#![cfg(target_os = "linux")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use girih::train::{Options, train};
use girih::{ChromaFormat, Format, Picture, Preset};

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

/// Options of the compiler for the library installed below `root`, as pkg-config tells them.
fn options(root: &Path, more: &[&str]) -> Vec<String> {
    let out = run(Command::new("pkg-config")
        .env("PKG_CONFIG_LIBDIR", root.join("opt/girih/lib/pkgconfig"))
        .env("PKG_CONFIG_SYSROOT_DIR", root)
        .args(["--cflags", "--libs"])
        .args(more)
        .arg("girih"));
    String::from_utf8_lossy(&out.stdout).split_whitespace().map(String::from).collect()
}

#[test]
fn installed_and_found_by_pkg_config() {
    if Command::new("pkg-config").arg("--version").output().is_err() {
        eprintln!("test of the installation left out: no pkg-config here");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    run(Command::new(top.join("install"))
        .arg(library())
        .env("PREFIX", "/opt/girih")
        .env("DESTDIR", dir.path())
        .env_remove("LIBDIR")
        .env_remove("INCLUDEDIR"));
    let lib = dir.path().join("opt/girih/lib");
    let cc = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let source = top.join("tests/version.c");
    for (name, more) in [("shared", &[][..]), ("static", &["--static"])] {
        let program = dir.path().join(name);
        let mut options = options(dir.path(), more);
        if name == "static" {
            // Only ours: a system may lack the static libraries of its own.
            options.iter_mut().filter(|o| *o == "-lgirih").for_each(|o| *o = "-l:libgirih.a".into());
        }
        run(Command::new(&cc).arg(&source).args(options).arg("-o").arg(&program));
        let out = run(Command::new(&program).env("LD_LIBRARY_PATH", &lib));
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), env!("CARGO_PKG_VERSION"));
    }
    let needed = std::fs::read(dir.path().join("shared")).unwrap();
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    let soname = format!("libgirih.so.{version}\0");
    assert!(needed.windows(soname.len()).any(|w| w == soname.as_bytes()), "asks for {soname}");
}

/// A codebook file that is not the built-in one.
fn own_codebook() -> Vec<u8> {
    let format = Format { width: 64, height: 64, chroma: ChromaFormat::Mono, bit_depth: 8 };
    let clip = (0..2).map(|t| {
        let mut picture = Picture::new(format);
        picture.pts = t;
        let plane = &mut picture.planes[0];
        for y in 0..plane.height() {
            let row = plane.row_mut(y).iter_mut().enumerate();
            row.for_each(|(x, s)| *s = ((x * x + 37 * y * (x + y) + 11 * t as usize) % 256) as u16);
        }
        picture
    });
    let options = Options { rounds: 1, crfs: vec![28.0], preset: Preset::Ultrafast, ..Options::default() };
    train(&[clip.collect()], &options, |_, _| (), |_| ()).unwrap().set.to_bytes()
}

#[test]
fn a_program_in_c() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    compile("round_trip.c", &["-std=c99", "-pedantic"], &program);
    let codebook = dir.path().join("own.gcb");
    std::fs::write(&codebook, own_codebook()).unwrap();
    let out = run(Command::new(&program).arg(dir.path().join("clip.girih")).arg(codebook));
    assert_eq!(String::from_utf8_lossy(&out.stdout), "all is well\n");
}
