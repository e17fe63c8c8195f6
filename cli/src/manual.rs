//! `girih completions` and `girih man`: made from the definition of the command line.

use std::io::{self, Write};

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;

/// Prints a completion script.
pub fn completions(shell: Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "girih", &mut script);
    Ok(io::stdout().write_all(&script)?)
}

/// Prints the manual page of the program or of one command.
pub fn man(command: Option<&str>) -> Result<()> {
    let mut program = Cli::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => {
            let sub = program.find_subcommand(name).with_context(|| format!("{name}: no such command"))?;
            sub.clone()
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    io::stdout().write_all(&text)?;
    Ok(())
}
