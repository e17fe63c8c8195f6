//! Decoding of a frame: parse, reconstruct, filter.

use crate::api::Error;
use crate::entropy::RangeDecoder;
use crate::picture::Picture;
use crate::reconstruct::{Dpb, EdgeMarks, Reconstructor, post};
use crate::stream::frame::{self, FrameHeader};
use crate::syntax::{FrameContext, SUPERBLOCK, Superblock, code_superblock, for_each_tx};
use std::sync::Arc;

/// Decodes frames one after the other.
pub struct FrameDecoder {
    dpb: Dpb,
    reconstructor: Reconstructor,
    row: Vec<Superblock>,
    /// Compare with the hash in the stream.
    pub verify: bool,
    frames: u64,
}

/// A decoded frame, its border included, and its header.
pub struct Decoded {
    pub picture: Arc<Picture>,
    pub header: FrameHeader,
}

impl FrameDecoder {
    pub fn new(dpb: Dpb) -> Self {
        let reconstructor = Reconstructor::new(dpb.coded_size());
        FrameDecoder { dpb, reconstructor, row: Vec::new(), verify: false, frames: 0 }
    }

    /// Takes back a picture that is no longer needed.
    pub fn release(&mut self, picture: Arc<Picture>) {
        self.dpb.release(picture);
    }

    /// Decodes one frame.
    ///
    /// # Errors
    /// [`Error::Corrupt`], or [`Error::HashMismatch`] if verifying.
    pub fn decode(&mut self, packet: &[u8]) -> Result<Decoded, Error> {
        self.frames += 1;
        let (header, data) = frame::read(packet, self.dpb.last_order)?;
        let refs = self.dpb.references(&header)?;
        let filters = self.dpb.filter_set(&header)?;
        let mut f = self.dpb.frame_context(&header, &refs, filters.as_deref());
        let pictures: Vec<Arc<Picture>> = refs.iter().map(|r| r.picture.clone()).collect();
        let mut picture = self.dpb.blank();
        let mut marks = EdgeMarks::new(f.size);
        let (mut cdef, mut alf) = (Vec::new(), Vec::new());
        let mut coder = RangeDecoder::new(data);
        self.reconstructor.chroma_offset = header.chroma_offset;
        for y in (0..f.size.1).step_by(SUPERBLOCK) {
            parse_row(&mut coder, &mut f, y, &mut self.row, &mut marks);
            if coder.exhausted() {
                return Err(Error::Corrupt("frame data ends early"));
            }
            for sb in &self.row[..f.size.0.div_ceil(SUPERBLOCK)] {
                cdef.push(sb.cdef);
                alf.push(sb.alf_bits());
                reconstruct(&mut self.reconstructor, &mut picture, &pictures, &f, sb);
            }
        }
        post::deblock_frame(&mut picture, &header, &marks);
        post::dering_frame(&mut self.dpb, &mut picture, &header, &f.cells, &cdef);
        post::restore_frame(&mut self.dpb, &mut picture, filters.as_deref(), &alf);
        post::pad(&mut picture);
        if let Some(hash) = header.hash.filter(|_| self.verify)
            && picture.hash() != hash
        {
            return Err(Error::HashMismatch { frame: self.frames - 1 });
        }
        let picture = Arc::new(picture);
        self.dpb.keep(&header, f, picture.clone());
        Ok(Decoded { picture, header })
    }
}

/// Parses one row of superblocks.
fn parse_row(
    c: &mut RangeDecoder,
    f: &mut FrameContext,
    y: usize,
    row: &mut Vec<Superblock>,
    marks: &mut EdgeMarks,
) {
    f.history.clear();
    for (i, x) in (0..f.size.0).step_by(SUPERBLOCK).enumerate() {
        if i == row.len() {
            row.push(Superblock::default());
        }
        let sb = &mut row[i];
        sb.clear();
        code_superblock(c, f, sb, x, y);
        marks.mark_superblock(f, sb);
    }
}

/// Reconstructs the blocks of a parsed superblock.
fn reconstruct(
    r: &mut Reconstructor,
    picture: &mut Picture,
    refs: &[Arc<Picture>],
    f: &FrameContext,
    sb: &Superblock,
) {
    let mut next = 0;
    for b in &sb.blocks {
        if b.inter {
            r.predict_inter(picture, refs, b, 0..f.chroma.planes());
        }
        if !b.residual {
            continue;
        }
        for_each_tx(b, f.chroma, |t| {
            let tx = &sb.res.tx[next];
            next += 1;
            if !b.inter {
                r.predict_intra(picture, b, t);
            }
            if tx.coded {
                let (w, h) = (usize::from(tx.nz_w), usize::from(tx.nz_h));
                let values = &sb.res.coeffs[tx.coeffs as usize..][..w * h];
                let step = r.step(t.plane, b.qi);
                r.add_residual(picture, t, tx.tx_type, step, values, (w, h));
            }
        });
    }
}
