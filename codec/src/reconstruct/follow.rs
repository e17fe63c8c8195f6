//! The in-loop filters of a frame that is reconstructed row by row.

use super::marks::EdgeMarks;
use crate::filter::band::{Seams, band};
use crate::filter::wiener::{self, AlfParams, Prepared};
use crate::filter::{cdef, deblock};
use crate::picture::{Picture, Sample};
use crate::stream::frame::FrameHeader;
use crate::syntax::{SUPERBLOCK, Superblock};

/// Filters each row of superblocks as soon as the rows below allow: while it is in the cache.
///
/// A row is deblocked when the next one is reconstructed, as intra prediction takes samples that are not filtered. It is
/// deringed when the next one is deblocked, and the loop filter follows the dering filter likewise. The result is
/// that of one filter after the other over the whole frame.
pub struct Follow<'a, T> {
    header: &'a FrameHeader,
    table: Option<deblock::Table>,
    alf: Option<(&'a AlfParams, Prepared)>,
    /// Rows on both sides of the seams, from before the dering filter and from before the loop filter.
    seams: [Option<Seams<T>>; 2],
    /// Rows of superblocks, and how many of them each step has done.
    total: usize,
    reconstructed: usize,
    deblocked: usize,
    deringed: usize,
    restored: usize,
    /// Of the rows so far: strengths and flags of the superblocks.
    cdef_choice: Vec<u8>,
    alf_flags: Vec<u8>,
    /// 8x8 luma blocks that the dering filter leaves alone.
    untouched: Vec<bool>,
}

impl<'a, T: Sample> Follow<'a, T> {
    pub fn new(
        header: &'a FrameHeader,
        filters: Option<&'a AlfParams>,
        untouched: Vec<bool>,
        frame: &Picture<T>,
    ) -> Self {
        let (shift, depth) = (frame.format.chroma.shift(), frame.format.bit_depth);
        let seams = |on: bool| on.then(|| Seams::blank(&frame.planes, shift));
        Follow {
            header,
            table: header.deblock.map(|offset| deblock::Table::new(depth, offset)),
            alf: filters.map(|f| (f, Prepared::new(f))),
            seams: [seams(header.cdef.is_some()), seams(filters.is_some())],
            total: frame.planes[0].height().div_ceil(SUPERBLOCK),
            reconstructed: 0,
            deblocked: 0,
            deringed: 0,
            restored: 0,
            cdef_choice: Vec::new(),
            alf_flags: Vec::new(),
            untouched,
        }
    }

    /// Says that a row is reconstructed, and filters what can be filtered.
    pub fn add(&mut self, frame: &mut Picture<T>, row: &[Superblock], marks: &EdgeMarks) {
        self.cdef_choice.extend(row.iter().map(|sb| sb.cdef));
        self.alf_flags.extend(row.iter().map(Superblock::alf_bits));
        self.reconstructed += 1;
        // Rows that a step may do: one fewer than the step before, but all at the end.
        let total = self.total;
        let after = |done: usize| if done == total { total } else { done.saturating_sub(1) };
        while self.deblocked < after(self.reconstructed) {
            self.deblock(frame, marks);
            self.deblocked += 1;
        }
        while self.deringed < after(self.deblocked) {
            self.dering(frame);
            self.deringed += 1;
        }
        while self.restored < after(self.deringed) {
            self.restore(frame);
            self.restored += 1;
        }
    }

    fn deblock(&self, frame: &mut Picture<T>, marks: &EdgeMarks) {
        let (row, shift, depth) = (self.deblocked, frame.format.chroma.shift(), frame.format.bit_depth);
        if let Some(table) = &self.table {
            let settings = deblock::Settings::with_table(&marks.map, shift, depth, table.clone());
            deblock::deblock_band(&mut band(&mut frame.planes, shift, row), &settings);
            if row > 0 {
                deblock::deblock_seam(&mut frame.planes, row, &settings);
            }
        }
    }

    fn dering(&mut self, frame: &mut Picture<T>) {
        let (row, shift, depth) = (self.deringed, frame.format.chroma.shift(), frame.format.bit_depth);
        if let (Some(params), Some(seams)) = (&self.header.cdef, &mut self.seams[0]) {
            if row + 1 < self.total {
                seams.save(&frame.planes, row);
            }
            let band = &mut band(&mut frame.planes, shift, row);
            cdef::cdef_band(band, seams, params, &self.cdef_choice, &self.untouched, shift, depth);
        }
    }

    fn restore(&mut self, frame: &mut Picture<T>) {
        let (row, shift, depth) = (self.restored, frame.format.chroma.shift(), frame.format.bit_depth);
        if let (Some((params, prepared)), Some(seams)) = (&self.alf, &mut self.seams[1]) {
            if row + 1 < self.total {
                seams.save(&frame.planes, row);
            }
            let band = &mut band(&mut frame.planes, shift, row);
            wiener::alf_band(band, seams, params, prepared, &self.alf_flags, shift, depth);
        }
    }
}
