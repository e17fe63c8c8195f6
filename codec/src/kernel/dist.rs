//! Distortion between two blocks of samples of at most 10 bits.

mod scalar;
#[cfg(test)]
mod tests;
mod vector;

use fearless_simd::{Level, dispatch, i16x8, i16x16};

use super::level;
use vector::{Absolute, Measure, Squared};

/// The two blocks to compare.
#[derive(Clone, Copy)]
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
    sum_at::<Absolute>(level, q)
        .map_or_else(|| scalar::sad(q.a, q.a_stride, q.b, q.b_stride, q.w, q.h), |sum| sum as u32)
}

/// Sums of absolute differences between one block and those that start at four places of `b`.
pub fn sad4(
    a: &[u16],
    a_stride: usize,
    b: &[u16],
    at: [usize; 4],
    b_stride: usize,
    w: usize,
    h: usize,
) -> [u32; 4] {
    sad4_at(level(), &Blocks { a, a_stride, b, b_stride, w, h }, at)
}

fn sad4_at(level: Level, q: &Blocks, at: [usize; 4]) -> [u32; 4] {
    let others = at.map(|at| &q.b[at..]);
    match q.w {
        8 => dispatch!(level, simd => vector::sad4::<_, i16x8<_>, 8>(simd, q, others)),
        16 => dispatch!(level, simd => vector::sad4::<_, i16x16<_>, 16>(simd, q, others)),
        32 => dispatch!(level, simd => vector::sad4::<_, i16x16<_>, 32>(simd, q, others)),
        64 => dispatch!(level, simd => vector::sad4::<_, i16x16<_>, 64>(simd, q, others)),
        _ => others.map(|b| sad_at(level, &Blocks { b, ..*q })),
    }
}

/// Sums a measure where vectors fill the rows.
fn sum_at<M: Measure>(level: Level, q: &Blocks) -> Option<u64> {
    // Taller blocks of squares could overflow a vector's sums.
    if q.h > 64 || q.h == 0 {
        return None;
    }
    Some(match q.w {
        4 => dispatch!(level, simd => vector::sum4::<_, M>(simd, q)),
        8 => dispatch!(level, simd => vector::sum::<_, M, i16x8<_>, 8>(simd, q)),
        16 => dispatch!(level, simd => vector::sum::<_, M, i16x16<_>, 16>(simd, q)),
        32 => dispatch!(level, simd => vector::sum::<_, M, i16x16<_>, 32>(simd, q)),
        64 => dispatch!(level, simd => vector::sum::<_, M, i16x16<_>, 64>(simd, q)),
        _ => return None,
    })
}

/// Sum of squared differences of two `w` x `h` blocks.
pub fn ssd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u64 {
    ssd_at(level(), &Blocks { a, a_stride, b, b_stride, w, h })
}

fn ssd_at(level: Level, q: &Blocks) -> u64 {
    sum_at::<Squared>(level, q).unwrap_or_else(|| scalar::ssd(q.a, q.a_stride, q.b, q.b_stride, q.w, q.h))
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

/// `src - pred` into a dense `w` x `h` block of at most 64x64; returns the sum of its squares.
pub fn residual(src: &[u16], ss: usize, pred: &[u16], ps: usize, out: &mut [i16], w: usize, h: usize) -> u32 {
    residual_at(level(), &Blocks { a: src, a_stride: ss, b: pred, b_stride: ps, w, h }, out)
}

fn residual_at(level: Level, q: &Blocks, out: &mut [i16]) -> u32 {
    dispatch!(level, simd => vector::residual(simd, q, out))
}
