//! `girih`: encode, decode, play, compare, train, info, metrics.
#![deny(unsafe_code)]

mod args;
mod codebook;
mod compare;
mod config;
mod copy;
mod decode;
mod encode;
mod error;
mod goal;
mod info;
mod interrupt;
mod manual;
mod media;
mod metrics;
mod output;
mod play;
mod progress;
mod quality;
mod resume;
mod train;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let line = match config::arguments(std::env::args_os().collect()) {
        Ok(line) => line,
        Err(e) => return error::failure(&e),
    };
    let cli = match Cli::try_parse_from(line) {
        Ok(cli) => cli,
        Err(e) => return error::usage(&e),
    };
    if let Err(e) = media::ffmpeg::init() {
        return error::failure(&e.into());
    }
    interrupt::watch();
    let result = match cli.command {
        Command::Encode(a) => encode::run(&a),
        Command::Decode(a) => decode::run(&a),
        Command::Play(a) => play::run(&a),
        Command::Compare(a) => compare::run(&a),
        Command::Train(a) => train::run(&a),
        Command::Info(a) => info::run(&a),
        Command::Metrics(a) => metrics::run(&a),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { command } => manual::man(command.as_deref()),
    };
    match result {
        // As shells count it: ended by signal 2.
        Ok(()) if interrupt::stopped() => ExitCode::from(130),
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => error::failure(&e),
    }
}
