//! Inter prediction of a block from reference pictures (SPEC.md, "Inter prediction").

pub mod interp;
mod outside;

use crate::kernel::rows::{Rows, RowsMut};
use crate::picture::{Picture, Plane, Sample};
use interp::{Intermediate, Mean, Output, Request, Samples, Taps, interpolate_into};
use std::sync::Arc;

/// A motion vector in units of 1/8 luma sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mv {
    pub x: i16,
    pub y: i16,
}

/// Which of two predictions counts for more: 5/8 instead of one half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Balance {
    /// Both alike.
    #[default]
    Even,
    /// The first.
    First,
    /// The second.
    Second,
}

impl Balance {
    /// All, by their number in the stream.
    pub const ALL: [Balance; 3] = [Balance::Even, Balance::First, Balance::Second];
}

/// One or two references and their motion vectors.
#[derive(Clone, Copy, Debug, Default, Eq)]
pub struct Motion {
    /// Reference indices; the second is -1 for prediction from one frame.
    pub refs: [i8; 2],
    pub mv: [Mv; 2],
    pub balance: Balance,
}

/// Comparisons of whole registers and one branch: candidates are compared with one another for every block.
impl PartialEq for Motion {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let bits = |mv: Mv| u32::from(mv.x as u16) | u32::from(mv.y as u16) << 16;
        let vectors = |m: &Motion| u64::from(bits(m.mv[0])) | u64::from(bits(m.mv[1])) << 32;
        (vectors(self) == vectors(other)) & (self.refs == other.refs) & (self.balance == other.balance)
    }
}

impl Motion {
    /// Prediction from one frame.
    pub fn single(r: i8, mv: Mv) -> Self {
        Motion { refs: [r, -1], mv: [mv, Mv::default()], balance: Balance::Even }
    }

    pub fn is_bi(&self) -> bool {
        self.refs[1] >= 0
    }
}

/// Border of an encoder's reference pictures in samples of each plane: a whole block, the filter's reach, and some.
/// Others may have less; blocks that reach beyond it are predicted from a copy.
pub const PAD: usize = 80;
/// Border of a decoder's pictures: what most motion across the edge needs.
pub const SMALL_PAD: usize = 16;

/// The first prediction of a block that has two; with [`IN_STEPS`] both.
#[derive(Clone)]
pub struct InterScratch {
    first: Vec<i16>,
    second: Vec<i16>,
}

const STRIDE: usize = 64;

/// Whether all predictions are kept before they are rounded. Kernels that round at once are a little faster, but there
/// are three times as many: too much code where it is downloaded.
const IN_STEPS: bool = cfg!(target_arch = "wasm32");

impl Default for InterScratch {
    fn default() -> Self {
        let second = if IN_STEPS || cfg!(test) { STRIDE * 64 } else { 0 };
        InterScratch { first: vec![0; STRIDE * 64], second: vec![0; second] }
    }
}

/// A rectangle of one plane.
#[derive(Clone, Copy, Debug)]
pub struct Rect {
    pub x: usize,
    pub y: usize,
    pub w: usize,
    pub h: usize,
}

/// A block of one plane of a reference, and how far it moved.
#[derive(Clone, Copy)]
pub struct Moved<'a, T: Sample> {
    plane: &'a Plane<T>,
    r: Rect,
    mv: Mv,
    taps: Taps,
    /// log2 of how the plane is subsampled.
    shift: usize,
    bit_depth: u8,
}

impl<'a, T: Sample> Moved<'a, T> {
    /// A block of luma.
    #[inline]
    pub fn luma(plane: &'a Plane<T>, r: Rect, mv: Mv, bit_depth: u8) -> Self {
        Moved { plane, r, mv, taps: Taps::Luma, shift: 0, bit_depth }
    }

