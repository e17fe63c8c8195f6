//! Runs of the program `girih`, in a folder of their own and with a time limit.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use girih::Picture;
use girih_samples::y4m;

/// No run of a test may take longer.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// The program: `$GIRIH_BIN`, or what cargo has built beside the tests of the package `girih-cli`.
pub fn girih() -> PathBuf {
    env::var_os("GIRIH_BIN").map_or_else(built, PathBuf::from)
}

fn built() -> PathBuf {
    // Tests lie in target/PROFILE/deps, programs in target/PROFILE.
    let exe = env::current_exe().expect("a test has a path");
    let folder = exe.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    folder.join(format!("girih{}", env::consts::EXE_SUFFIX))
}

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Run {
    /// Standard output of a run that succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Whether the program says that it cannot do this yet: what it will have to do is tested from
    /// the day it can.
    pub fn not_built(&self) -> bool {
        self.code == Some(1) && self.stderr.contains("not built yet")
    }

    /// The one line of a run that failed with this exit code.
    ///
    /// # Panics
    /// When it succeeded or said more, or less.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert!(code != 1 || self.stderr.trim_end().lines().count() == 1, "not one line: {}", self.stderr);
        self.stderr
    }
}

/// A folder for one test, removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("girih-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    }

    pub fn size(&self, name: &str) -> u64 {
        self.read(name).len() as u64
    }

    /// Names of the files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the test's folder");
        let name =
            |e: std::io::Result<fs::DirEntry>| e.expect("an entry").file_name().into_string().expect("UTF-8");
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    pub fn write_clip(&self, name: &str, pictures: &[Picture]) {
        let mut file = Vec::new();
        y4m::write(&mut file, pictures[0].format, pictures.iter().cloned())
            .expect("a vector takes every byte");
        self.write(name, &file);
    }

    pub fn read_clip(&self, name: &str) -> Vec<Picture> {
        y4m::read(&mut &self.read(name)[..]).unwrap_or_else(|e| panic!("{name}: {e}")).1
    }

    /// Runs `girih` with these words in this folder.
    pub fn girih(&self, words: &str) -> Run {
        self.girih_with(words, &[])
    }

    /// The same, with standard input.
    pub fn girih_with(&self, words: &str, stdin: &[u8]) -> Run {
        self.run(words, stdin, &[])
    }

    /// The same, with windows on this X display.
    pub fn girih_on(&self, display: &str, words: &str, stdin: &[u8]) -> Run {
        self.run(words, stdin, &[("DISPLAY", display.as_ref())])
    }

    /// Runs `girih` with variables in its environment.
    pub fn girih_in(&self, words: &str, variables: &[(&str, &OsStr)]) -> Run {
        self.run(words, &[], variables)
    }

    fn run(&self, words: &str, stdin: &[u8], variables: &[(&str, &OsStr)]) -> Run {
        let mut child = Command::new(girih())
            .args(words.split_whitespace())
            .current_dir(&self.0)
            .env("DISPLAY", "")
            .env_remove("WAYLAND_DISPLAY")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (mut input, mut out, mut err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        thread::scope(|scope| {
            // A program that fails early closes its input.
            scope.spawn(move || input.take().map(|mut i| i.write_all(stdin).is_ok()));
            let stdout = scope.spawn(move || read_all(out.as_mut()));
            let stderr = scope.spawn(move || read_all(err.as_mut()));
            let start = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().expect("a child can be waited for") {
                    break status;
                }
                if start.elapsed() > TIME_LIMIT {
                    child.kill().expect("a child can be killed");
                    child.wait().expect("a child can be waited for");
                    panic!("girih {words}: more than {TIME_LIMIT:?}");
                }
                thread::sleep(Duration::from_millis(5));
            };
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            Run {
                code: status.code(),
                stdout: stdout.join().expect("read"),
                stderr: text(stderr.join().expect("read")),
            }
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read_all(from: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.expect("a pipe").read_to_end(&mut bytes).expect("a pipe can be read");
    bytes
}
