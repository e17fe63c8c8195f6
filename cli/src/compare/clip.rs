//! A source that is read many times.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::vmaf::Vmaf;
use crate::args::Range;
use crate::media::{self, Description, Reading, Source};
use crate::progress::Progress;

/// A clip, opened anew for every pass over it.
pub struct Clip {
    pub path: PathBuf,
    pub description: Description,
    /// Number of frames, counted.
    pub frames: u64,
    /// Measures VMAF too.
    pub vmaf: Option<Vmaf>,
    range: Range,
    threads: usize,
}

impl Clip {
    pub fn open(path: &Path, range: Range, threads: usize) -> Result<Self> {
        if path == Path::new("-") {
            bail!("compare reads its input several times: give it a file");
        }
        let mut source = open(path, range, threads)?;
        let description = source.description().clone();
        let progress = Progress::new("counting", description.frames);
        let mut frames = 0;
        while source.next_picture()?.is_some() {
            frames += 1;
            progress.frame();
        }
        if frames == 0 {
            bail!("no picture in it");
        }
        Ok(Clip { path: path.into(), description, frames, vmaf: None, range, threads })
    }

    /// The pictures from the start.
    pub fn pictures(&self) -> Result<Box<dyn Source>> {
        open(&self.path, self.range, self.threads)
    }

    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Bytes of all samples, packed.
    pub fn raw_bytes(&self) -> f64 {
        let f = self.description.format;
        let samples: usize = (0..f.chroma.planes()).map(|p| f.plane_size(p)).map(|(w, h)| w * h).sum();
        samples as f64 * f64::from(f.bit_depth) / 8.0 * self.frames as f64
    }

    /// Luma samples of all frames.
    pub fn pixels(&self) -> f64 {
        (self.description.format.width * self.description.format.height) as f64 * self.frames as f64
    }

    pub fn seconds(&self) -> f64 {
        self.frames as f64 / self.description.fps()
    }
}

fn open(path: &Path, range: Range, threads: usize) -> Result<Box<dyn Source>> {
    Ok(media::select(media::open(path, Reading { threads, ..Reading::default() })?, range))
}
