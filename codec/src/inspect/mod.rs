//! What is in a stream: frames, tools, bits by kind of syntax, use of the codebook. Nothing is reconstructed.

mod blocks;
mod books;
mod kinds;
#[cfg(test)]
mod tests;

pub use blocks::{BlockView, Prediction, TxView};
pub use books::{BookInfo, books};
pub use kinds::SYNTAX;

use crate::api::{Error, Limits, SequenceInfo, choose_codebook};
use crate::codebook::{BOOKS, BookUse, CodebookSet, book_uses};
use crate::decode::Promise;
use crate::entropy::{BIT, Meter, RangeDecoder};
use crate::reconstruct::Dpb;
use crate::stream::frame::{self, FilterSet, FrameHeader, SLOTS};
use crate::stream::sequence;
use crate::syntax::{Block, FrameContext, SUPERBLOCK, Superblock, code_superblock};
use std::fmt;
use std::sync::Arc;

/// The part of a frame in the order of its clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FrameType {
    /// Decoding can start here.
    Key,
    /// Shown after all frames decoded before it.
    Anchor,
    /// Shown before some of them; layer 1 lies between anchors.
    B(u8),
}

impl fmt::Display for FrameType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            FrameType::Key => f.pad("key"),
            FrameType::Anchor => f.pad("anchor"),
            FrameType::B(layer) => f.pad(&format!("B{layer}")),
        }
    }
}

/// Share of a frame's area by prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Areas {
    /// From samples of the same frame.
    pub intra: f64,
    /// From one reference.
    pub single: f64,
    /// From two references.
    pub double: f64,
    /// Of these, without residual and with a neighbour's motion.
    pub skip: f64,
}

/// What is in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameReport {
    /// Its part in the order of the clip.
    pub frame_type: FrameType,
    /// Place in display order, counted from the key frame.
    pub order: i32,
    /// Size of the packet.
    pub bytes: usize,
    /// Quantiser index in the header.
    pub qi: u8,
    /// Orders of the reference frames.
    pub references: Vec<i32>,
    /// Later frames may refer to this one.
    pub kept: bool,
    /// Names of the tools that the header switches on.
    pub tools: Vec<String>,
    /// Blocks that the frame is divided into.
    pub blocks: usize,
    /// How they are predicted.
    pub areas: Areas,
    /// Bits by kind of syntax, in the order of [`SYNTAX`].
    pub bits: Vec<f64>,
}

/// Goes through a stream, packet by packet in decoding order.
pub struct Inspector {
    info: SequenceInfo,
    limits: Limits,
    /// Without pictures: promises that nobody keeps. The decoder's code serves for them, too.
    dpb: Dpb<Promise<u16>>,
    /// Order and layer of the frames in the reference slots.
    layers: [Option<(i32, u8)>; SLOTS],
    /// Greatest order since the key frame.
    latest: i32,
    indices: Vec<Vec<u64>>,
}

impl Inspector {
    /// Reads a sequence header; `given` is for streams that name a codebook without carrying it.
    ///
    /// # Errors
    /// As [`Decoder::with_codebook`](crate::Decoder::with_codebook).
    pub fn new(header: &[u8], limits: Limits, given: Option<Arc<CodebookSet>>) -> Result<Self, Error> {
        let (info, packed) = sequence::read(header, &limits)?;
        let books = choose_codebook(&info, packed, &limits, given)?;
        Ok(Inspector {
            dpb: Dpb::new(info.format, books),
            info,
            limits,
            layers: [None; SLOTS],
            latest: 0,
            indices: vec![Vec::new(); BOOKS],
        })
    }

    /// What the sequence header says.
    pub fn info(&self) -> &SequenceInfo {
        &self.info
    }

    /// The set that the stream is coded with.
    pub fn codebook(&self) -> &Arc<CodebookSet> {
        &self.dpb.books
    }

    /// How the books were used in the frames so far; those that were not are left out.
    pub fn book_uses(&self) -> Vec<BookUse> {
        book_uses(&self.dpb.books, &self.indices)
    }

    /// Parses one packet.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Limit`]. The next packet may be parsed all the same.
    pub fn frame(&mut self, packet: &[u8]) -> Result<FrameReport, Error> {
        self.parse(packet, None)
    }

    /// The same, with what is to be known of each block, in coding order.
    ///
    /// # Errors
    /// As [`frame`](Self::frame).
    pub fn frame_with_blocks(&mut self, packet: &[u8]) -> Result<(FrameReport, Vec<BlockView>), Error> {
        let mut blocks = Vec::new();
        let report = self.parse(packet, Some(&mut blocks))?;
        Ok((report, blocks))
    }

