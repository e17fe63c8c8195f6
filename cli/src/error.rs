//! Errors as the user sees them: one line, what and where.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;

/// Adds the file that an error is about.
pub trait InFile<T> {
    fn in_file(self, path: &Path) -> anyhow::Result<T>;
}

impl<T, E> InFile<T> for Result<T, E>
where
    Result<T, E>: Context<T, E>,
{
    fn in_file(self, path: &Path) -> anyhow::Result<T> {
        self.with_context(|| display(path))
    }
}

/// The name of an input or output in messages.
pub fn display(path: &Path) -> String {
    if path == Path::new("-") { "standard stream".into() } else { path.display().to_string() }
}

/// Reports an error of a run; says nothing when the reader of a pipe has gone.
pub fn failure(error: &anyhow::Error) -> ExitCode {
    let broken = |e: &(dyn std::error::Error + 'static)| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken) {
        return ExitCode::SUCCESS;
    }
    line(&format!("{error:#}"));
    ExitCode::FAILURE
}

/// Reports what clap has to say: help and version to standard output, errors as one line.
pub fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that closed the pipe has seen enough.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            line(&format!("{} (see girih --help)", usage_text(&error.to_string())));
            ExitCode::from(2)
        }
    }
}

/// The first paragraph of a message of clap's, as one line.
fn usage_text(message: &str) -> String {
    let paragraph = message.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = paragraph.split_whitespace().collect();
    let text = words.join(" ");
    text.strip_prefix("error: ").unwrap_or(&text).to_string()
}

/// Tells what is not as one might expect, one line each.
pub fn notes(path: &Path, notes: &[String]) {
    notes.iter().for_each(|n| line(&format!("{}: {n}", display(path))));
}

/// Tells that of a damaged input only the frames before the damage were taken.
pub fn cut_short(path: &Path, frames: u64, error: &anyhow::Error) {
    notes(path, &[format!("only {frames} frames are there: {:#}", error.root_cause())]);
}

fn line(text: &str) {
    let text = text.replace(['\n', '\r'], " ");
    // Nothing is left to report to when standard error is closed.
    let _ = writeln!(io::stderr(), "girih: {}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_errors_fit_one_line() {
        let m =
            "error: the following required arguments were not provided:\n  --output <OUT>\n\nUsage: girih";
        assert_eq!(usage_text(m), "the following required arguments were not provided: --output <OUT>");
    }

    #[test]
    fn errors_name_their_file() {
        let e: Result<(), _> = Err(girih::Error::Unsupported("x"));
        let e = e.in_file(Path::new("a.girih")).map_err(|e| format!("{e:#}"));
        assert_eq!(e, Err("a.girih: not supported: x".to_string()));
    }
}
