//! `girih train`: a codebook from videos and images.

use std::path::PathBuf;

use anyhow::{Result, bail};
use girih::Picture;

use crate::args::Train;
use crate::error::{InFile, display};
use crate::media::pending::Pending;
use crate::media::{self, Reading, Source};

pub fn run(args: &Train) -> Result<()> {
    let output = Pending::create(&args.output, args.overwrite).in_file(&args.output)?;
    let reading = Reading { threads: args.threads.count, ..Reading::default() };
    let mut pictures = Pictures { inputs: args.inputs.iter().cloned(), reading, current: None };
    if pictures.next().transpose()?.is_none() {
        bail!("{}: no picture in it", display(&args.inputs[0]));
    }
    drop(output);
    bail!("train is not built yet: the built-in codebook is used")
}

/// The pictures of several files, one after the other.
struct Pictures<I> {
    inputs: I,
    reading: Reading,
    current: Option<(PathBuf, Box<dyn Source>)>,
}

impl<I: Iterator<Item = PathBuf>> Iterator for Pictures<I> {
    type Item = Result<Picture>;

    fn next(&mut self) -> Option<Result<Picture>> {
        loop {
            if let Some((path, source)) = &mut self.current {
                match source.next_picture().in_file(path).transpose() {
                    Some(picture) => return Some(picture),
                    None => self.current = None,
                }
            }
            let path = self.inputs.next()?;
            match media::open(&path, self.reading).in_file(&path) {
                Ok(source) => self.current = Some((path, source)),
                Err(e) => return Some(Err(e)),
            }
        }
    }
}
