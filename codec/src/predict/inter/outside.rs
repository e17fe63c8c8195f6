//! Blocks that reach beyond the border of a reference picture: predicted from a copy in which its edges are repeated.

use crate::picture::{Plane, Sample};

/// Samples that the longest filter reaches before and after a block.
const BEFORE: usize = 3;
const AFTER: usize = 4;

/// The widest block with the filter's reach and the margin that vectors read.
pub const STRIDE: usize = 64 + 16;
/// Rows likewise, and one more, as rows are taken whole.
const ROWS: usize = 64 + BEFORE + AFTER + 1;
/// Where the block begins in the copy.
pub const START: usize = BEFORE * STRIDE + BEFORE;

/// Whether the block of `w` x `h` at (x, y) needs samples beyond the plane's border.
#[inline]
pub fn is_outside(plane: &Plane<impl Sample>, x: isize, y: isize, w: usize, h: usize) -> bool {
    let pad = plane.pad() as isize;
    let beyond = |at: isize, n: usize, limit: usize| {
        at - (BEFORE as isize) < -pad || at + (n + AFTER) as isize > limit as isize + pad
    };
    beyond(x, w, plane.width()) || beyond(y, h, plane.height())
}

/// The block and the samples around it.
#[cold]
#[inline(never)]
pub fn copy<T: Sample>(plane: &Plane<T>, x: isize, y: isize, w: usize, h: usize) -> [T; STRIDE * ROWS] {
    let mut copy = [T::default(); STRIDE * ROWS];
    let (n, width) = (w + BEFORE + AFTER, plane.width() as isize);
    let left = x - BEFORE as isize;
    // Columns before the plane, and up to its end.
    let before = (-left).clamp(0, n as isize) as usize;
    let inside = (width - left).clamp(before as isize, n as isize) as usize;
    for (i, to) in copy.chunks_exact_mut(STRIDE).take(h + BEFORE + AFTER).enumerate() {
        let at = (y + i as isize - BEFORE as isize).clamp(0, plane.height() as isize - 1);
        let row = plane.row(at as usize);
        to[..before].fill(row[0]);
        if inside > before {
            let first = (left + before as isize) as usize;
            to[before..inside].copy_from_slice(&row[first..first + inside - before]);
        }
        to[inside..n].fill(row[row.len() - 1]);
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::super::interp::Taps;
    use super::super::{Moved, Mv, Rect, SMALL_PAD, fetch};
    use super::*;
    use crate::kernel::testing::Rng;

    #[test]
    fn the_border_does_not_matter() {
        let mut r = Rng(1);
        let (w, h) = (40, 24);
        let samples = r.samples(w * h, 8);
        let padded = [0, SMALL_PAD, 80].map(|pad| {
            let mut plane = Plane::new(w, h, pad);
            (0..h).for_each(|y| plane.row_mut(y).copy_from_slice(&samples[y * w..(y + 1) * w]));
            plane.extend_border();
            plane
        });
        for round in 0..400 {
            let rect = Rect { x: 8 * r.range(0, 4) as usize, y: 8 * r.range(0, 2) as usize, w: 8, h: 8 };
            let reach = if round % 2 == 0 { 200 } else { 16000 };
            let mv = Mv { x: r.range(-reach, reach) as i16, y: r.range(-reach, reach) as i16 };
            let [a, b, c] = [0, 1, 2].map(|i| {
                let mut out = vec![0; 64 * 64];
                let m = Moved::luma(&padded[i], rect, mv, 8);
                let taps = if round % 3 > 0 { Taps::Luma } else { Taps::Chroma };
                fetch(&mut out, Moved { taps, ..m });
                out
            });
            assert!(a == c && b == c, "{rect:?} {mv:?}");
        }
    }
}
