//! `girih`: encode, decode, play, compare, train, info, metrics.
#![deny(unsafe_code)]

mod args;
mod codebook;
mod compare;
mod decode;
mod encode;
mod error;
mod info;
mod media;
mod metrics;
mod play;
mod progress;
mod quality;
mod train;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return error::usage(&e),
    };
    if let Err(e) = media::ffmpeg::init() {
        return error::failure(&e.into());
    }
    media::pending::remove_on_interrupt();
    let result = match cli.command {
        Command::Encode(a) => encode::run(&a),
        Command::Decode(a) => decode::run(&a),
        Command::Play(a) => play::run(&a),
        Command::Compare(a) => compare::run(&a),
        Command::Train(a) => train::run(&a),
        Command::Info(a) => info::run(&a),
        Command::Metrics(a) => metrics::run(&a),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => error::failure(&e),
    }
}
