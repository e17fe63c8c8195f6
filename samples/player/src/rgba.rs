//! From pictures to what a canvas takes.

use girih::screen::{Row, Screen};
use girih::{Color, Picture};

/// Writes the pixels R, G, B, 255 of a picture.
pub fn convert(picture: &Picture, color: Color, out: &mut Vec<u8>) {
    let (width, height) = (picture.format.width, picture.format.height);
    let (screen, mut row) = (Screen::new(picture.format, color), Row::default());
    out.resize(width * height * 4, 0);
    for (y, out) in out.chunks_exact_mut(width * 4).enumerate() {
        screen.row(picture, y, &mut row, out.as_chunks_mut().0, |r, g, b| [r, g, b, 255]);
    }
}
