//! Playing without a user, for tests: keys pressed one after the other, then a picture of the window.

use std::collections::VecDeque;
use std::path::PathBuf;

use anyhow::{Context, Result};
use image::{ImageFormat, RgbImage};

use super::image::Image;
use super::keys::{self, Action};
use crate::args::Play;
use crate::error::InFile;

/// What is still to be done.
pub struct Script {
    keys: VecDeque<Action>,
    screenshot: PathBuf,
}

impl Script {
    /// What the options ask for, if they do.
    pub fn of(args: &Play) -> Result<Option<Self>> {
        let Some(screenshot) = args.screenshot.clone() else { return Ok(None) };
        let press = |name: &String| {
            let key = keys::named(name).map_err(anyhow::Error::msg)?;
            keys::action(&key).with_context(|| format!("the key {name} does nothing"))
        };
        let keys = args.press.iter().map(press).collect::<Result<_>>()?;
        Ok(Some(Script { keys, screenshot }))
    }

    pub fn next_action(&mut self) -> Option<Action> {
        self.keys.pop_front()
    }

    pub fn save(&self, window: &Image) -> Result<()> {
        let bytes = window.pixels.iter().flat_map(|p| [(p >> 16) as u8, (p >> 8) as u8, *p as u8]).collect();
        let image =
            RgbImage::from_raw(window.width as u32, window.height as u32, bytes).context("no window")?;
        image.save_with_format(&self.screenshot, ImageFormat::Png).in_file(&self.screenshot)
    }
}
