//! What stands for sound in a program built without it.

use std::path::Path;

use anyhow::{Result, bail};
use ffmpeg_next::media;

use crate::media::{self as files, ffmpeg};

/// Nobody has one.
#[derive(Clone)]
pub enum Voice {}

impl Voice {
    pub fn position(&self) -> Option<f64> {
        match *self {}
    }

    pub fn seek(&self, _: f64) {
        match *self {}
    }

    pub fn play(&self, _: bool) {
        match *self {}
    }
}

pub struct Sound {
    pub voice: Voice,
}

/// Says so where there would be something to hear.
pub fn open(path: &Path) -> Result<Option<Sound>> {
    let input = if files::has_companions(path) { ffmpeg::open_file(path).ok() } else { None };
    if input.is_some_and(|i| i.streams().best(media::Type::Audio).is_some()) {
        bail!("this girih is built without sound");
    }
    Ok(None)
}
