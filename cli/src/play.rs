//! `girih play`.

use anyhow::{Result, bail};

use crate::args::Play;
use crate::error::display;

pub fn run(args: &Play) -> Result<()> {
    let name = display(&args.input);
    bail!("play is not built yet: pipe the video to a player, as in: girih decode '{name}' -o - | ffplay -")
}
