//! `girih play`.

use anyhow::{Result, bail};

use crate::args::Play;
use crate::error::display;

pub fn run(args: &Play) -> Result<()> {
    let name = display(&args.input);
    bail!("{name}: play is not built yet; pipe `girih decode {name} -o -` to a player")
}
