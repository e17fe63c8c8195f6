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

use crate::filter::band::{Band, BandPlane, SUPERBLOCK, bands};
use crate::picture::{Plane, Sample};
use crate::workers::Workers;
use fearless_simd::{Level, dispatch};
use std::ops::Range;
pub use thresholds::Table;

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
    pub units: Vec<Unit>,
}

/// What lies on 4x4 luma samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// log2 of the width of the transform that covers the unit, 2..6. No vertical edge may lie inside it: at
    /// an edge of prediction within a transform, give the distance between edges instead.
    pub size_v: u8,
    /// log2 of its height, with the same condition on horizontal edges.
    pub size_h: u8,
    /// Quantiser index; the step is 2^((index/4 - 4)/6).
    pub step: u8,
    /// Whether the transform has a residual; who marks edges asks for it.
    pub coded: bool,
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
            units: vec![Unit { size_v: 2, size_h: 2, ..Unit::default() }; n],
        }
    }

    /// Strength, sizes and quantiser indices (before, behind) of the edge in front of unit `u`.
    #[inline]
    fn edge(&self, pass: Pass, u: usize) -> Edge {
        let (strength, back) = match pass {
            Pass::Vertical => (self.vert[u], 1),
            Pass::Horizontal => (self.horz[u], self.stride),
        };
        let (p, q) = (self.units[u - back], self.units[u]);
        let size = if pass == Pass::Vertical { (p.size_v, q.size_v) } else { (p.size_h, q.size_h) };
        Edge { strength, size, step: (p.step, q.step) }
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

/// What decides about the edges of a frame besides their map.
pub struct Settings<'a> {
    map: &'a EdgeMap,
    chroma_shift: usize,
    bit_depth: u8,
    table: Table,
}

impl<'a> Settings<'a> {
    /// `chroma_shift` is log2 of the chroma subsampling; `strength_offset` is added to the quantiser indices that
    /// decide about the edges.
    pub fn new(map: &'a EdgeMap, chroma_shift: usize, bit_depth: u8, strength_offset: i8) -> Self {
        Settings::with_table(map, chroma_shift, bit_depth, Table::new(bit_depth, strength_offset))
    }

    /// The same with a table made before.
    pub fn with_table(map: &'a EdgeMap, chroma_shift: usize, bit_depth: u8, table: Table) -> Self {
        Settings { map, chroma_shift, bit_depth, table }
    }
}

/// Rows of units in a superblock.
const UNITS: usize = SUPERBLOCK / 4;

/// Deblocks a frame whose planes are whole 8x8 luma blocks large.
pub fn deblock<T: Sample>(planes: &mut [Plane<T>], s: &Settings, workers: &Workers) {
    workers.each(bands(planes, s.chroma_shift), |mut band| deblock_band(&mut band, s));
    for row in 1..s.map.rows.div_ceil(UNITS) {
        deblock_seam(planes, row, s);
    }
}

/// A band's vertical edges, and the horizontal ones inside it, which concern its own samples alone.
pub fn deblock_band(band: &mut Band<impl Sample>, s: &Settings) {
    let rows = band.row * UNITS..(band.row + 1) * UNITS;
    for (p, plane) in band.planes.iter_mut().enumerate() {
        deblock_rows(plane, p, s, rows.clone(), Pass::Vertical);
        deblock_rows(plane, p, s, rows.start + 1..rows.end, Pass::Horizontal);
    }
}

/// The horizontal edges between a band and the one above it, when all others of both are done.
pub fn deblock_seam(planes: &mut [Plane<impl Sample>], band: usize, s: &Settings) {
    let row = band * UNITS;
    for (p, plane) in planes.iter_mut().enumerate() {
        deblock_rows(&mut BandPlane::whole(plane), p, s, row..row + 1, Pass::Horizontal);
    }
}

/// One pass over some rows of units of plane `p`, which may begin and end with any row in the horizontal pass: it
/// filters the edges at the top of the rows and changes up to 8 samples above them. The vertical pass touches
/// the rows alone, of which both bounds are even.
fn deblock_rows(plane: &mut BandPlane<impl Sample>, p: usize, s: &Settings, rows: Range<usize>, pass: Pass) {
    let max = (1i16 << s.bit_depth) - 1;
    let (level, shift) = (Level::new(), s.chroma_shift);
    if p == 0 {
        dispatch!(level, simd => passes::luma_rows(simd, plane, s.map, rows, pass, &s.table, max));
    } else {
        dispatch!(level, simd => passes::chroma_rows(simd, plane, s.map, rows, pass, shift, &s.table, max));
    }
}
