//! `girih train`: a codebook from videos and images.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use girih::Picture;
use girih::train::{Clip, Options, train};

use crate::args::Train;
use crate::error::{InFile, display};
use crate::media::pending::Pending;
use crate::media::{self, Reading};

/// Pictures taken from each video: a run that is long enough for all layers of the frame structure.
const FRAMES: usize = 9;
/// Where the run starts, in pictures.
const SKIP: usize = 2;
/// Videos and images are represented by their middle, at most so large: many teach more than large ones.
const VIDEO: (usize, usize) = (416, 256);
const IMAGE: (usize, usize) = (256, 256);

pub fn run(args: &Train) -> Result<()> {
    let output = Pending::create(&args.output, args.overwrite).in_file(&args.output)?;
    let mut clips = Vec::new();
    for path in inputs(&args.inputs)? {
        clips.push(clip(&path, args.threads.count).in_file(&path)?);
    }
    if clips.iter().all(Vec::is_empty) {
        bail!("{}: no picture in it", display(&args.inputs[0]));
    }
    let set = train(&clips, &Options::default(), |r| {
        eprintln!(
            "round {}: {} bytes coded, {} vectors, {} codewords",
            r.number, r.bytes, r.vectors, r.words
        );
    })
    .in_file(&args.output)?;
    output.open().and_then(|mut f| f.write_all(&set.to_bytes())).in_file(&args.output)?;
    output.commit().in_file(&args.output)
}

/// The files named, and those in the folders named, in order of their names.
fn inputs(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in given {
        if path.is_dir() {
            let entries = fs::read_dir(path).in_file(path)?;
            let mut files: Vec<PathBuf> =
                entries.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>().in_file(path)?;
            files.retain(|f| f.is_file());
            files.sort();
            all.extend(files);
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}

/// The middle of a picture, at most `size`.
fn middle(p: &Picture, size: (usize, usize)) -> Picture {
    let mut format = p.format;
    (format.width, format.height) = (format.width.min(size.0), format.height.min(size.1));
    let mut out = Picture { pts: p.pts, ..Picture::new(format) };
    for (to, from) in out.planes.iter_mut().zip(&p.planes) {
        let (x, y) = ((from.width() - to.width()) / 2, (from.height() - to.height()) / 2);
        let w = to.width();
        for row in 0..to.height() {
            to.row_mut(row).copy_from_slice(&from.row(y + row)[x..x + w]);
        }
    }
    out
}

/// A run of pictures of a video, or the middle of an image.
fn clip(path: &Path, threads: usize) -> Result<Clip> {
    let mut source = media::open(path, Reading { threads, ..Reading::default() })?;
    let mut pictures: Vec<Picture> = Vec::new();
    while let Some(p) = source.next_picture()? {
        pictures.push(p);
        if pictures.len() == FRAMES + SKIP {
            break;
        }
    }
    if pictures.len() > SKIP + 1 {
        return Ok(pictures[SKIP..].iter().map(|p| middle(p, VIDEO)).collect());
    }
    Ok(pictures.iter().take(1).map(|p| middle(p, IMAGE)).collect())
}
