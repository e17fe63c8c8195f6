//! The frame header (SPEC.md, "Frame header").

use super::fields::{FieldReader, FieldWriter, Fields};
use super::weight::{self, Weights};
use crate::api::Error;
use crate::filter::cdef::CdefParams;
use crate::filter::wiener::{AlfParams, MAX_FILTERS};

/// Pictures that can be kept as references.
pub const SLOTS: usize = 8;
/// Sets of adapted contexts that are kept from frame to frame.
pub const CONTEXT_SLOTS: usize = 4;

/// Filter sets of earlier frames that can be used again.
pub const FILTER_SLOTS: usize = 4;

/// Where the filters of the adaptive loop filter come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterSet {
    /// Sent with this frame, and kept as the newest of [`FILTER_SLOTS`].
    New(AlfParams),
    /// A kept one, 0 the newest.
    Kept(u8),
}

/// What precedes a frame's coded data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Needs no other frame; empties the reference slots.
    pub key: bool,
    /// Place in display order, counted from the last key frame.
    pub order: i32,
    /// Slot that keeps the decoded picture, if any.
    pub store: Option<u8>,
    /// Where the contexts are to start from, and to leave behind; `None`: the codebook's own, and nothing.
    pub context_slot: Option<u8>,
    /// Slots of the reference pictures: 1 to 4 in an inter frame.
    pub refs: Vec<u8>,
    /// Weights of the references in the same order; none at the end of the list: unweighted.
    pub weights: Vec<Option<Weights>>,
    /// Temporal candidates come from the first reference.
    pub temporal_motion: bool,
    /// Blocks may have motion vectors of 1/8 instead of 1/4 sample.
    pub eighth_sample: bool,
    pub qi: u8,
    /// Added to the quantiser index of chroma.
    pub chroma_offset: i32,
    pub variable_quant: bool,
    /// Intra blocks may have palettes.
    pub palette: bool,
    /// The control: scalar quantisation.
    pub scalar: bool,
    /// Deblocking strength offset; `None`: off.
    pub deblock: Option<i8>,
    /// Dering filter; `None`: off.
    pub cdef: Option<CdefParams>,
    /// Adaptive loop filter; `None`: off.
    pub alf: Option<FilterSet>,
    /// CRC-32 of the decoded picture.
    pub hash: Option<u32>,
}

impl FrameHeader {
    /// A key frame's header with all tools off.
    pub fn key(qi: u8) -> Self {
        FrameHeader {
            key: true,
            order: 0,
            store: Some(0),
            context_slot: None,
            refs: Vec::new(),
            weights: Vec::new(),
            temporal_motion: false,
            eighth_sample: false,
            qi,
            chroma_offset: 0,
            variable_quant: false,
            palette: false,
            scalar: false,
            deblock: None,
            cdef: None,
            alf: None,
            hash: None,
        }
    }
}

