//! Motion-compensated interpolation at 1/16 sample, with 14-bit intermediates, and the final rounding.

mod filter;
mod round;
#[cfg(test)]
mod scalar;
mod sums;
#[cfg(test)]
mod tests;
mod window;

use fearless_simd::{Level, dispatch};

pub use super::Balance;
use crate::kernel::level;
use crate::picture::Sample;
use round::Target;
pub(super) use round::{Intermediate, Mean, Output, Samples};

/// Which filter bank interpolates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taps {
    /// 8 taps.
    Luma,
    /// 4 taps.
    Chroma,
}

impl Taps {
    fn len(self) -> usize {
        match self {
            Taps::Luma => 8,
            Taps::Chroma => 4,
        }
    }
}

/// Phases 0 to 8 of 16; the others are these mirrored. Each row sums to 64.
const LUMA: [[i16; 8]; 9] = [
    [0, 0, 0, 64, 0, 0, 0, 0],
    [0, 1, -3, 63, 4, -2, 1, 0],
    [-1, 2, -5, 62, 8, -3, 1, 0],
    [-1, 3, -8, 60, 13, -4, 1, 0],
    [-1, 4, -10, 58, 17, -5, 1, 0],
    [-1, 4, -11, 52, 26, -8, 3, -1],
    [-1, 3, -9, 47, 31, -10, 4, -1],
    [-1, 4, -11, 45, 34, -10, 4, -1],
    [-1, 4, -11, 40, 40, -11, 4, -1],
];

const CHROMA: [[i16; 4]; 9] = [
    [0, 64, 0, 0],
    [-2, 62, 4, 0],
    [-2, 58, 10, -2],
    [-4, 56, 14, -2],
    [-4, 54, 16, -2],
    [-6, 52, 20, -2],
    [-6, 46, 28, -4],
    [-4, 42, 30, -4],
    [-4, 36, 36, -4],
];

/// All 16 phases from the first 9.
const fn mirrored<const N: usize>(half: &[[i16; N]; 9]) -> [[i16; N]; 16] {
    let mut all = [[0; N]; 16];
    let mut phase = 0;
    while phase < 16 {
        let mut i = 0;
        while i < N {
            all[phase][i] = if phase <= 8 { half[phase][i] } else { half[16 - phase][N - 1 - i] };
            i += 1;
        }
        phase += 1;
    }
    all
}

static LUMA_TAPS: [[i16; 8]; 16] = mirrored(&LUMA);
static CHROMA_TAPS: [[i16; 4]; 16] = mirrored(&CHROMA);

/// A block to interpolate.
pub(super) struct Request<'a, T> {
    pub src: &'a [T],
    pub pos: usize,
    pub stride: usize,
    pub w: usize,
    pub h: usize,
    pub fx: usize,
    pub fy: usize,
    pub bd: u8,
}

/// Samples that the filter reaches before the block, in a direction with this fraction.
fn before(fraction: usize, taps: Taps) -> usize {
    if fraction > 0 { taps.len() / 2 - 1 } else { 0 }
}

/// Samples that the filter reaches before and after the block.
fn reach(fraction: usize, taps: Taps) -> usize {
    if fraction > 0 { taps.len() - 1 } else { 0 }
}

/// Predicts a `w` x `h` block (sides up to 64) at `pos` plus (`fx`, `fy`) sixteenths of a sample, as 14-bit
/// intermediates (saturated: overshoot at both edges of a pattern can exceed 16 bits).
///
/// The filter reaches 3 samples (chroma: 1) before the block and 4 (chroma: 2) after it, in each direction
/// whose fraction is not zero; `src` must hold them.
#[allow(clippy::too_many_arguments)]
pub fn interpolate<T: Sample>(
    src: &[T],
    pos: usize,
    stride: usize,
    out: &mut [i16],
    out_stride: usize,
    w: usize,
    h: usize,
    fx: usize,
    fy: usize,
    taps: Taps,
    bit_depth: u8,
) {
    let q = Request { src, pos, stride, w, h, fx, fy, bd: bit_depth };
    interpolate_at(level(), &q, taps, &mut Intermediate { out, stride: out_stride });
}

/// The same into any kind of output.
#[inline]
pub(super) fn interpolate_into(q: &Request<impl Sample>, taps: Taps, out: &mut impl Output) {
    interpolate_at(level(), q, taps, out);
}

#[inline]
fn interpolate_at(level: Level, q: &Request<impl Sample>, taps: Taps, out: &mut impl Output) {
    // Vectors read past the block's right edge and rows are taken whole: the last ones may not have so much.
    let rows = q.h + reach(q.fy, taps) - before(q.fy, taps);
    let end = q.pos + rows * q.stride + q.w - before(q.fx, taps);
    if end > q.src.len() || q.stride < q.w.next_multiple_of(8) + 8 {
        return window::with_copy(q, taps, |q| run(level, q, taps, out));
    }
    run(level, q, taps, out);
}

#[inline]
fn run(level: Level, q: &Request<impl Sample>, taps: Taps, out: &mut impl Output) {
    match taps {
        _ if q.fx == 0 && q.fy == 0 => dispatch!(level, simd => filter::copy(simd, q, out)),
        Taps::Luma => run_bank(level, q, &LUMA_TAPS, out),
        Taps::Chroma => run_bank(level, q, &CHROMA_TAPS, out),
    }
}

fn run_bank<P: Sample, const T: usize>(
    level: Level,
    q: &Request<P>,
    bank: &[[i16; T]; 16],
    out: &mut impl Output,
) {
    match (q.fx, q.fy, if P::BYTE { 8 } else { q.bd }) {
        (_, 0, 8) => dispatch!(level, simd => filter::horizontal8(simd, q, bank, out)),
        (0, _, 8) => dispatch!(level, simd => filter::vertical8(simd, q, bank, out)),
        (_, 0, _) => dispatch!(level, simd => filter::horizontal(simd, q, bank, out)),
        (0, _, _) => dispatch!(level, simd => filter::vertical(simd, q, bank, out)),
        (_, _, 8) => dispatch!(level, simd => filter::both::<_, _, T, true>(simd, q, bank, out)),
        (_, _, _) => dispatch!(level, simd => filter::both::<_, _, T, false>(simd, q, bank, out)),
    }
}

/// Rounds 14-bit intermediates to samples.
pub fn put<T: Sample>(
    dst: &mut [T],
    stride: usize,
    pred: &[i16],
    pred_stride: usize,
    w: usize,
    h: usize,
    bd: u8,
) {
    let mut t = Target { dst, stride, pred_stride, w, h, bd: u32::from(bd) };
    dispatch!(level(), simd => round::put(simd, &mut t, pred));
}

/// The rounded mean of two predictions, of which one may count for more.
#[allow(clippy::too_many_arguments)]
pub fn put_bi<T: Sample>(
    dst: &mut [T],
    stride: usize,
    a: &[i16],
    b: &[i16],
    balance: Balance,
    pred_stride: usize,
    w: usize,
    h: usize,
    bd: u8,
) {
    let mut t = Target { dst, stride, pred_stride, w, h, bd: u32::from(bd) };
    dispatch!(level(), simd => round::put_bi(simd, &mut t, a, b, balance));
}
