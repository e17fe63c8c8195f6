//! Deblocking: smooths the seams between blocks where the quantiser, not the picture, made them.
//!
//! Edges lie on the grid of 4x4 luma units. All vertical edges of a frame are filtered first, then all
//! horizontal ones, each in segments of four lines. What a segment may read and change follows from the
//! transform sizes at both sides such that segments of one direction never meet; they may be filtered in
//! any order and the result is the same.

mod chroma;
mod luma;
mod passes;
mod place;
#[cfg(test)]
mod scalar;
#[cfg(test)]
mod tests;
mod thresholds;
mod vector;

use crate::picture::Plane;
use fearless_simd::{Level, dispatch};
use std::ops::Range;
use thresholds::Table;

/// Where the edges of a frame are, per 4x4 luma unit in raster order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeMap {
    /// Units per row.
    pub stride: usize,
    /// Rows of units.
    pub rows: usize,
    /// Strength (0 none, 1, 2) of the vertical edge at the left side of a unit.
    pub vert: Vec<u8>,
    /// Strength of the horizontal edge at the top of a unit.
    pub horz: Vec<u8>,
    /// log2 of the width of the transform that covers a unit, 2..6. No vertical edge may lie inside it: at
    /// an edge of prediction within a transform, give the distance between edges instead.
    pub size_v: Vec<u8>,
    /// log2 of its height, with the same condition on horizontal edges.
    pub size_h: Vec<u8>,
    /// Quantiser index of a unit; the step is 2^((index/4 - 4)/6).
    pub step: Vec<u8>,
}

impl EdgeMap {
    /// A map without edges for a frame of `width` x `height` luma samples.
    pub fn new(width: usize, height: usize) -> Self {
        let (stride, rows) = (width.div_ceil(4), height.div_ceil(4));
        let n = stride * rows;
        EdgeMap {
            stride,
            rows,
            vert: vec![0; n],
            horz: vec![0; n],
            size_v: vec![2; n],
            size_h: vec![2; n],
            step: vec![0; n],
        }
    }

    /// Strength, sizes and quantiser indices (before, behind) of the edge in front of unit `u`.
    #[inline]
    fn edge(&self, pass: Pass, u: usize) -> Edge {
        let (strength, size, before) = match pass {
            Pass::Vertical => (&self.vert, &self.size_v, u - 1),
            Pass::Horizontal => (&self.horz, &self.size_h, u - self.stride),
        };
        Edge { strength: strength[u], size: (size[before], size[u]), step: (self.step[before], self.step[u]) }
    }
}

/// One segment of an edge, as the map describes it.
struct Edge {
    strength: u8,
    size: (u8, u8),
    step: (u8, u8),
}

/// Which edges are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Vertical edges, which samples left and right of them cross.
    Vertical,
    /// Horizontal edges.
    Horizontal,
}

/// Deblocks a frame whose planes are whole 8x8 luma blocks large. `chroma_shift` is log2 of the chroma subsampling; `strength_offset` is added to the
/// quantiser indices that decide about the edges.
pub fn deblock(planes: &mut [Plane], map: &EdgeMap, chroma_shift: usize, bit_depth: u8, strength_offset: i8) {
    for pass in [Pass::Vertical, Pass::Horizontal] {
        deblock_rows(planes, map, 0..map.rows, pass, chroma_shift, bit_depth, strength_offset);
    }
}

/// One pass of [`deblock`] over some rows of units, both bounds even. The vertical pass touches the rows
/// alone. The horizontal pass filters the edges at the top of the rows, so it changes up to 8 samples above
/// them; it needs the vertical pass done on these rows and on those above. The vertical pass on later rows
/// may follow it: filtering a frame in bands, both passes on each, gives what [`deblock`] gives.
pub fn deblock_rows(
    planes: &mut [Plane],
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    chroma_shift: usize,
    bit_depth: u8,
    strength_offset: i8,
) {
    let table = Table::new(bit_depth, strength_offset);
    let max = (1i16 << bit_depth) - 1;
    let level = Level::new();
    for (p, plane) in planes.iter_mut().enumerate() {
        let rows = rows.clone();
        if p == 0 {
            dispatch!(level, simd => passes::luma_rows(simd, plane, map, rows, pass, &table, max));
        } else {
            dispatch!(level, simd => passes::chroma_rows(simd, plane, map, rows, pass, chroma_shift, &table, max));
        }
    }
}
