//! Distortion between two blocks of samples (of at most 12 bits; SATD: 10).

#[cfg_attr(not(test), allow(dead_code))]
mod scalar;
#[cfg(test)]
mod tests;
mod vector;

use fearless_simd::{Level, dispatch};

use super::level;
use vector::{Absolute, Squared};

/// The two blocks to compare.
struct Blocks<'a> {
    a: &'a [u16],
    a_stride: usize,
    b: &'a [u16],
    b_stride: usize,
    w: usize,
    h: usize,
}

/// Sum of absolute differences of two `w` x `h` blocks.
pub fn sad(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    sad_at(level(), &Blocks { a, a_stride, b, b_stride, w, h })
}

fn sad_at(level: Level, q: &Blocks) -> u32 {
    if usual_width(q.w) {
        dispatch!(level, simd => vector::sum::<_, Absolute>(simd, q) as u32)
    } else {
        scalar::sad(q.a, q.a_stride, q.b, q.b_stride, q.w, q.h)
    }
}

/// Sum of squared differences of two `w` x `h` blocks.
pub fn ssd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u64 {
    ssd_at(level(), &Blocks { a, a_stride, b, b_stride, w, h })
}

fn ssd_at(level: Level, q: &Blocks) -> u64 {
    if usual_width(q.w) {
        dispatch!(level, simd => vector::sum::<_, Squared>(simd, q))
    } else {
        scalar::ssd(q.a, q.a_stride, q.b, q.b_stride, q.w, q.h)
    }
}

/// Whether vectors fill rows of this width.
fn usual_width(w: usize) -> bool {
    matches!(w, 4 | 8 | 16 | 32 | 64)
}

/// Sum of absolute Hadamard-transformed differences, scaled to be comparable with [`sad`].
///
/// 8x8 transforms where both sides are multiples of 8, else 4x4, else (tiny chroma) plain SAD.
pub fn satd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    satd_at(level(), &Blocks { a, a_stride, b, b_stride, w, h })
}

fn satd_at(level: Level, q: &Blocks) -> u32 {
    match (q.w | q.h) % 8 {
        0 => dispatch!(level, simd => vector::satd8(simd, q)),
        4 => dispatch!(level, simd => vector::satd4(simd, q)),
        _ => sad_at(level, q),
    }
}

/// `src - pred` into a dense `w` x `h` block.
pub fn residual(src: &[u16], ss: usize, pred: &[u16], ps: usize, out: &mut [i16], w: usize, h: usize) {
    residual_at(level(), &Blocks { a: src, a_stride: ss, b: pred, b_stride: ps, w, h }, out);
}

fn residual_at(level: Level, q: &Blocks, out: &mut [i16]) {
    dispatch!(level, simd => vector::residual(simd, q, out));
}
