//! `girih decode`: a `.girih` file (or any other video) into y4m, an image or another format.

use anyhow::{Result, bail};

use crate::args::Decode;
use crate::codebook;
use crate::error::{InFile, display};
use crate::media::{self, Reading};
use crate::progress::Progress;

pub fn run(args: &Decode) -> Result<()> {
    let codebook = codebook::load(args.given.codebook.as_deref())?;
    let reading = Reading { threads: args.threads.count, verify: args.verify, codebook };
    let mut source = media::open(&args.input, reading).in_file(&args.input)?;
    let mut sink = media::create(&args.output, source.description(), args.threads.count, args.overwrite)?;
    let progress = Progress::new("decoding", source.description().frames);
    let mut frames = 0;
    while !sink.full() {
        let Some(picture) = source.next_picture().in_file(&args.input)? else { break };
        sink.write(&picture).in_file(&args.output)?;
        frames += 1;
        progress.frame();
    }
    if frames == 0 {
        bail!("{}: no picture in it", display(&args.input));
    }
    sink.finish().in_file(&args.output)
}