    /// A block of plane `p`.
    #[inline]
    pub fn of(reference: &'a Picture<T>, p: usize, r: Rect, mv: Mv) -> Self {
        let luma = Moved::luma(&reference.planes[p], r, mv, reference.format.bit_depth);
        if p == 0 {
            luma
        } else {
            Moved { taps: Taps::Chroma, shift: reference.format.chroma.shift(), ..luma }
        }
    }

    /// Where the motion vector leads.
    #[inline(always)]
    fn place(&self) -> Place {
        let Moved { plane, r, mv, shift, .. } = *self;
        let bits = 3 + shift;
        let split = |v: i16, at: usize, size: usize, limit: usize| {
            let p = at as isize + isize::from(v >> bits);
            let part = (v as usize & ((1 << bits) - 1)) << (1 - shift);
            (p.clamp(-(size as isize) - 8, limit as isize + 8), part)
        };
        let (x, fx) = split(mv.x, r.x, r.w, plane.width());
        let (y, fy) = split(mv.y, r.y, r.h, plane.height());
        Place { x, y, fx, fy, outside: outside::is_outside(plane, x, y, r.w, r.h) }
    }
}

/// A position in a reference, limited to where it no longer matters, and the rest in 1/16 sample.
#[derive(Clone, Copy)]
struct Place {
    x: isize,
    y: isize,
    fx: usize,
    fy: usize,
    /// The block, or what a filter reaches, is not all in the plane and its border.
    outside: bool,
}

/// Interpolates one reference at 14 bits. Positions far outside give what the border repeated forever would.
pub fn fetch(out: &mut [i16], m: Moved<impl Sample>) {
    fetch_into(&mut Intermediate { out, stride: STRIDE }, m);
}

/// Predicts from one reference, rounded to samples.
#[inline]
pub fn predict_one<T: Sample>(dst: &mut [T], stride: usize, m: Moved<T>) {
    let at = m.place();
    if at.fx + at.fy == 0 && !at.outside {
        copy_whole(dst, stride, m, at);
    } else {
        fetch_from(&mut Samples { dst, stride, bd: u32::from(m.bit_depth) }, m, at);
    }
}

/// The even mean of a prediction that [`fetch`] left and one from another reference.
#[cfg(feature = "encode")]
#[inline]
pub fn predict_mean<T: Sample>(dst: &mut [T], stride: usize, first: &[i16], m: Moved<T>) {
    let samples = Samples { dst, stride, bd: u32::from(m.bit_depth) };
    fetch_into(&mut Mean { samples, other: first, other_stride: STRIDE, balance: Balance::Even }, m);
}

/// [`fetch`] into any kind of output.
#[inline]
fn fetch_into(out: &mut impl Output, m: Moved<impl Sample>) {
    fetch_from(out, m, m.place());
}

#[inline]
fn fetch_from(out: &mut impl Output, m: Moved<impl Sample>, at: Place) {
    let Moved { plane, r, taps, bit_depth, .. } = m;
    let Place { x, y, fx, fy, outside } = at;
    let from = |src, pos, stride| Request { src, pos, stride, w: r.w, h: r.h, fx, fy, bd: bit_depth };
    if outside {
        let copy = outside::copy(plane, x, y, r.w, r.h);
        interpolate_into(&from(&copy, outside::START, outside::STRIDE), taps, out);
    } else {
        interpolate_into(&from(plane.data(), plane.index(x, y), plane.stride()), taps, out);
    }
}

/// Copies a block that moved by whole samples.
fn copy_whole<T: Sample>(dst: &mut [T], stride: usize, m: Moved<T>, at: Place) {
    let Moved { plane, r, .. } = m;
    let mut from = Rows::new(&plane.data()[plane.index(at.x, at.y)..], plane.stride());
    let mut to = RowsMut::new(dst, stride);
    for _ in 0..r.h {
        let (from, to) = (from.next_row(), to.next_row());
        // Copies of constant length are a few moves, others a call.
        match r.w {
            4 => to[..4].copy_from_slice(&from[..4]),
            8 => to[..8].copy_from_slice(&from[..8]),
            16 => to[..16].copy_from_slice(&from[..16]),
            n => to[..n].copy_from_slice(&from[..n]),
        }
    }
}

