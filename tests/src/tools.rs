//! Other programs that the tests use where they are installed.

use std::process::{Command, Stdio};

use crate::program::Folder;

/// Is this program installed? Says so if not, since a test then leaves something out.
pub fn have(program: &str) -> bool {
    let found = Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        eprintln!("{program} is not installed: part of a test left out");
    }
    found
}

/// Runs a program in a folder; gives its standard output.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn run(folder: &Folder, program: &str, words: &str) -> String {
    let out = Command::new(program)
        .args(words.split_whitespace())
        .current_dir(folder.path("."))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"));
    let (text, err) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{program} {words}: {text}{err}");
    text.into_owned()
}

/// Makes a film with `ffmpeg`.
#[track_caller]
pub fn ffmpeg(folder: &Folder, words: &str) {
    run(folder, "ffmpeg", &format!("-v error -y {words}"));
}

/// What `ffprobe` says of entries of a file, one line each.
#[track_caller]
pub fn probe(folder: &Folder, file: &str, options: &str) -> Vec<String> {
    let text = run(folder, "ffprobe", &format!("-v error {options} -of csv=p=0 {file}"));
    text.lines().map(|l| l.trim_end_matches(',').to_string()).filter(|l| !l.is_empty()).collect()
}
