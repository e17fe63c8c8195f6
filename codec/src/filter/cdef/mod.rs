//! The constrained directional enhancement filter: removes the ringing that the quantiser leaves around
//! edges, along the direction that the decoder finds in each 8x8 block, without blurring the edges.
//!
//! A frame has up to eight pairs of strengths (luma, chroma); each superblock chooses one.

mod direction;
mod measure;
#[cfg(test)]
mod scalar;
mod search;
mod taps;
#[cfg(test)]
mod tests;

pub use search::cdef_search;

use super::band::{Band, BandPlane, SUPERBLOCK, Seams, bands};
use super::window::{Outside, Window};
use crate::picture::{Plane, Sample};
use crate::workers::Workers;
use direction::Direction;
use fearless_simd::{Level, Simd, dispatch};
use taps::{Layout, MARK, Narrow, Strength, Wide};

/// Settings of the filter for one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdefParams {
    /// log2 of the difference between 8-bit samples from which on a tap contributes nothing, 3..6;
    /// one less in chroma.
    pub damping: u8,
    /// 1, 2, 4 or 8 pairs of strengths: luma, chroma. Each is `primary << 2 | index` with a primary strength
    /// of 0..15 and an index into the secondary strengths 0, 1, 2, 4.
    pub strengths: Vec<(u8, u8)>,
}

/// The damping that suits a quantiser index (tried on decoded H.264 at QP 24 to 38).
pub fn cdef_damping(quantiser_index: u8) -> u8 {
    (quantiser_index.saturating_add(16) / 32 + 1).clamp(3, 6)
}

/// Secondary strengths by index.
const SECONDARY: [u16; 4] = [0, 1, 2, 4];

impl Strength {
    /// Strengths of a plane in units of its samples; `packed` as in [`CdefParams::strengths`].
    fn new(packed: u8, damping: u8, chroma: bool, bit_depth: u8) -> Self {
        let shift = bit_depth - 8;
        Strength {
            primary: u16::from((packed >> 2) & 15) << shift,
            secondary: SECONDARY[usize::from(packed & 3)] << shift,
            damping: damping.clamp(3, 6) - u8::from(chroma) + shift,
            bit_depth,
        }
    }

    /// The primary strength follows the contrast of a luma block's structure: nothing in noise, all of it
    /// at strong edges.
    fn adapted(self, variance: u32) -> Self {
        let level = (variance >> 6).checked_ilog2().unwrap_or(0).min(12);
        let primary = if variance == 0 { 0 } else { (u32::from(self.primary) * (4 + level) + 8) >> 4 };
        Strength { primary: primary as u16, ..self }
    }

    fn is_zero(&self) -> bool {
        self.primary == 0 && self.secondary == 0
    }
}

/// Filters a frame in place. `choice` has the strength number of each superblock of 64x64 luma samples in raster
/// order; `skip` tells which 8x8 luma blocks stay as they are. Planes are whole 8x8 luma blocks large.
pub fn cdef<T: Sample>(
    planes: &mut [Plane<T>],
    params: &CdefParams,
    choice: &[u8],
    skip: &[bool],
    chroma_shift: usize,
    bit_depth: u8,
    workers: &Workers,
) {
    let seams = Seams::new(planes, chroma_shift);
    workers.each(bands(planes, chroma_shift), |mut band| {
        cdef_band(&mut band, &seams, params, choice, skip, chroma_shift, bit_depth);
    });
}

