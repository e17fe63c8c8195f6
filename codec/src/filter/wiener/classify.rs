//! The class of each 4x4 luma block: how active it is and whether it has a direction.

use super::taps::TURNS;
use crate::filter::band::SUPERBLOCK;
use crate::filter::window::{STRIDE, Window};
use fearless_simd::{i16x8, i16x16, prelude::*, u16x16};

/// Classes: five kinds of direction times five degrees of activity.
pub const CLASSES: usize = 25;
/// 4x4 blocks along the side of a superblock.
pub const BLOCKS: usize = SUPERBLOCK / 4;

/// Class (low 5 bits) and turn (above them) of each 4x4 block of a superblock in raster order.
pub type ClassMap = [u8; BLOCKS * BLOCKS];

/// Splits an entry of a [`ClassMap`].
#[inline]
pub fn class_and_turn(entry: u8) -> (usize, usize) {
    (usize::from(entry & 31), usize::from(entry >> 5) & (TURNS - 1))
}

/// Sums of second differences: horizontal, vertical, down-right and down-left.
type Gradients = [i32; 4];

/// Mean activity per sample from which on a block belongs to the next degree.
const ACTIVITY: [i32; 4] = [1, 2, 7, 15];

/// Samples that take part: every second row of the 8x8 around a block, at 32 places.
const PLACES: i32 = 32;

/// The class follows from how much the strongest direction stands out and from the activity; the turn
/// brings the block into the attitude in which it changes more vertically than horizontally, and more
/// along the rising than the falling diagonal. Without branches, so that many blocks are classified at once.
#[inline(always)]
fn classify_block([h, v, falling, rising]: Gradients) -> u8 {
    let degree: i32 = ACTIVITY.map(|a| i32::from(h + v >= a * PLACES)).iter().sum();
    let (straight, weak_straight) = (h.max(v), h.min(v));
    let (diagonal, weak_diagonal) = (falling.max(rising), falling.min(rising));
    // Compares the ratios straight / weak_straight and diagonal / weak_diagonal. Sums are below 2^15.
    let upright = straight * weak_diagonal > diagonal * weak_straight;
    let (strong, weak) = if upright { (straight, weak_straight) } else { (diagonal, weak_diagonal) };
    let directed = i32::from(strong > 2 * weak);
    let kind = directed * (1 + 2 * i32::from(upright) + i32::from(2 * strong > 9 * weak));
    let turn = i32::from(h > v) | i32::from(falling > rising) << 1;
    (kind * 5 + degree) as u8 | (turn as u8) << 5
}

/// Sums of the four kinds by groups of four columns, of which the last ones are not used.
type Columns = [[i32; BLOCKS + 4]; 4];

/// Classifies the `w` x `h` luma samples of a superblock, both multiples of 4. Blocks beyond get any class.
#[inline(always)]
pub fn classify<S: Simd>(simd: S, window: &Window, w: usize, h: usize, bit_depth: u8) -> ClassMap {
    let mut map = [0; BLOCKS * BLOCKS];
    let mut above = row_pair(simd, window, 0, w, bit_depth);
    for (y, map) in map.chunks_exact_mut(BLOCKS).enumerate().take(h / 4) {
        // Rows -2 and 0 of the blocks below, which are rows 2 and 4 of these.
        let here = row_pair(simd, window, y + 1, w, bit_depth);
        for (x, class) in map.iter_mut().enumerate() {
            let mut sums = [0; 4];
            for ((sum, above), here) in sums.iter_mut().zip(&above).zip(&here) {
                *sum = above[x] + above[x + 1] + here[x] + here[x + 1];
            }
            *class = classify_block(sums);
        }
        above = here;
    }
    map
}

/// Sums over rows 4 * pair - 2 and 4 * pair, by groups of four columns from column -2 on.
#[inline(always)]
fn row_pair<S: Simd>(simd: S, window: &Window, pair: usize, w: usize, bit_depth: u8) -> Columns {
    let mut groups = [[0; BLOCKS + 4]; 4];
    let first = Window::at(0, 4 * pair) - 2 * STRIDE - 2;
    let one = i16x16::splat(simd, 1);
    for x in (0..w + 4).step_by(16) {
        let mut sums = [u16x16::splat(simd, 0); 4];
        for row in [0, 2 * STRIDE] {
            // The 16 samples and one more on every side.
            let part: &[u16; 2 * STRIDE + 18] = window.data()[first + row + x - STRIDE - 1..]
                .first_chunk()
                .expect("a window has a margin of three rows and eight columns");
            let at = |dx: usize, dy: usize| {
                let i = dy * STRIDE + dx;
                u16x16::from_slice(simd, &part[i..i + 16]).bitcast::<i16x16<S>>()
            };
            let twice = at(1, 1) << 1;
            let ends = [at(0, 1) + at(2, 1), at(1, 0) + at(1, 2), at(0, 0) + at(2, 2), at(2, 0) + at(0, 2)];
            for (sum, ends) in sums.iter_mut().zip(ends) {
                let change = (twice - ends).abs().bitcast::<u16x16<S>>();
                *sum += change >> (u32::from(bit_depth) - 8);
            }
        }
        for (group, sum) in groups.iter_mut().zip(sums) {
            // Two by two, and again: none exceeds 15 bits.
            let (low, high) = sum.bitcast::<i16x16<S>>().pairwise_dot_product(one).split();
            let fours = low.saturating_narrow(high).pairwise_dot_product(i16x8::splat(simd, 1));
            fours.store_slice(&mut group[x / 4..x / 4 + 4]);
        }
    }
    groups
}

/// The same as [`classify`] for the block at (x, y), sample by sample.
#[cfg(test)]
pub fn classify_scalar(window: &Window, x: usize, y: usize, bit_depth: u8) -> u8 {
    let at = |dx: isize, dy: isize| {
        let position = Window::at(x, y) as isize + dy * STRIDE as isize + dx;
        i32::from(window.data()[position as usize])
    };
    let mut sums = Gradients::default();
    for j in [-2, 0, 2, 4] {
        for i in -2..6 {
            for (sum, (dx, dy)) in sums.iter_mut().zip([(1, 0), (0, 1), (1, 1), (-1, 1)]) {
                let change = (2 * at(i, j) - at(i - dx, j - dy) - at(i + dx, j + dy)).abs();
                *sum += change >> (bit_depth - 8);
            }
        }
    }
    classify_block(sums)
}
