//! Pictures as pixels for a screen.

use girih::screen::{Row, Screen};
use girih::{Color, Picture};
use rayon::prelude::*;

/// Pixels as 0x00RRGGBB, rows without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u32>,
}

/// Converts a picture.
pub fn convert(picture: &Picture, color: Color) -> Image {
    let (width, height) = (picture.format.width, picture.format.height);
    let screen = Screen::new(picture.format, color);
    let pixel = |r, g, b| u32::from_be_bytes([0, r, g, b]);
    let mut pixels = vec![0; width * height];
    pixels
        .par_chunks_exact_mut(width)
        .enumerate()
        .for_each_init(Row::default, |row, (y, out)| screen.row(picture, y, row, out, pixel));
    Image { width, height, pixels }
}