/// Filters one row of superblocks; they may be done in any order or at once.
pub fn cdef_band<T: Sample>(
    band: &mut Band<T>,
    seams: &Seams<T>,
    params: &CdefParams,
    choice: &[u8],
    skip: &[bool],
    chroma_shift: usize,
    bit_depth: u8,
) {
    let level = Level::new();
    let mut windows = [const { None }; 3];
    // Widths of the superblocks that the windows hold.
    let mut loaded = [None; 3];
    let row = band.row;
    let Some(size) = band.planes.first().map(|p| (p.width(), p.frame_height())) else { return };
    let across = size.0.div_ceil(SUPERBLOCK);
    for column in 0..across {
        let index = choice.get(row * across + column).copied().unwrap_or(0);
        let packed = params.strengths.get(usize::from(index)).copied().unwrap_or((0, 0));
        let before = std::mem::take(&mut loaded);
        if packed == (0, 0) {
            continue;
        }
        let mut sb = Superblock::new(size, skip, column, row);
        if sb.blocks.is_empty() {
            continue;
        }
        for (p, plane) in band.planes.iter_mut().enumerate() {
            let shift = if p == 0 { 0 } else { chroma_shift };
            let packed = if p == 0 { packed.0 } else { packed.1 };
            let s = Strength::new(packed, params.damping, p > 0, bit_depth);
            if p > 0 && s.is_zero() {
                continue;
            }
            let x = (column * SUPERBLOCK) >> shift;
            let area = (x, (SUPERBLOCK >> shift).min(plane.width() - x), plane.height());
            let window = windows[p].get_or_insert_with(Window::new);
            window.load_rows(|y| seams.row(plane, p, row, y), area, before[p], Outside::Mark(MARK));
            loaded[p] = Some(area.1);
            if p == 0 {
                dispatch!(level, simd => sb.find_directions(simd, window, bit_depth));
            }
            if !s.is_zero() {
                dispatch!(level, simd => sb.filter(simd, window, p == 0, shift, s, plane, x));
            }
        }
    }
}

/// A block of 8x8 luma samples that is filtered.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Position in the superblock in luma samples.
    x: usize,
    y: usize,
    direction: Direction,
}

/// The filtered blocks of one superblock.
struct Superblock {
    column: usize,
    row: usize,
    blocks: Vec<Block>,
}

impl Superblock {
    /// Lists the blocks that are not skipped; `luma` is the size of the plane.
    fn new(luma: (usize, usize), skip: &[bool], column: usize, row: usize) -> Self {
        let (across, down) = (luma.0 / 8, luma.1 / 8);
        let mut blocks = Vec::with_capacity(64);
        for by in row * 8..down.min(row * 8 + 8) {
            for bx in column * 8..across.min(column * 8 + 8) {
                if !skip.get(by * across + bx).copied().unwrap_or(true) {
                    let (x, y) = (8 * (bx - column * 8), 8 * (by - row * 8));
                    blocks.push(Block { x, y, ..Block::default() });
                }
            }
        }
        Superblock { column, row, blocks }
    }

    /// Position and size in a plane that is subsampled by `shift`.
    fn area(&self, plane: &Plane, shift: usize) -> (usize, usize, usize, usize) {
        let size = SUPERBLOCK >> shift;
        let (x, y) = (self.column * size, self.row * size);
        (x, y, size.min(plane.width() - x), size.min(plane.height() - y))
    }

    /// Finds the blocks' directions; `window` holds the luma.
    #[inline(always)]
    fn find_directions<S: Simd>(&mut self, simd: S, window: &Window, bit_depth: u8) {
        for b in &mut self.blocks {
            let block = Wide::span(window.data(), Window::at(b.x, b.y));
            b.direction = direction::search(simd, block, bit_depth);
        }
    }

    /// Filters the blocks of one plane, which starts at column `left` of `out`.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn filter<S: Simd>(
        &self,
        simd: S,
        window: &Window,
        luma: bool,
        shift: usize,
        s: Strength,
        out: &mut BandPlane<impl Sample>,
        left: usize,
    ) {
        let stride = out.stride();
        for b in &self.blocks {
            let s = if luma { s.adapted(b.direction.variance) } else { s };
            let (x, y) = (b.x >> shift, b.y >> shift);
            let (from, to) = (Window::at(x, y), out.from(left + x, y));
            if shift == 0 {
                taps::filter::<S, Wide, _>(simd, window.data(), from, b.direction.index, s, to, stride);
            } else {
                taps::filter::<S, Narrow, _>(simd, window.data(), from, b.direction.index, s, to, stride);
            }
        }
    }
}
