//! Decoding of a frame: parse, then reconstruct and filter.
//!
//! Frames are parsed one after the other, as each may begin with the contexts that another left. Parsing takes no samples,
//! so a parsed frame can wait for its references, and frames that do not refer to each other are reconstructed at once.

mod jobs;
mod order;
mod rows;

use crate::api::Error;
use crate::codebook::CodebookSet;
use crate::entropy::{Method, RangeDecoder, Vectors};
use crate::kernel::{lanes::WIDE, level};
use crate::picture::{Format, Sample};
use crate::reconstruct::{Dpb, EdgeMarks, post};
use crate::stream::frame::{self, FrameHeader};
use crate::syntax::{FrameContext, SUPERBLOCK};
use fearless_simd::dispatch;
pub use jobs::Promise;
use jobs::{Job, Jobs, Rows};
#[cfg(all(test, feature = "encode"))]
pub use order::MAX_REORDER;
pub use order::{Pictures, decoder};
use rows::parse_row;
use std::sync::Arc;

/// Decodes frames one after the other.
struct FrameDecoder<T: Sample> {
    dpb: Dpb<Promise<T>>,
    jobs: Jobs<T>,
    /// Compare with the hash in the stream.
    verify: bool,
    frames: u64,
}

impl<T: Sample> FrameDecoder<T> {
    fn new(format: Format, books: Arc<CodebookSet>, most_ahead: usize) -> Self {
        let dpb = Dpb::new(format, books);
        let jobs = Jobs::new(dpb.coded_size(), format, most_ahead);
        FrameDecoder { dpb, jobs, verify: false, frames: 0 }
    }

    /// Forgets all frames: the next one must be a key frame.
    fn forget(&mut self) {
        self.dpb = Dpb::new(self.dpb.format, self.dpb.books.clone());
        self.frames = 0;
    }

    /// Parses one frame, to be reconstructed now or soon.
    ///
    /// # Errors
    /// [`Error::Corrupt`], or [`Error::HashMismatch`] if verifying.
    fn decode(&mut self, packet: &[u8]) -> Result<(FrameHeader, Promise<T>), Error> {
        self.frames += 1;
        let (header, data) = frame::read(packet, self.dpb.last_order)?;
        let refs = self.dpb.references(&header)?;
        let filters = self.dpb.filter_set(&header)?;
        let mut f = self.dpb.frame_context(&header, &refs, filters.as_deref());
        let mut marks = EdgeMarks::new(f.size);
        let mut rows = self.jobs.rows();
        if WIDE {
            dispatch!(level(), simd => {
                let coder = RangeDecoder::with(Vectors(simd), data);
                parse(coder, &mut f, &mut rows, &mut marks)
            })?;
        } else {
            parse(RangeDecoder::new(data), &mut f, &mut rows, &mut marks)?;
        }
        let (untouched, picture) = (post::untouched(&f.cells), Promise::default());
        let refs = refs.iter().map(|r| r.picture.clone()).collect();
        self.jobs.add(Job {
            header: header.clone(),
            filters,
            refs,
            rows,
            untouched,
            marks,
            picture: picture.clone(),
        });
        if let Some(hash) = header.hash.filter(|_| self.verify)
            && self.jobs.wait(&picture).hash() != hash
        {
            return Err(Error::HashMismatch { frame: self.frames - 1 });
        }
        self.dpb.keep(&header, f, picture.clone());
        Ok((header, picture))
    }
}

/// Parses all superblocks of a frame.
fn parse(
    mut c: RangeDecoder<impl Method>,
    f: &mut FrameContext,
    rows: &mut Rows,
    marks: &mut EdgeMarks,
) -> Result<(), Error> {
    for (i, row) in rows.iter_mut().enumerate() {
        parse_row(&mut c, f, i * SUPERBLOCK, row, marks);
        if c.exhausted() {
            return Err(Error::Corrupt("frame data ends early"));
        }
    }
    Ok(())
}