fn code<F: Fields>(f: &mut F, h: &mut FrameHeader, last_order: i32) -> Result<(), Error> {
    h.key = f.flag(h.key)?;
    let fixed = h.context_slot.is_none() && !h.key;
    let mut context_slot = None;
    if h.key {
        (h.order, h.store) = (0, Some(0));
        h.refs.clear();
        h.weights.clear();
        (h.temporal_motion, h.eighth_sample) = (false, false);
    } else {
        let delta = f.signed(h.order - last_order)?;
        h.order = last_order
            .checked_add(delta)
            .filter(|o| (1..1 << 24).contains(o))
            .ok_or(Error::Corrupt("frame order"))?;
        let store = f.flag(h.store.is_some())?;
        let slot = if store { f.bits(3, h.store.unwrap_or(0).into())? as u8 } else { 0 };
        h.store = store.then_some(slot);
        context_slot = Some(f.bits(2, h.context_slot.unwrap_or(0).into())? as u8);
        let n = f.bits(2, (h.refs.len() as u32).wrapping_sub(1) & 3)? as usize + 1;
        h.refs.resize(n, 0);
        for r in &mut h.refs {
            *r = f.bits(3, (*r).into())? as u8;
        }
        h.weights.resize(n, None);
        if f.flag(h.weights.iter().any(Option::is_some))? {
            for w in &mut h.weights {
                *w = weight::code(f, *w)?;
            }
        }
        h.temporal_motion = f.flag(h.temporal_motion)?;
        h.eighth_sample = f.flag(h.eighth_sample)?;
    }
    h.qi = f.bits(8, h.qi.into())? as u8;
    h.chroma_offset = f.signed(h.chroma_offset)?.clamp(-255, 255);
    h.variable_quant = f.flag(h.variable_quant)?;
    h.palette = f.flag(h.palette)?;
    // Both for measurements only, so that one bit does for other streams.
    let control = f.flag(h.scalar || fixed)?;
    h.scalar = control && f.flag(h.scalar)?;
    let fixed = control && f.flag(fixed)?;
    h.context_slot = context_slot.filter(|_| !fixed);
    h.deblock = match f.flag(h.deblock.is_some())? {
        true => Some(f.signed(h.deblock.unwrap_or(0).into())?.clamp(-64, 63) as i8),
        false => None,
    };
    h.cdef = match f.flag(h.cdef.is_some())? {
        true => {
            Some(code_cdef(f, h.cdef.take().unwrap_or(CdefParams { damping: 3, strengths: Vec::new() }))?)
        }
        false => None,
    };
    h.alf = match f.flag(h.alf.is_some())? {
        true => Some(code_filters(f, h.alf.take())?),
        false => None,
    };
    h.hash = match f.flag(h.hash.is_some())? {
        true => Some(f.bits(32, h.hash.unwrap_or(0))?),
        false => None,
    };
    Ok(())
}

fn code_filters<F: Fields>(f: &mut F, set: Option<FilterSet>) -> Result<FilterSet, Error> {
    let (new, mut p, kept) = match set {
        Some(FilterSet::New(p)) => (true, p, 0),
        Some(FilterSet::Kept(i)) => (false, AlfParams::default(), i),
        None => (false, AlfParams::default(), 0),
    };
    if !f.flag(new)? {
        return Ok(FilterSet::Kept(f.bits(2, kept.into())? as u8));
    }
    let n = f.bits(5, p.luma.len() as u32)? as usize;
    if n > MAX_FILTERS {
        return Err(Error::Corrupt("too many loop filters"));
    }
    p.luma.resize(n, Default::default());
    if n > 1 {
        let bits = (n - 1).ilog2() + 1;
        for c in &mut p.classes {
            *c = (f.bits(bits, (*c).into())? as u8).min(n as u8 - 1);
        }
    } else {
        p.classes.fill(0);
    }
    for c in p.luma.iter_mut().flatten() {
        *c = f.signed((*c).into())?.clamp(-127, 127) as i8;
    }
    if f.flag(p.chroma.is_some())? {
        let mut taps = p.chroma.unwrap_or_default();
        for c in &mut taps {
            *c = f.signed((*c).into())?.clamp(-127, 127) as i8;
        }
        p.chroma = Some(taps);
    }
    Ok(FilterSet::New(p))
}

fn code_cdef<F: Fields>(f: &mut F, mut p: CdefParams) -> Result<CdefParams, Error> {
    p.damping = f.bits(2, u32::from(p.damping).wrapping_sub(3) & 3)? as u8 + 3;
    let log = f.bits(2, p.strengths.len().max(1).ilog2())?;
    p.strengths.resize(1 << log, (0, 0));
    for (luma, chroma) in &mut p.strengths {
        *luma = f.bits(6, (*luma).into())? as u8;
        *chroma = f.bits(6, (*chroma).into())? as u8;
    }
    Ok(p)
}

/// Writes a frame header; `last_order` is the order of the frame decoded before.
pub fn write(h: &FrameHeader, last_order: i32) -> Result<Vec<u8>, Error> {
    let mut w = FieldWriter::new();
    code(&mut w, &mut h.clone(), last_order)?;
    w.finish()
}

/// Reads a frame header; returns it and the bytes of the frame's coded data.
pub fn read(bytes: &[u8], last_order: i32) -> Result<(FrameHeader, &[u8]), Error> {
    let mut r = FieldReader::new(bytes);
    let mut h = FrameHeader::key(0);
    code(&mut r, &mut h, last_order)?;
    Ok((h, r.rest()?))
}
