//! What is played: pictures one after the other, from any place.

mod coded;
mod packets;
mod plain;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use girih::inspect::{BlockView, FrameReport};
use girih::stream::container;
use girih::{CodebookSet, Picture};

use crate::media::{Description, ffmpeg};

/// A picture, and what is known of its coding when that was asked for.
#[derive(Clone)]
pub struct Shot {
    pub picture: Picture,
    pub coding: Option<Arc<Coding>>,
}

impl Shot {
    pub fn pts(&self) -> i64 {
        self.picture.pts
    }
}

/// How a picture is coded.
pub struct Coding {
    pub report: FrameReport,
    pub blocks: Vec<BlockView>,
}

/// Pictures in display order.
pub trait Film {
    fn description(&self) -> &Description;

    /// The next picture, `None` after the last.
    fn next_shot(&mut self) -> Result<Option<Shot>>;

    /// Goes to the last place at or before the picture shown at `pts` where decoding can start, or to the first.
    fn rewind(&mut self, pts: i64) -> Result<()>;

    /// Time of the last key frame up to `pts`, if that is known without reading.
    fn key_before(&self, _pts: i64) -> Option<i64> {
        None
    }

    /// From the next [`rewind`](Self::rewind) on, tell also how pictures are coded.
    fn set_detail(&mut self, _on: bool) {}
}

/// Opens a file to be played. `.girih` and Matroska with Girih in it can show how they are coded.
pub fn open(path: &Path, codebook: Option<Arc<CodebookSet>>) -> Result<Box<dyn Film>> {
    if path.is_file() {
        let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
        if file.fill_buf()?.starts_with(&container::MAGIC) {
            return Ok(Box::new(coded::Coded::native(file, codebook)?));
        }
        if !is_plain(path, file.buffer()) {
            let input = ffmpeg::open_file(path)?;
            if ffmpeg::find_girih(&input).is_some() {
                return Ok(Box::new(coded::Coded::contained(input, codebook)?));
            }
        }
    }
    Ok(Box::new(plain::Plain::open(path)?))
}

/// Files that FFmpeg has nothing to do with, or that are for `media` to complain about.
fn is_plain(path: &Path, start: &[u8]) -> bool {
    start.is_empty() || start.starts_with(b"YUV4MPEG2") || crate::media::is_image(path)
}
