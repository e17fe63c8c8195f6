//! The in-loop filters of a frame, in their order.

use super::marks::EdgeMarks;
use crate::filter::wiener::{self, AlfParams};
use crate::filter::{cdef, deblock};
use crate::picture::{Picture, Plane, Sample};
use crate::stream::frame::FrameHeader;
use crate::syntax::CellGrid;
use crate::workers::Workers;

/// 8x8 luma blocks that the dering filter leaves alone: skipped ones.
pub fn untouched(cells: &CellGrid) -> Vec<bool> {
    cells.iter().map(|c| c.skip).collect()
}

/// Deblocks a reconstructed frame.
pub fn deblock_frame(
    frame: &mut Picture<impl Sample>,
    h: &FrameHeader,
    marks: &EdgeMarks,
    workers: &Workers,
) {
    if let Some(offset) = h.deblock {
        let (shift, depth) = (frame.format.chroma.shift(), frame.format.bit_depth);
        let settings = deblock::Settings::new(&marks.map, shift, depth, offset);
        deblock::deblock(&mut frame.planes, &settings, workers);
    }
}

/// Removes ringing from a deblocked frame; `choice` has the strength number of each superblock.
pub fn dering_frame(
    frame: &mut Picture<impl Sample>,
    h: &FrameHeader,
    cells: &CellGrid,
    choice: &[u8],
    workers: &Workers,
) {
    if let Some(params) = &h.cdef {
        let (shift, depth) = (frame.format.chroma.shift(), frame.format.bit_depth);
        cdef::cdef(&mut frame.planes, params, choice, &untouched(cells), shift, depth, workers);
    }
}

/// Applies the adaptive loop filter; `flags` has a bit for each plane of each superblock.
pub fn restore_frame(
    frame: &mut Picture<impl Sample>,
    params: Option<&AlfParams>,
    flags: &[u8],
    workers: &Workers,
) {
    if let Some(params) = params {
        let (shift, depth) = (frame.format.chroma.shift(), frame.format.bit_depth);
        wiener::alf(&mut frame.planes, params, flags, shift, depth, workers);
    }
}

/// Fills the borders so that the frame can be predicted from.
pub fn pad(frame: &mut Picture<impl Sample>) {
    frame.planes.iter_mut().for_each(Plane::extend_border);
}
