//! Intra prediction of one transform block (SPEC.md, "Intra prediction").

mod angular;
mod edges;
mod modes;

use crate::kernel::level;
use crate::picture::Sample;
use fearless_simd::dispatch;

pub use edges::{Edges, gather};
pub use modes::{ANGLES, DC, FIRST_ANGLE, HORIZONTAL, INTRA_MODES, PAETH, PLANAR, VERTICAL, mode_class};

/// Longest edge: width plus height of the largest transform, and the corner.
pub const EDGE: usize = 64 + 1;

/// Predicts `w` x `h` samples into `out` (rows of `w`) by `mode`.
///
/// Plain code, which the compiler turns into vectors of the width that the machine has.
pub fn predict(out: &mut [u16], e: &Edges, w: usize, h: usize, mode: u8, luma: bool, bit_depth: u8) {
    dispatch!(level(), _simd => predict_in(out, e, w, h, mode, luma, bit_depth));
}

#[inline(always)]
fn predict_in(out: &mut [u16], e: &Edges, w: usize, h: usize, mode: u8, luma: bool, bit_depth: u8) {
    match mode {
        PLANAR => planar(out, e, w, h),
        DC => out[..w * h].fill(dc(e, w, h)),
        PAETH => paeth(out, e, w, h),
        _ => {
            let angle = ANGLES[usize::from(mode - FIRST_ANGLE).min(32)];
            angular::predict(out, e, w, h, mode, angle, luma, bit_depth);
        }
    }
    if matches!(mode, PLANAR | DC | HORIZONTAL | VERTICAL) {
        blend_edges(out, e, w, h, mode, bit_depth);
    }
}

/// Mean of the edge samples next to the block (of the longer side alone if they differ).
#[inline(always)]
fn dc(e: &Edges, w: usize, h: usize) -> u16 {
    let above = e.above[1..=w].iter().map(|&v| u32::from(v)).sum::<u32>();
    let left = e.left[1..=h].iter().map(|&v| u32::from(v)).sum::<u32>();
    let (sum, n) = match w.cmp(&h) {
        std::cmp::Ordering::Greater => (above, w as u32),
        std::cmp::Ordering::Less => (left, h as u32),
        std::cmp::Ordering::Equal => (above + left, 2 * w as u32),
    };
    ((sum + n / 2) / n) as u16
}

/// Bilinear surface through the edges and the samples at their far ends.
#[inline(always)]
fn planar(out: &mut [u16], e: &Edges, w: usize, h: usize) {
    let (lw, lh) = (w.trailing_zeros(), h.trailing_zeros());
    let (right, below) = (u32::from(e.above[w + 1]), u32::from(e.left[h + 1]));
    for (y, row) in out.chunks_exact_mut(w).take(h).enumerate() {
        let left = u32::from(e.left[y + 1]);
        let yi = y as u32 + 1;
        for (x, (o, &above)) in row.iter_mut().zip(&e.above[1..]).enumerate() {
            let xi = x as u32 + 1;
            let horizontal = ((w as u32 - xi) * left + xi * right) << lh;
            let vertical = ((h as u32 - yi) * u32::from(above) + yi * below) << lw;
            *o = ((horizontal + vertical + (1 << (lw + lh))) >> (lw + lh + 1)) as u16;
        }
    }
}

/// Of left, above and corner the one nearest to left + above - corner.
#[inline(always)]
fn paeth(out: &mut [u16], e: &Edges, w: usize, h: usize) {
    let corner = i32::from(e.above[0]);
    for (y, row) in out.chunks_exact_mut(w).take(h).enumerate() {
        let left = i32::from(e.left[y + 1]);
        for (o, &above) in row.iter_mut().zip(&e.above[1..]) {
            let above = i32::from(above);
            let base = left + above - corner;
            let (dl, da, dc) = ((base - left).abs(), (base - above).abs(), (base - corner).abs());
            let second = if da <= dc { above } else { corner };
            *o = if dl <= da && dl <= dc { left } else { second } as u16;
        }
    }
}

/// Pulls the samples near the edges towards them, the less the farther away.
#[inline(always)]
fn blend_edges(out: &mut [u16], e: &Edges, w: usize, h: usize, mode: u8, bit_depth: u8) {
    let scale = (w.trailing_zeros() + h.trailing_zeros() - 2) >> 2;
    let weight = |i: usize| 32i32 >> ((2 * i as u32) >> scale).min(31);
    // From here on weights are zero.
    let reach = 3usize << scale;
    let mut weights = [0i32; 32];
    weights.iter_mut().take(reach).enumerate().for_each(|(i, v)| *v = weight(i));
    let max = (1i32 << bit_depth) - 1;
    let corner = i32::from(e.above[0]);
    let rows = if mode == HORIZONTAL { reach.min(h) } else { h };
    for (y, row) in out.chunks_exact_mut(w).take(rows).enumerate() {
        let (left, wt) = (i32::from(e.left[y + 1]), weights[y]);
        let columns = if mode == VERTICAL || wt == 0 { reach.min(w) } else { w };
        let across = row[..columns].iter_mut().zip(&e.above[1..]).zip(&weights);
        match mode {
            HORIZONTAL => across.for_each(|((o, &above), _)| {
                *o = (i32::from(*o) + ((wt * (i32::from(above) - corner) + 32) >> 6)).clamp(0, max) as u16;
            }),
            VERTICAL => across.for_each(|((o, _), wl)| {
                *o = (i32::from(*o) + ((wl * (left - corner) + 32) >> 6)).clamp(0, max) as u16;
            }),
            _ => across.for_each(|((o, &above), wl)| {
                let v = i32::from(*o);
                *o = (v + ((wl * (left - v) + wt * (i32::from(above) - v) + 32) >> 6)).clamp(0, max) as u16;
            }),
        }
    }
}

/// Adds the scaled deviation of the luma samples from their mean to a chroma prediction (`pred`, rows of `w`).
/// `luma` is the reconstructed luma plane from the sample that lies over chroma sample (0, 0).
#[allow(clippy::too_many_arguments)]
pub fn chroma_from_luma<T: Sample>(
    pred: &mut [u16],
    w: usize,
    h: usize,
    luma: &[T],
    stride: usize,
    shift: usize,
    alpha: i8,
    bit_depth: u8,
) {
    let mut sums = [0i32; 32 * 32];
    // Luma in 1/8: a sum of four samples twice, or one sample eight times.
    for (y, row) in sums.chunks_exact_mut(w).take(h).enumerate() {
        let a = &luma[(y << shift) * stride..];
        let at = |i: usize| -> i32 { a[i].into() };
        for (x, s) in row.iter_mut().enumerate() {
            let x2 = x << shift;
            *s = if shift == 1 {
                2 * (at(x2) + at(x2 + 1) + at(stride + x2) + at(stride + x2 + 1))
            } else {
                8 * at(x2)
            };
        }
    }
    let n = (w * h) as i32;
    let mean = (sums[..w * h].iter().sum::<i32>() + n / 2) / n;
    let max = (1i32 << bit_depth) - 1;
    for (p, s) in pred.iter_mut().zip(&sums[..w * h]) {
        let d = (i32::from(alpha) * (s - mean) + 32) >> 6;
        *p = (i32::from(*p) + d).clamp(0, max) as u16;
    }
}
