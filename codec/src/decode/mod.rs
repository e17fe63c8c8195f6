//! Decoding of a frame: parse, reconstruct, filter.
//!
//! Frames are decoded one after the other. Within a frame, one thread parses the superblocks row by row; as soon as a
//! row is parsed, another may predict its inter blocks, which depend on other frames only. Intra blocks follow in
//! coding order, and the loop filters work on all rows at once.

mod rows;

use crate::api::Error;
use crate::entropy::RangeDecoder;
use crate::filter::band::{band, bands};
use crate::filter::wiener::AlfParams;
use crate::picture::{Picture, Sample};
use crate::reconstruct::{Dpb, EdgeMarks, Follow, Reconstructor, post};
use crate::stream::frame::{self, FrameHeader};
use crate::syntax::{FrameContext, SUPERBLOCK, Superblock};
use crate::workers::Workers;
use rows::{Scratch, inter_row, intra_row, parse_row};
use std::sync::Arc;

/// Decodes frames one after the other.
pub struct FrameDecoder<T: Sample> {
    dpb: Dpb<T>,
    scratch: Scratch,
    /// The parsed superblocks of a frame, by rows.
    rows: Vec<Vec<Superblock>>,
    pub settings: Settings,
    frames: u64,
}

/// How frames are decoded.
#[derive(Default)]
pub struct Settings {
    pub workers: Workers,
    /// Compare with the hash in the stream.
    pub verify: bool,
}

/// A decoded frame, its border included, and its header.
pub struct Decoded<T: Sample> {
    pub picture: Arc<Picture<T>>,
    pub header: FrameHeader,
}

impl<T: Sample> FrameDecoder<T> {
    pub fn new(dpb: Dpb<T>) -> Self {
        let (width, height) = dpb.coded_size();
        let row = vec![Superblock::default(); width.div_ceil(SUPERBLOCK)];
        FrameDecoder {
            scratch: Scratch::new(Reconstructor::new((width, height), dpb.format)),
            rows: vec![row; height.div_ceil(SUPERBLOCK)],
            dpb,
            settings: Settings::default(),
            frames: 0,
        }
    }

    /// Takes back a picture that is no longer needed.
    pub fn release(&mut self, picture: Arc<Picture<T>>) {
        self.dpb.release(picture);
    }

    /// Decodes one frame.
    ///
    /// # Errors
    /// [`Error::Corrupt`], or [`Error::HashMismatch`] if verifying.
    pub fn decode(&mut self, packet: &[u8]) -> Result<Decoded<T>, Error> {
        let workers = std::mem::take(&mut self.settings.workers);
        let decoded = workers.run(|| self.decode_with(&workers, packet));
        self.settings.workers = workers;
        decoded
    }

    fn decode_with(&mut self, workers: &Workers, packet: &[u8]) -> Result<Decoded<T>, Error> {
        self.frames += 1;
        let (header, data) = frame::read(packet, self.dpb.last_order)?;
        let refs = self.dpb.references(&header)?;
        let filters = self.dpb.filter_set(&header)?;
        let mut f = self.dpb.frame_context(&header, &refs, filters.as_deref());
        let pictures: Vec<Arc<Picture<T>>> = refs.iter().map(|r| r.picture.clone()).collect();
        let mut picture = self.dpb.blank();
        let mut marks = EdgeMarks::new(f.size);
        let all = (&header, data);
        if workers.is_alone() {
            self.row_by_row(all, filters.as_deref(), &pictures, &mut f, &mut marks, &mut picture)?;
        } else {
            self.parse(workers, all, &pictures, &mut f, &mut marks, &mut picture)?;
            let mut r = self.scratch.take(header.chroma_offset);
            self.rows.iter().for_each(|row| intra_row(&mut r, &mut picture, row));
            self.scratch.give(r);
            let superblocks = || self.rows.iter().flatten();
            let cdef: Vec<u8> = superblocks().map(|sb| sb.cdef).collect();
            let alf: Vec<u8> = superblocks().map(Superblock::alf_bits).collect();
            post::deblock_frame(&mut picture, &header, &marks, workers);
            post::dering_frame(&mut picture, &header, &f.cells, &cdef, workers);
            post::restore_frame(&mut picture, filters.as_deref(), &alf, workers);
        }
        post::pad(&mut picture);
        if let Some(hash) = header.hash.filter(|_| self.settings.verify)
            && picture.hash() != hash
        {
            return Err(Error::HashMismatch { frame: self.frames - 1 });
        }
        let picture = Arc::new(picture);
        self.dpb.keep(&header, f, picture.clone());
        Ok(Decoded { picture, header })
    }

    /// Does everything with a row of superblocks before the next one is parsed, or soon after.
    fn row_by_row(
        &mut self,
        (header, data): (&FrameHeader, &[u8]),
        filters: Option<&AlfParams>,
        refs: &[Arc<Picture<T>>],
        f: &mut FrameContext,
        marks: &mut EdgeMarks,
        picture: &mut Picture<T>,
    ) -> Result<(), Error> {
        let mut coder = RangeDecoder::new(data);
        let mut r = self.scratch.take(header.chroma_offset);
        let mut filters = Follow::new(header, filters, picture);
        let (chroma, rows) = (f.chroma, self.rows.len());
        // All rows in the place of one, which stays in the cache.
        let row = &mut self.rows[0];
        for i in 0..rows {
            parse_row(&mut coder, f, i * SUPERBLOCK, row, marks);
            if coder.exhausted() {
                return Err(Error::Corrupt("frame data ends early"));
            }
            if !f.key {
                let mut band = band(&mut picture.planes, chroma.shift(), i);
                inter_row(&mut r, &mut band, refs, row, chroma);
            }
            intra_row(&mut r, picture, row);
            filters.add(picture, row, &f.cells, marks);
        }
        self.scratch.give(r);
        Ok(())
    }

    /// Parses all superblocks and reconstructs the inter blocks.
    fn parse(
        &mut self,
        workers: &Workers,
        (header, data): (&FrameHeader, &[u8]),
        refs: &[Arc<Picture<T>>],
        f: &mut FrameContext,
        marks: &mut EdgeMarks,
        picture: &mut Picture<T>,
    ) -> Result<(), Error> {
        let (scratch, chroma, offset) = (&self.scratch, f.chroma, header.chroma_offset);
        let bands = bands(&mut picture.planes, chroma.shift());
        let rows = self.rows.iter_mut();
        workers.overlap(move |tasks| {
            let mut coder = RangeDecoder::new(data);
            for (row, mut band) in rows.zip(bands) {
                parse_row(&mut coder, f, band.row * SUPERBLOCK, row, marks);
                if coder.exhausted() {
                    return Err(Error::Corrupt("frame data ends early"));
                }
                let row = &*row;
                if !f.key {
                    tasks.add(move || {
                        let mut r = scratch.take(offset);
                        inter_row(&mut r, &mut band, refs, row, chroma);
                        scratch.give(r);
                    });
                }
            }
            Ok(())
        })
    }
}
