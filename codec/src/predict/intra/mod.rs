//! Intra prediction of one transform block (SPEC.md, "Intra prediction").

mod angular;
mod edges;
mod modes;

pub use edges::{Edges, gather};
pub use modes::{ANGLES, DC, FIRST_ANGLE, HORIZONTAL, INTRA_MODES, PAETH, PLANAR, VERTICAL, mode_class};

/// Longest edge: width plus height of the largest transform, and the corner.
pub const EDGE: usize = 64 + 1;

/// Predicts `w` x `h` samples into `out` (rows of `w`) by `mode`.
pub fn predict(out: &mut [u16], e: &Edges, w: usize, h: usize, mode: u8, luma: bool, bit_depth: u8) {
    match mode {
        PLANAR => planar(out, e, w, h),
        DC => out[..w * h].fill(dc(e, w, h)),
        PAETH => paeth(out, e, w, h),
        _ => angular::predict(
            out,
            e,
            w,
            h,
            mode,
            ANGLES[usize::from(mode - FIRST_ANGLE).min(32)],
            luma,
            bit_depth,
        ),
    }
    if matches!(mode, PLANAR | DC | HORIZONTAL | VERTICAL) {
        blend_edges(out, e, w, h, mode, bit_depth);
    }
}

/// Mean of the edge samples next to the block (of the longer side alone if they differ).
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
fn planar(out: &mut [u16], e: &Edges, w: usize, h: usize) {
    let (lw, lh) = (w.trailing_zeros(), h.trailing_zeros());
    let (right, below) = (u32::from(e.above[w + 1]), u32::from(e.left[h + 1]));
    for (y, row) in out.chunks_exact_mut(w).take(h).enumerate() {
        let left = u32::from(e.left[y + 1]);
        for (x, o) in row.iter_mut().enumerate() {
            let (xi, yi) = (x as u32 + 1, y as u32 + 1);
            let horizontal = ((w as u32 - xi) * left + xi * right) << lh;
            let vertical = ((h as u32 - yi) * u32::from(e.above[x + 1]) + yi * below) << lw;
            *o = ((horizontal + vertical + (1 << (lw + lh))) >> (lw + lh + 1)) as u16;
        }
    }
}

/// Of left, above and corner the one nearest to left + above - corner.
fn paeth(out: &mut [u16], e: &Edges, w: usize, h: usize) {
    let corner = i32::from(e.above[0]);
    for (y, row) in out.chunks_exact_mut(w).take(h).enumerate() {
        let left = i32::from(e.left[y + 1]);
        for (x, o) in row.iter_mut().enumerate() {
            let above = i32::from(e.above[x + 1]);
            let base = left + above - corner;
            let (dl, da, dc) = ((base - left).abs(), (base - above).abs(), (base - corner).abs());
            *o = if dl <= da && dl <= dc {
                left
            } else if da <= dc {
                above
            } else {
                corner
            } as u16;
        }
    }
}

/// Pulls the samples near the edges towards them, the less the farther away.
fn blend_edges(out: &mut [u16], e: &Edges, w: usize, h: usize, mode: u8, bit_depth: u8) {
    let scale = (w.trailing_zeros() + h.trailing_zeros() - 2) >> 2;
    let weight = |i: usize| 32i32 >> ((2 * i as u32) >> scale).min(31);
    let max = (1i32 << bit_depth) - 1;
    let corner = i32::from(e.above[0]);
    for (y, row) in out.chunks_exact_mut(w).take(h).enumerate() {
        let left = i32::from(e.left[y + 1]);
        let wt = weight(y);
        if wt == 0 && mode == HORIZONTAL {
            break;
        }
        for (x, o) in row.iter_mut().enumerate() {
            let (v, above, wl) = (i32::from(*o), i32::from(e.above[x + 1]), weight(x));
            if wl == 0 && wt == 0 {
                break;
            }
            let r = match mode {
                HORIZONTAL => v + ((wt * (above - corner) + 32) >> 6),
                VERTICAL => v + ((wl * (left - corner) + 32) >> 6),
                _ => v + ((wl * (left - v) + wt * (above - v) + 32) >> 6),
            };
            *o = r.clamp(0, max) as u16;
        }
    }
}

/// Adds the scaled deviation of the luma samples from their mean to a chroma prediction (`pred`, rows of `w`).
/// `luma` is the reconstructed luma plane from the sample that lies over chroma sample (0, 0).
#[allow(clippy::too_many_arguments)]
pub fn chroma_from_luma(
    pred: &mut [u16],
    w: usize,
    h: usize,
    luma: &[u16],
    stride: usize,
    shift: usize,
    alpha: i8,
    bit_depth: u8,
) {
    let mut sums = [0i32; 32 * 32];
    // Luma in 1/8: a sum of four samples twice, or one sample eight times.
    for (y, row) in sums.chunks_exact_mut(w).take(h).enumerate() {
        let a = &luma[(y << shift) * stride..];
        for (x, s) in row.iter_mut().enumerate() {
            let x2 = x << shift;
            *s = if shift == 1 {
                2 * (i32::from(a[x2])
                    + i32::from(a[x2 + 1])
                    + i32::from(a[stride + x2])
                    + i32::from(a[stride + x2 + 1]))
            } else {
                8 * i32::from(a[x2])
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
