//! Anything else that has pictures: images, y4m, other codecs.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Film, Shot};
use crate::media::{self, Description, Reading, Source};

pub struct Plain {
    path: PathBuf,
    source: Box<dyn Source>,
    /// Times of all pictures met so far.
    times: Vec<i64>,
    /// Number of the next picture.
    next: usize,
}

impl Plain {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Plain { path: path.to_path_buf(), source: open(path)?, times: Vec::new(), next: 0 })
    }
}

fn open(path: &Path) -> Result<Box<dyn Source>> {
    media::open(path, Reading { exact: true, ..Reading::default() })
}

impl Film for Plain {
    fn description(&self) -> &Description {
        self.source.description()
    }

    fn next_shot(&mut self) -> Result<Option<Shot>> {
        let Some(picture) = self.source.next_picture()? else { return Ok(None) };
        if self.next == self.times.len() {
            self.times.push(picture.pts);
        }
        self.next += 1;
        Ok(Some(Shot { picture, coding: None }))
    }

    /// Opens the file anew when what is wanted has passed.
    fn rewind(&mut self, pts: i64) -> Result<()> {
        let wanted = self.times.partition_point(|&t| t <= pts).saturating_sub(1);
        // What comes through a pipe has passed for good.
        if wanted >= self.next || !self.path.is_file() {
            return Ok(());
        }
        self.source = open(&self.path)?;
        self.next = self.source.skip(wanted as u64)? as usize;
        Ok(())
    }
}
