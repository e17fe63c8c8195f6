//! A picture of a codebook: each word as the pattern of samples that it adds.

use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Result, bail};
use girih::inspect::BookInfo;
use girih::transform::{TxType, inverse_add};
use image::{GrayImage, ImageFormat, Luma};

use crate::media::pending::Pending;

/// Side of a pattern, and its distance from the next.
const SIDE: usize = 8;
const PITCH: usize = SIDE + 1;
/// Patterns in a row, and samples between books and between kinds.
const COLUMNS: usize = 64;
const GAP: usize = 8;
/// Coefficient of one quantiser step: such that the mean moves by 12 levels.
const STEP: i32 = 384;

/// Writes the picture: the kinds side by side; below each other dimensions and classes; in each book the words by
/// falling probability.
pub fn write(path: &Path, books: &[BookInfo], overwrite: bool) -> Result<()> {
    if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) {
        bail!("the name of the mosaic must end in .png");
    }
    let pending = Pending::create(path, overwrite)?;
    let mut png = Cursor::new(Vec::new());
    draw(books).write_to(&mut png, ImageFormat::Png)?;
    pending.open()?.write_all(&png.into_inner())?;
    pending.commit()
}

fn draw(books: &[BookInfo]) -> GrayImage {
    let kinds = books.iter().map(|b| b.kind + 1).max().unwrap_or(1);
    let width = GAP + kinds * (COLUMNS * PITCH + GAP);
    // Books of all kinds with the same dimension and class stand in one row.
    let per_kind = books.len() / kinds;
    let rows = |i: usize| {
        let words = (0..kinds).map(|k| books[k * per_kind + i].words.len()).max().unwrap_or(0);
        // Nothing but zero: not worth a row.
        if words > 1 { words.div_ceil(COLUMNS) } else { 0 }
    };
    let height: usize =
        GAP + (0..per_kind).map(rows).filter(|&n| n > 0).map(|n| n * PITCH + GAP).sum::<usize>();
    let mut image = GrayImage::from_pixel(width as u32, height as u32, Luma([24]));
    let mut y = GAP;
    for i in (0..per_kind).filter(|&i| rows(i) > 0) {
        for k in 0..kinds {
            let x = GAP + k * (COLUMNS * PITCH + GAP);
            draw_book(&mut image, (x, y), &books[k * per_kind + i]);
        }
        y += rows(i) * PITCH + GAP;
    }
    image
}

fn draw_book(image: &mut GrayImage, (x, y): (usize, usize), b: &BookInfo) {
    let mut order: Vec<usize> = (0..b.words.len()).collect();
    order.sort_by(|&i, &j| b.probability[j].total_cmp(&b.probability[i]).then(i.cmp(&j)));
    for (n, i) in order.into_iter().enumerate() {
        let (left, top) = (x + n % COLUMNS * PITCH, y + n / COLUMNS * PITCH);
        for (at, v) in pattern(&b.words[i], b.columns).into_iter().enumerate() {
            image.put_pixel((left + at % SIDE) as u32, (top + at / SIDE) as u32, Luma([v]));
        }
    }
}

/// What a word adds to a grey block where it holds the lowest frequencies, all signs positive; softened where it
/// would leave the range.
fn pattern(word: &[i16], columns: usize) -> [u8; SIDE * SIDE] {
    const GREY: i32 = 1 << 15;
    let mut coeffs = [0; SIDE * SIDE];
    for (k, &v) in word.iter().enumerate() {
        coeffs[k / columns * SIDE + k % columns] = i32::from(v) * STEP / 16;
    }
    let mut samples = [512u16; SIDE * SIDE];
    inverse_add(&coeffs, SIDE, SIDE, &mut samples, SIDE, 3, 3, TxType::DCT, 10);
    let change = samples.map(|v| i32::from(v) - 512);
    let most = change.iter().map(|c| c.abs()).max().unwrap_or(0).max(127);
    change.map(|c| ((GREY + c * 127 * 256 / most) >> 8).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_show_their_words() {
        assert_eq!(pattern(&[0; 8], 4), [128; 64]);
        let dc = pattern(&[16, 0, 0, 0, 0, 0, 0, 0], 4);
        assert!(dc.iter().all(|v| (139..=141).contains(v)), "{dc:?}");
        let across = pattern(&[0, 32], 2);
        assert!(across[0] > 140 && across[7] < 116 && across[0] == across[56]);
        assert!(pattern(&[224], 1).iter().all(|&v| v > 250), "limited, not wrapped");
    }
}
