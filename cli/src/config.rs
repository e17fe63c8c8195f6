//! Defaults for options from a file.
//!
//! ```toml
//! [encode]
//! preset = "slow"
//! crf = 26
//! ```
//!
//! A table stands for a command, a key for an option by its long name. What is on the command line counts more.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Arg, Command, CommandFactory};
use toml::{Table, Value};

use crate::args::Cli;
use crate::error::InFile;

/// The command line, with the defaults of the configuration file put in.
///
/// # Errors
/// A file that was asked for and cannot be read, or one with unknown settings.
pub fn arguments(line: Vec<OsString>) -> Result<Vec<OsString>> {
    let words: Vec<&str> = line.iter().map(|w| w.to_str().unwrap_or_default()).collect();
    let program = Cli::command();
    let Some(at) = words.iter().position(|w| program.find_subcommand(w).is_some()) else { return Ok(line) };
    let path = match given(&words) {
        Some(path) => path,
        None => match usual().filter(|p| p.is_file()) {
            Some(path) => path,
            None => return Ok(line),
        },
    };
    let command = program.find_subcommand(words[at]).context("no such command")?;
    let defaults = read(&path, command, &words[at..]).in_file(&path)?;
    let mut all = line[..=at].to_vec();
    all.extend(defaults.into_iter().map(OsString::from));
    all.extend_from_slice(&line[at + 1..]);
    Ok(all)
}

/// The file that `--config` names.
fn given(words: &[&str]) -> Option<PathBuf> {
    let after = words.iter().position(|w| *w == "--config").and_then(|i| words.get(i + 1)).copied();
    after.or_else(|| words.iter().find_map(|w| w.strip_prefix("--config="))).map(PathBuf::from)
}

/// Where the file lies unless it is named.
fn usual() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".config"));
    let folder = env::var_os("XDG_CONFIG_HOME").filter(|f| !f.is_empty()).map(PathBuf::from).or_else(home)?;
    Some(folder.join("girih").join("girih.toml"))
}

/// The file's settings for a command as options, without those that are on the command line.
fn read(path: &Path, command: &Command, words: &[&str]) -> Result<Vec<String>> {
    let table: Table = fs::read_to_string(path)?.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(0, |s| s.start);
        anyhow::anyhow!("{} (at byte {line})", e.message())
    })?;
    let program = Cli::command();
    if let Some(name) = table.keys().find(|n| program.find_subcommand(n).is_none()) {
        bail!("[{name}] is not a command of girih");
    }
    let Some(settings) = table.get(command.get_name()) else { return Ok(Vec::new()) };
    let settings = settings.as_table().with_context(|| format!("{} is not a table", command.get_name()))?;
    let here = |name: &str| {
        words.iter().any(|w| w.strip_prefix("--").is_some_and(|w| w.split('=').next() == Some(name)))
    };
    let mut options = Vec::new();
    for (name, value) in settings {
        let argument = command.get_arguments().find(|a| a.get_long() == Some(name) && name != "config");
        let argument =
            argument.with_context(|| format!("{name} is not an option of girih {}", command.get_name()))?;
        // What the command line says puts aside what it cannot be used with.
        let conflict =
            |a: &Arg, b: &Arg| command.get_arg_conflicts_with(a).iter().any(|c| c.get_id() == b.get_id());
        let said = |a: &&Arg| a.get_long().is_some_and(here);
        if here(name)
            || command.get_arguments().filter(said).any(|a| conflict(a, argument) || conflict(argument, a))
        {
            continue;
        }
        let text = match value {
            Value::Boolean(on) if !argument.get_action().takes_values() => {
                options.extend(on.then(|| format!("--{name}")));
                continue;
            }
            Value::String(s) => s.clone(),
            Value::Integer(n) => n.to_string(),
            Value::Float(x) => x.to_string(),
            Value::Array(list) => {
                let words = list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), String::from));
                words.collect::<Vec<_>>().join(",")
            }
            _ => bail!("{name} has no value of a kind that an option can have"),
        };
        options.push(format!("--{name}={text}"));
    }
    Ok(options)
}
