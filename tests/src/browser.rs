//! A headless Chromium that loads pages from here and reports what they did.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::program::Folder;

/// Most bytes that a page may report.
const MAX_REPORT: usize = 1 << 24;

/// A server on this machine alone. `file` gives the bytes of a path.
pub struct Server {
    pub port: u16,
    reports: Receiver<String>,
}

impl Server {
    /// Serves for as long as the process lives.
    ///
    /// # Panics
    /// When there is no port to listen on.
    pub fn start(file: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (report, reports) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser that hangs up is no matter.
                if let Some(body) = answer(stream, &file).ok().flatten() {
                    report.send(body).ok();
                }
            }
        });
        Server { port, reports }
    }

    /// Opens a page of this server and waits for what it posts to `/result`.
    ///
    /// # Panics
    /// When it posts nothing in time.
    pub fn visit(&self, browser: &Path, page: &str, limit: Duration) -> String {
        let folder = Folder::new();
        let url = format!("http://127.0.0.1:{}/{page}", self.port);
        let child = Command::new(browser)
            .args(["--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--disable-extensions"])
            .args(["--disable-background-networking", "--window-size=1040,960", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", folder.path("profile").display()))
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the browser starts");
        let _running = Running(child);
        self.reports.recv_timeout(limit).unwrap_or_else(|_| panic!("{page}: no result within {limit:?}"))
    }
}

/// Leader of a process group, which is ended with the test, whatever comes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The browser is a launcher's child, and has children itself.
        let group = format!("-{}", self.0.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().ok();
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Answers one request; gives the body of a report.
fn answer(mut stream: TcpStream, file: &impl Fn(&str) -> Option<Vec<u8>>) -> std::io::Result<Option<String>> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().unwrap_or(0).min(MAX_REPORT);
        }
    }
    let path = path.trim_start_matches('/');
    let (status, bytes) = match method {
        "POST" => ("200 OK", Vec::new()),
        _ => file(path).map_or(("404 Not Found", Vec::new()), |bytes| ("200 OK", bytes)),
    };
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let size = bytes.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&bytes)?;
    Ok((method == "POST").then(|| String::from_utf8_lossy(&body).into_owned()))
}
