//! Inter prediction of a block from reference pictures (SPEC.md, "Inter prediction").

pub mod interp;
mod outside;

use crate::kernel::rows::{Rows, RowsMut};
use crate::picture::{Picture, Plane};
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

/// Two comparisons of whole registers: candidates are compared with one another for every block.
impl PartialEq for Motion {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let bits = |mv: Mv| u32::from(mv.x as u16) | u32::from(mv.y as u16) << 16;
        let vectors = |m: &Motion| u64::from(bits(m.mv[0])) | u64::from(bits(m.mv[1])) << 32;
        self.refs == other.refs && vectors(self) == vectors(other) && self.balance == other.balance
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

/// Where a motion vector leads: the position in the reference, limited to where it no longer matters, and the rest
/// in 1/16 sample.
fn follow(plane: &Plane, r: Rect, mv: Mv, shift: usize) -> ((isize, usize), (isize, usize)) {
    let bits = 3 + shift;
    let split = |v: i16, at: usize, size: usize, limit: usize| {
        let p = at as isize + isize::from(v >> bits);
        let part = (v as usize & ((1 << bits) - 1)) << (1 - shift);
        (p.clamp(-(size as isize) - 8, limit as isize + 8), part)
    };
    (split(mv.x, r.x, r.w, plane.width()), split(mv.y, r.y, r.h, plane.height()))
}

/// Interpolates one reference at 14 bits. Positions far outside give what the border repeated forever would.
pub fn fetch(out: &mut [i16], plane: &Plane, r: Rect, mv: Mv, luma: bool, shift: usize, bit_depth: u8) {
    fetch_into(&mut Intermediate { out, stride: STRIDE }, plane, r, mv, luma, shift, bit_depth);
}

/// Predicts from one reference, rounded to samples.
#[allow(clippy::too_many_arguments)]
#[inline]
pub fn predict_one(
    dst: &mut [u16],
    stride: usize,
    plane: &Plane,
    r: Rect,
    mv: Mv,
    luma: bool,
    shift: usize,
    bit_depth: u8,
) {
    if !copy_whole(dst, stride, plane, r, mv, shift) {
        let mut samples = Samples { dst, stride, bd: u32::from(bit_depth) };
        fetch_into(&mut samples, plane, r, mv, luma, shift, bit_depth);
    }
}

/// The even mean of a prediction of luma that [`fetch`] left and one from another reference.
#[cfg(feature = "encode")]
pub fn predict_mean(
    dst: &mut [u16],
    stride: usize,
    first: &[i16],
    plane: &Plane,
    r: Rect,
    mv: Mv,
    bit_depth: u8,
) {
    let samples = Samples { dst, stride, bd: u32::from(bit_depth) };
    let mut mean = Mean { samples, other: first, other_stride: STRIDE, balance: Balance::Even };
    fetch_into(&mut mean, plane, r, mv, true, 0, bit_depth);
}

/// [`fetch`] into any kind of output.
#[inline]
fn fetch_into(
    out: &mut impl Output,
    plane: &Plane,
    r: Rect,
    mv: Mv,
    luma: bool,
    shift: usize,
    bit_depth: u8,
) {
    let ((x, fx), (y, fy)) = follow(plane, r, mv, shift);
    let taps = if luma { Taps::Luma } else { Taps::Chroma };
    let request = |src, pos, stride| Request { src, pos, stride, w: r.w, h: r.h, fx, fy, bd: bit_depth };
    if outside::is_outside(plane, x, y, r.w, r.h) {
        let copy = outside::copy(plane, x, y, r.w, r.h);
        interpolate_into(&request(&copy, outside::START, outside::STRIDE), taps, out);
    } else {
        interpolate_into(&request(plane.data(), plane.index(x, y), plane.stride()), taps, out);
    }
}

/// Copies a block that moved by whole samples; false if it did not.
fn copy_whole(dst: &mut [u16], stride: usize, plane: &Plane, r: Rect, mv: Mv, shift: usize) -> bool {
    let ((x, fx), (y, fy)) = follow(plane, r, mv, shift);
    if fx + fy > 0 || outside::is_outside(plane, x, y, r.w, r.h) {
        return false;
    }
    let mut from = Rows::new(&plane.data()[plane.index(x, y)..], plane.stride());
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
    true
}

/// Predicts rectangle `r` of plane `p` into `dst` (its sample (0, 0) first, rows of `stride`).
#[allow(clippy::too_many_arguments)]
pub fn predict(
    dst: &mut [u16],
    stride: usize,
    refs: &[Arc<Picture>],
    m: &Motion,
    p: usize,
    r: Rect,
    shift: usize,
    scratch: &mut InterScratch,
) {
    if IN_STEPS {
        return predict_in_steps(dst, stride, refs, m, p, r, shift, scratch);
    }
    let first = &refs[m.refs[0] as usize];
    let bd = first.format.bit_depth;
    if !m.is_bi() {
        return predict_one(dst, stride, &first.planes[p], r, m.mv[0], p == 0, shift, bd);
    }
    // Rows without gaps, so that several of them make a vector.
    let mut kept = Intermediate { out: &mut scratch.first, stride: r.w };
    fetch_into(&mut kept, &first.planes[p], r, m.mv[0], p == 0, shift, bd);
    let second = &refs[m.refs[1] as usize].planes[p];
    let samples = Samples { dst, stride, bd: u32::from(bd) };
    let mut mean = Mean { samples, other: &scratch.first, other_stride: r.w, balance: m.balance };
    fetch_into(&mut mean, second, r, m.mv[1], p == 0, shift, bd);
}

/// The same, rounded in the end.
#[allow(clippy::too_many_arguments)]
fn predict_in_steps(
    dst: &mut [u16],
    stride: usize,
    refs: &[Arc<Picture>],
    m: &Motion,
    p: usize,
    r: Rect,
    shift: usize,
    scratch: &mut InterScratch,
) {
    let first = &refs[m.refs[0] as usize];
    let bd = first.format.bit_depth;
    if !m.is_bi() && copy_whole(dst, stride, &first.planes[p], r, m.mv[0], shift) {
        return;
    }
    fetch(&mut scratch.first, &first.planes[p], r, m.mv[0], p == 0, shift, bd);
    if !m.is_bi() {
        return interp::put(dst, stride, &scratch.first, STRIDE, r.w, r.h, bd);
    }
    let second = &refs[m.refs[1] as usize].planes[p];
    fetch(&mut scratch.second, second, r, m.mv[1], p == 0, shift, bd);
    interp::put_bi(dst, stride, &scratch.first, &scratch.second, m.balance, STRIDE, r.w, r.h, bd);
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
                let mut side = || 4 << rng.range(0, 3);
                let r = Rect { x: 8, y: 4, w: side(), h: side() };
                let shift = usize::from(p > 0);
                let (mut a, mut b) = (vec![0; 64 * 64], vec![0; 64 * 64]);
                predict(&mut a, 64, &refs, &m, p, r, shift, &mut scratch);
                predict_in_steps(&mut b, 64, &refs, &m, p, r, shift, &mut scratch);
                assert!(a == b, "{bit_depth} bits, {m:?}, plane {p}, {r:?}");
            }
        }
    }
}
