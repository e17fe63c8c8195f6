//! The adaptive Wiener filter: brings the decoded frame nearer to the source in the least-squares sense.
//!
//! Luma is classified by 4x4 blocks; each class uses one of up to 16 filters that the encoder derives for the
//! frame (7x7 diamonds, turned to the block's attitude). Chroma has one 5x5 diamond. Each superblock says for
//! each plane whether it is filtered.

mod apply;
mod classify;
mod derive;
#[cfg(test)]
mod derive_tests;
mod moments;
mod stats;
mod taps;
#[cfg(test)]
mod tests;

pub use classify::CLASSES;
pub use stats::AlfStats;
pub use taps::{ChromaFilter, LumaFilter};

use super::band::{Band, BandPlane, SUPERBLOCK, bands};
use super::window::{Outside, Window};
use crate::picture::Plane;
use classify::{BLOCKS, ClassMap, class_and_turn};
use fearless_simd::{Level, Simd, dispatch};
use taps::{CHROMA_PAIRS, LUMA_PAIRS, Packed, TURNS, pack, turn};

/// Most luma filters of a frame.
pub const MAX_FILTERS: usize = 16;

/// Settings of the filter for one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlfParams {
    /// 1 to 16 luma filters; none: luma is not filtered. A filter is half of a symmetric 7x7 diamond in raster
    /// order, in 1/128; the middle coefficient makes the sum 1.
    pub luma: Vec<LumaFilter>,
    /// The luma filter of each class, less than the number of filters.
    pub classes: [u8; CLASSES],
    /// The filter of both chroma planes: half of a 5x5 diamond likewise.
    pub chroma: Option<ChromaFilter>,
}

impl AlfParams {
    /// Whether plane `p` is filtered where the superblocks say so.
    pub fn covers(&self, p: usize) -> bool {
        if p == 0 { !self.luma.is_empty() } else { self.chroma.is_some() }
    }
}

/// The filters of a frame, ready for use.
struct Prepared {
    /// By class and turn.
    luma: Vec<[Packed<LUMA_PAIRS>; TURNS]>,
    chroma: Packed<CHROMA_PAIRS>,
}

impl Prepared {
    fn new(params: &AlfParams) -> Self {
        let of_class = |&class: &u8| {
            let filter = params.luma.get(usize::from(class)).copied().unwrap_or_default();
            std::array::from_fn(|t| pack(&turn(&filter, t)))
        };
        Prepared {
            luma: params.classes.iter().map(of_class).collect(),
            chroma: pack(&params.chroma.unwrap_or_default()),
        }
    }
}

/// Filters a frame. `src` is the frame after the filters before this one; every sample of `dst` is written.
/// `flags` has a byte for each superblock of 64x64 luma samples in raster order, whose bit p says that plane p
/// is filtered. Planes are whole 8x8 luma blocks large.
pub fn alf(
    dst: &mut [Plane],
    src: &[Plane],
    params: &AlfParams,
    flags: &[u8],
    chroma_shift: usize,
    bit_depth: u8,
) {
    for mut band in bands(dst, chroma_shift) {
        alf_band(&mut band, src, params, flags, chroma_shift, bit_depth);
    }
}

/// Filters one row of superblocks; they may be done in any order or at once.
pub fn alf_band(
    dst: &mut Band,
    src: &[Plane],
    params: &AlfParams,
    flags: &[u8],
    chroma_shift: usize,
    bit_depth: u8,
) {
    let level = Level::new();
    let mut window = Window::new();
    let prepared = Prepared::new(params);
    let max = (1i16 << bit_depth) - 1;
    let across = src.first().map_or(0, |p| p.width().div_ceil(SUPERBLOCK));
    for column in 0..across {
        let flags = flags.get(dst.row * across + column).copied().unwrap_or(0);
        for (p, plane) in src.iter().enumerate() {
            let size = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
            let (x, y) = (column * size, dst.row * size);
            let out = &mut dst.planes[p];
            let (w, h) = (size.min(plane.width() - x), out.height());
            if flags >> p & 1 == 0 || !params.covers(p) {
                out.copy(plane, y, x, 0, w, h);
                continue;
            }
            window.load(plane, x, y, w, h, Outside::Repeat);
            if p == 0 {
                dispatch!(level, simd => {
                    let map = classify::classify(simd, &window, w, h, bit_depth);
                    luma_superblock(simd, &window, &map, &prepared, max, out, x, w);
                });
            } else {
                let stride = out.stride();
                let (filter, out) = (&prepared.chroma, out.from(x, 0));
                let (data, at) = (window.data(), Window::at(0, 0));
                dispatch!(level, simd => apply::chroma_area(simd, data, at, filter, (w, h), max, out, stride));
            }
        }
    }
}

/// Filters the luma of a superblock, which starts at column `left` of `out`.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn luma_superblock<S: Simd>(
    simd: S,
    window: &Window,
    map: &ClassMap,
    prepared: &Prepared,
    max: i16,
    out: &mut BandPlane,
    left: usize,
    w: usize,
) {
    let stride = out.stride();
    let filter = |block: usize| {
        let (class, turn) = class_and_turn(map[block]);
        &prepared.luma[class.min(CLASSES - 1)][turn]
    };
    for y in (0..out.height()).step_by(4) {
        for x in (0..w).step_by(8) {
            let block = y / 4 * BLOCKS + x / 4;
            let filters = [filter(block), filter(block + 1)];
            let to = out.from(left + x, y);
            apply::luma_blocks(simd, window.data(), Window::at(x, y), filters, max, to, stride);
        }
    }
}
