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

use super::band::{Band, BandPlane, SUPERBLOCK, Seams, bands};
use super::window::{Outside, Window};
use crate::kernel::lanes::WIDE;
use crate::picture::{Plane, Sample};
use crate::workers::Workers;
use classify::{BLOCKS, ClassMap, class_and_turn};
use fearless_simd::{Level, Simd, dispatch, i16x8, i16x16};
use taps::{CHROMA_VECTORS, LUMA_VECTORS, Packed, TURNS, pack, turn};

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
pub struct Prepared {
    /// By class and turn.
    luma: Vec<[Packed<LUMA_VECTORS>; TURNS]>,
    chroma: Packed<CHROMA_VECTORS>,
}

impl Prepared {
    pub fn new(params: &AlfParams) -> Self {
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

/// Filters a frame in place. `flags` has a byte for each superblock of 64x64 luma samples in raster order, whose bit
/// p says that plane p is filtered. Planes are whole 8x8 luma blocks large.
pub fn alf<T: Sample>(
    planes: &mut [Plane<T>],
    params: &AlfParams,
    flags: &[u8],
    chroma_shift: usize,
    bit_depth: u8,
    workers: &Workers,
) {
    let seams = Seams::new(planes, chroma_shift);
    let prepared = Prepared::new(params);
    workers.each(bands(planes, chroma_shift), |mut band| {
        alf_band(&mut band, &seams, params, &prepared, flags, chroma_shift, bit_depth);
    });
}

/// Filters one row of superblocks; they may be done in any order or at once.
pub fn alf_band<T: Sample>(
    band: &mut Band<T>,
    seams: &Seams<T>,
    params: &AlfParams,
    prepared: &Prepared,
    flags: &[u8],
    chroma_shift: usize,
    bit_depth: u8,
) {
    let level = Level::new();
    let mut window = None;
    let max = (1i16 << bit_depth) - 1;
    let row = band.row;
    for (p, plane) in band.planes.iter_mut().enumerate().filter(|(p, _)| params.covers(*p)) {
        let size = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
        let across = plane.width().div_ceil(size);
        // Width of the superblock that the window holds.
        let mut loaded = None;
        for column in 0..across {
            let before = loaded.take();
            let flags = flags.get(row * across + column).copied().unwrap_or(0);
            if flags >> p & 1 == 0 {
                continue;
            }
            let x = column * size;
            let (w, h) = (size.min(plane.width() - x), plane.height());
            let window = window.get_or_insert_with(Window::new);
            window.load_rows(|y| seams.row(plane, p, row, y), (x, w, h), before, Outside::Repeat);
            loaded = Some(w);
            if p == 0 {
                dispatch!(level, simd => {
                    let map = classify::classify(simd, window, w, h, bit_depth);
                    luma_superblock(simd, window, &map, prepared, max, plane, x, w);
                });
            } else {
                let stride = plane.stride();
                let (filter, out) = (&prepared.chroma, plane.from(x, 0));
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
    out: &mut BandPlane<impl Sample>,
    left: usize,
    w: usize,
) {
    let stride = out.stride();
    for y in (0..out.height()).step_by(4) {
        let mut x = 0;
        while x < w {
            let first = y / 4 * BLOCKS + x / 4;
            // Beyond the right end of a narrow superblock they are not used.
            let mut filters = [&prepared.luma[0][0]; 4];
            for (filter, &entry) in filters.iter_mut().zip(&map[first..]) {
                let (class, turn) = class_and_turn(entry);
                *filter = &prepared.luma[class.min(CLASSES - 1)][turn];
            }
            let (from, to) = (Window::at(x, y), out.from(left + x, y));
            if WIDE && x + 16 <= w {
                apply::luma_blocks::<S, i16x16<S>, _>(simd, window.data(), from, filters, max, to, stride);
                x += 16;
            } else {
                apply::luma_blocks::<S, i16x8<S>, _>(simd, window.data(), from, filters, max, to, stride);
                x += 8;
            }
        }
    }
}
