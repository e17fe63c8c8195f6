//! A superblock of one plane with its surroundings, copied together so that filters need not care about
//! the frame's edges.

use super::band::SUPERBLOCK;
use crate::picture::{Plane, Sample};
use fearless_simd::{i16x8, i16x16, prelude::*, u16x8, u64x2};

/// Rows kept above and below the superblock.
pub const MARGIN_Y: usize = 3;
/// Columns kept left and right; more than filters reach, so that rows stay aligned and whole vectors may be
/// read at the right end.
pub const MARGIN_X: usize = 8;
/// Distance in samples from one row to the next.
pub const STRIDE: usize = SUPERBLOCK + 2 * MARGIN_X;
/// The rows, and what a vector may read beyond the last.
const SIZE: usize = (SUPERBLOCK + 2 * MARGIN_Y) * STRIDE + 16;

/// What stands where the frame has no samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// This value.
    Mark(u16),
    /// The nearest sample of the frame.
    Repeat,
}

/// The copy. Sample (x, y) of the superblock is at `Window::at(x, y)`.
pub struct Window {
    data: Box<[u16; SIZE]>,
}

impl Window {
    pub fn new() -> Self {
        Window { data: Box::new([0; SIZE]) }
    }

    /// Position of a sample of the superblock in [`Window::data`].
    #[inline]
    pub fn at(x: usize, y: usize) -> usize {
        (y + MARGIN_Y) * STRIDE + x + MARGIN_X
    }

    #[inline]
    pub fn data(&self) -> &[u16] {
        &self.data[..]
    }

    /// Copies the `w` x `h` samples at (x, y) of `plane` with their surroundings.
    pub fn load<T: Sample>(
        &mut self,
        plane: &Plane<T>,
        x: usize,
        y: usize,
        w: usize,
        h: usize,
        outside: Outside,
    ) {
        let row = |i: isize| {
            let inside = y.checked_add_signed(i).filter(|&y| y < plane.height());
            inside.map(|y| plane.row(y))
        };
        self.load_rows(row, (x, w, h), None, outside);
    }

    /// The same of a superblock whose row `i`, -[`MARGIN_Y`] to `h` + [`MARGIN_Y`], is `row(i)`, `None` outside
    /// the frame. If the superblock to the left, `left` samples wide, was loaded last, then what stands left of
    /// this one is taken from the window, as it may have been filtered in place since.
    pub fn load_rows<'a, T: Sample>(
        &mut self,
        row: impl Fn(isize) -> Option<&'a [T]>,
        (x, w, h): (usize, usize, usize),
        left: Option<usize>,
        outside: Outside,
    ) {
        let before = MARGIN_X.min(x);
        for (i, to) in (-(MARGIN_Y as isize)..).zip(self.data.chunks_exact_mut(STRIDE)).take(h + 2 * MARGIN_Y)
        {
            let from = match (row(i), outside) {
                (Some(from), _) => from,
                (None, Outside::Mark(mark)) => {
                    to.fill(mark);
                    continue;
                }
                (None, Outside::Repeat) => row(i.clamp(0, h as isize - 1)).unwrap_or_default(),
            };
            let (first, last) = match outside {
                Outside::Mark(mark) => (mark, mark),
                Outside::Repeat => (from[0].into(), from[from.len() - 1].into()),
            };
            match left {
                Some(left) => to.copy_within(left..left + MARGIN_X, 0),
                None => {
                    copy_samples(&mut to[MARGIN_X - before..MARGIN_X], &from[x - before..x]);
                    to[..MARGIN_X - before].fill(first);
                }
            }
            let from = &from[x..];
            // Copies of constant length are a few moves, others a call.
            match w {
                SUPERBLOCK if copy::<_, SUPERBLOCK>(&mut to[MARGIN_X..], from) => continue,
                HALF if copy::<_, HALF>(&mut to[MARGIN_X..], from) => continue,
                _ => {}
            }
            let n = from.len().min(w + MARGIN_X);
            copy_samples(&mut to[MARGIN_X..MARGIN_X + n], &from[..n]);
            to[MARGIN_X + n..].fill(last);
        }
    }
}

/// Side of a superblock in chroma of half the size.
const HALF: usize = SUPERBLOCK / 2;

#[inline(always)]
fn copy_samples<T: Sample>(to: &mut [u16], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, &v)| *to = v.into());
}

/// Copies the first `N` samples and the margin; false if there are fewer.
#[inline]
fn copy<T: Sample, const N: usize>(to: &mut [u16], from: &[T]) -> bool {
    if from.len() < N + MARGIN_X {
        return false;
    }
    copy_samples(&mut to[..N], &from[..N]);
    copy_samples(&mut to[N..N + MARGIN_X], &from[N..N + MARGIN_X]);
    true
}

/// Samples of a window that a 4x4 block spans, read in vectors of eight.
pub type Span4 = [u16; 3 * STRIDE + 8];

/// The 4x4 samples at the start of `span` as one vector.
#[inline(always)]
pub fn load_4x4<S: Simd>(simd: S, span: &Span4) -> i16x16<S> {
    let mut rows = [u64x2::splat(simd, 0); 4];
    for (i, row) in rows.iter_mut().enumerate() {
        *row = u16x8::from_slice(simd, &span[i * STRIDE..i * STRIDE + 8]).bitcast();
    }
    let (top, bottom) = (rows[0].zip_low(rows[1]), rows[2].zip_low(rows[3]));
    top.bitcast::<i16x8<S>>().combine(bottom.bitcast::<i16x8<S>>())
}

/// A part of a window of fixed length, so that positions within need no checks.
#[inline(always)]
pub fn part<const N: usize>(window: &[u16], at: usize) -> &[u16; N] {
    window[at..].first_chunk().expect("a window has room for every tap of every block")
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surroundings_come_from_the_frame_or_its_edge() {
        let mut plane = Plane::new(72, 136, 0);
        for y in 0..136 {
            for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                *v = (y * 100 + x) as u16;
            }
        }
        let mut window = Window::new();
        for (x0, y0) in [(0, 0), (64, 0), (0, 64), (64, 64), (64, 128)] {
            let (w, h) = ((72 - x0).min(64), (136 - y0).min(64));
            for outside in [Outside::Mark(9), Outside::Repeat] {
                window.load(&plane, x0, y0, w, h, outside);
                for y in 0..h + 2 * MARGIN_Y {
                    for x in 0..w + 2 * MARGIN_X {
                        let (px, py) = ((x0 + x) as isize - 8, (y0 + y) as isize - 3);
                        let (cx, cy) = (px.clamp(0, 71), py.clamp(0, 135));
                        let inside = (cx, cy) == (px, py);
                        let expected = match outside {
                            Outside::Mark(m) if !inside => m,
                            _ => plane.row(cy as usize)[cx as usize],
                        };
                        assert_eq!(window.data()[y * STRIDE + x], expected, "{x0} {y0} {px} {py}");
                    }
                }
            }
        }
    }
}