    fn parse(&mut self, packet: &[u8], blocks: Option<&mut Vec<BlockView>>) -> Result<FrameReport, Error> {
        if packet.len() > self.limits.max_packet {
            return Err(Error::Limit("packet size"));
        }
        let (header, data) = frame::read(packet, self.dpb.last_order)?;
        let refs = self.dpb.references(&header)?;
        let filters = self.dpb.filter_set(&header)?;
        let mut f = self.dpb.frame_context(&header, &refs, filters.as_deref());
        let mut meter = Meter::new(RangeDecoder::new(data), f.ctx.models(), BOOKS);
        let mut count = Count::default();
        parse(&mut meter, &mut f, &mut count, blocks)?;
        let mut bits = kinds::by_kind(&meter.bits, meter.signs, BIT);
        bits[0] = 8.0 * (packet.len() - data.len()) as f64;
        for (all, seen) in self.indices.iter_mut().zip(&meter.indices) {
            all.resize(all.len().max(seen.len()), 0);
            all.iter_mut().zip(seen).for_each(|(a, n)| *a += n);
        }
        let report = FrameReport {
            frame_type: self.frame_type(&header),
            order: header.order,
            bytes: packet.len(),
            qi: header.qi,
            references: refs.iter().map(|r| r.order).collect(),
            kept: header.store.is_some(),
            tools: tools(&header),
            blocks: count.blocks,
            areas: count.areas(f.size),
            bits,
        };
        self.remember(&header, report.frame_type);
        self.dpb.keep(&header, f, Promise::default());
        Ok(report)
    }

    /// The layer follows from the nearest frames before and after in display order that a frame refers to.
    fn frame_type(&self, h: &FrameHeader) -> FrameType {
        if h.key {
            return FrameType::Key;
        }
        if h.order > self.latest {
            return FrameType::Anchor;
        }
        let refs = || h.refs.iter().filter_map(|&r| self.layers[usize::from(r) % SLOTS]);
        let past = refs().filter(|r| r.0 < h.order).max();
        let future = refs().filter(|r| r.0 > h.order).min();
        FrameType::B(past.into_iter().chain(future).map(|r| r.1).max().unwrap_or(0).saturating_add(1))
    }

    fn remember(&mut self, h: &FrameHeader, frame_type: FrameType) {
        if h.key {
            self.layers = [None; SLOTS];
            self.latest = 0;
        }
        self.latest = self.latest.max(h.order);
        if let Some(slot) = h.store {
            let layer = if let FrameType::B(layer) = frame_type { layer } else { 0 };
            self.layers[usize::from(slot) % SLOTS] = Some((h.order, layer));
        }
    }
}

/// Parses all superblocks.
fn parse(
    c: &mut Meter<RangeDecoder>,
    f: &mut FrameContext,
    count: &mut Count,
    mut views: Option<&mut Vec<BlockView>>,
) -> Result<(), Error> {
    let mut sb = Superblock::default();
    for y in (0..f.size.1).step_by(SUPERBLOCK) {
        f.start_row();
        for x in (0..f.size.0).step_by(SUPERBLOCK) {
            sb.clear();
            c.forget();
            code_superblock(c, f, &mut sb, x, y);
            sb.blocks.iter().for_each(|b| count.add(b));
            if let Some(views) = &mut views {
                blocks::view(f, &sb, c, views);
            }
        }
        if c.coder.exhausted() {
            return Err(Error::Corrupt("frame data ends early"));
        }
    }
    Ok(())
}

/// Names of what the header switches on.
fn tools(h: &FrameHeader) -> Vec<String> {
    let mut names = Vec::new();
    let mut add = |on: bool, name: &str| names.extend(on.then(|| name.to_string()));
    add(h.scalar, "scalar");
    add(h.context_slot.is_some(), "adaptation");
    add(h.deblock.is_some(), "deblock");
    add(h.cdef.is_some(), "dering");
    match &h.alf {
        Some(FilterSet::New(p)) => add(true, &format!("filters new ({})", p.luma.len())),
        Some(FilterSet::Kept(_)) => add(true, "filters kept"),
        None => {}
    }
    add(h.variable_quant, "variable quantiser");
    add(h.palette, "palettes");
    add(h.weights.iter().any(Option::is_some), "weights");
    add(h.temporal_motion, "temporal motion");
    add(h.eighth_sample, "eighth sample");
    add(h.hash.is_some(), "hash");
    names
}

/// Luma samples by prediction.
#[derive(Default)]
struct Count {
    blocks: usize,
    intra: usize,
    single: usize,
    double: usize,
    skip: usize,
}

impl Count {
    fn add(&mut self, b: &Block) {
        let area = b.w() * b.h();
        self.blocks += 1;
        match (b.inter, b.refs[1] >= 0) {
            (false, _) => self.intra += area,
            (true, false) => self.single += area,
            (true, true) => self.double += area,
        }
        self.skip += usize::from(b.skip) * area;
    }

    fn areas(&self, size: (usize, usize)) -> Areas {
        let share = |n: usize| n as f64 / (size.0 * size.1) as f64;
        Areas {
            intra: share(self.intra),
            single: share(self.single),
            double: share(self.double),
            skip: share(self.skip),
        }
    }
}
