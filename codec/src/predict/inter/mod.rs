//! Inter prediction of a block from reference pictures (SPEC.md, "Inter prediction").

pub mod interp;

use crate::picture::{Picture, Plane};
use interp::{Taps, interpolate, put, put_bi};
use std::sync::Arc;

/// A motion vector in units of 1/8 luma sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mv {
    pub x: i16,
    pub y: i16,
}

/// One or two references and their motion vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Motion {
    /// Reference indices; the second is -1 for prediction from one frame.
    pub refs: [i8; 2],
    pub mv: [Mv; 2],
}

impl Motion {
    /// Prediction from one frame.
    pub fn single(r: i8, mv: Mv) -> Self {
        Motion { refs: [r, -1], mv: [mv, Mv::default()] }
    }

    pub fn is_bi(&self) -> bool {
        self.refs[1] >= 0
    }
}

/// Border of reference pictures in samples of each plane: a whole block, the filter's reach, and some.
pub const PAD: usize = 80;

/// Intermediate predictions of one block.
pub struct InterScratch {
    a: Vec<i16>,
    b: Vec<i16>,
}

const STRIDE: usize = 64;

impl Default for InterScratch {
    fn default() -> Self {
        InterScratch { a: vec![0; STRIDE * 64], b: vec![0; STRIDE * 64] }
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

/// Interpolates one reference at 14 bits. Positions far outside give what the border repeated forever would.
pub fn fetch(out: &mut [i16], plane: &Plane, r: Rect, mv: Mv, luma: bool, shift: usize, bit_depth: u8) {
    let bits = 3 + shift;
    let split = |v: i16, at: usize, size: usize, limit: usize| {
        let p = at as isize + isize::from(v >> bits);
        let part = (v as usize & ((1 << bits) - 1)) << (1 - shift);
        (p.clamp(-(size as isize) - 8, limit as isize + 8), part)
    };
    let (x, fx) = split(mv.x, r.x, r.w, plane.width());
    let (y, fy) = split(mv.y, r.y, r.h, plane.height());
    let taps = if luma { Taps::Luma } else { Taps::Chroma };
    interpolate(
        plane.data(),
        plane.index(x, y),
        plane.stride(),
        out,
        STRIDE,
        r.w,
        r.h,
        fx,
        fy,
        taps,
        bit_depth,
    );
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
    let InterScratch { a, b } = scratch;
    let first = &refs[m.refs[0] as usize];
    let bd = first.format.bit_depth;
    fetch(a, &first.planes[p], r, m.mv[0], p == 0, shift, bd);
    if m.is_bi() {
        fetch(b, &refs[m.refs[1] as usize].planes[p], r, m.mv[1], p == 0, shift, bd);
        put_bi(dst, stride, a, b, STRIDE, r.w, r.h, bd);
    } else {
        put(dst, stride, a, STRIDE, r.w, r.h, bd);
    }
}