/// Predicts rectangle `r` of plane `p` into `dst` (its sample (0, 0) first, rows of `stride`).
pub fn predict<T: Sample>(
    dst: &mut [T],
    stride: usize,
    refs: &[Arc<Picture<T>>],
    m: &Motion,
    (p, r): (usize, Rect),
    scratch: &mut InterScratch,
) {
    if IN_STEPS {
        return predict_in_steps(dst, stride, refs, m, (p, r), scratch);
    }
    let moved = |i: usize| Moved::of(&refs[m.refs[i] as usize], p, r, m.mv[i]);
    let first = moved(0);
    if !m.is_bi() {
        return predict_one(dst, stride, first);
    }
    // Rows without gaps, so that several of them make a vector.
    fetch_into(&mut Intermediate { out: &mut scratch.first, stride: r.w }, first);
    let samples = Samples { dst, stride, bd: u32::from(first.bit_depth) };
    let mut mean = Mean { samples, other: &scratch.first, other_stride: r.w, balance: m.balance };
    fetch_into(&mut mean, moved(1));
}

/// The same, rounded in the end.
fn predict_in_steps<T: Sample>(
    dst: &mut [T],
    stride: usize,
    refs: &[Arc<Picture<T>>],
    m: &Motion,
    (p, r): (usize, Rect),
    scratch: &mut InterScratch,
) {
    let moved = |i: usize| Moved::of(&refs[m.refs[i] as usize], p, r, m.mv[i]);
    let first = moved(0);
    let at = first.place();
    if !m.is_bi() && at.fx + at.fy == 0 && !at.outside {
        return copy_whole(dst, stride, first, at);
    }
    fetch(&mut scratch.first, first);
    if !m.is_bi() {
        return interp::put(dst, stride, &scratch.first, STRIDE, r.w, r.h, first.bit_depth);
    }
    fetch(&mut scratch.second, moved(1));
    let (a, b) = (&scratch.first, &scratch.second);
    interp::put_bi(dst, stride, a, b, m.balance, STRIDE, r.w, r.h, first.bit_depth);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::testing::Rng;
    use crate::picture::{ChromaFormat, Format};

    #[test]
    fn rounding_at_once_or_in_the_end_is_the_same() {
        let mut rng = Rng(7);
        for bit_depth in [8, 10] {
            let format = Format { width: 96, height: 80, chroma: ChromaFormat::Yuv420, bit_depth };
            let refs = [(); 2].map(|()| {
                let mut picture = Picture::padded(format, SMALL_PAD, 8);
                for plane in &mut picture.planes {
                    for y in 0..plane.height() {
                        let row = plane.row_mut(y);
                        row.copy_from_slice(&rng.samples(row.len(), bit_depth));
                    }
                    plane.extend_border();
                }
                Arc::new(picture)
            });
            let mut scratch = InterScratch::default();
            for _ in 0..300 {
                let mut to = |limit: i32| rng.range(-limit, limit) as i16;
                let mv = [0; 2].map(|_| Mv { x: to(80), y: to(80) });
                let refs_used = [0, if to(9) > 0 { 1 } else { -1 }];
                let balance = Balance::ALL[rng.range(0, 2) as usize];
                let m = Motion { refs: refs_used, mv, balance };
                let p = rng.range(0, 2) as usize;
                let mut side = || 4 * rng.range(1, 16) as usize;
                let r = Rect { x: 8, y: 4, w: side(), h: side() };
                let (mut a, mut b) = (vec![0; 64 * 64], vec![0; 64 * 64]);
                predict(&mut a, 64, &refs, &m, (p, r), &mut scratch);
                predict_in_steps(&mut b, 64, &refs, &m, (p, r), &mut scratch);
                assert!(a == b, "{bit_depth} bits, {m:?}, plane {p}, {r:?}");
            }
        }
    }
}
