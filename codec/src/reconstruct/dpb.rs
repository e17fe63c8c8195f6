//! Decoded pictures and contexts kept for later frames.

use crate::api::Error;
use crate::codebook::{CodebookSet, Thresholds};
use crate::filter::wiener::AlfParams;
use crate::picture::Format;
use crate::stream::frame::{CONTEXT_SLOTS, FILTER_SLOTS, FilterSet, FrameHeader, SLOTS};
use crate::syntax::{CellGrid, Contexts, FrameContext, MAGS, MotionField};
use std::sync::Arc;

/// A decoded frame and what later frames take from it.
#[derive(Clone, Debug)]
pub struct Reference<P> {
    /// Stands for the picture: padded, its border filled.
    pub picture: P,
    pub order: i32,
    pub motion: MotionField,
}

/// Reference slots and context slots: all that lives from frame to frame. `P` stands for a picture.
#[derive(Clone, Debug)]
pub struct Dpb<P> {
    pub format: Format,
    pub books: Arc<CodebookSet>,
    slots: [Option<Arc<Reference<P>>>; SLOTS],
    contexts: [Option<Arc<Contexts>>; CONTEXT_SLOTS],
    /// Filter sets, the newest first.
    pub filters: Vec<Arc<AlfParams>>,
    /// Order of the frame decoded last.
    pub last_order: i32,
}

impl<P> Dpb<P> {
    pub fn new(format: Format, books: Arc<CodebookSet>) -> Self {
        Dpb {
            format,
            books,
            slots: Default::default(),
            contexts: Default::default(),
            filters: Vec::new(),
            last_order: 0,
        }
    }

    /// Luma size as coded: multiples of 8.
    pub fn coded_size(&self) -> (usize, usize) {
        (self.format.width.next_multiple_of(8), self.format.height.next_multiple_of(8))
    }

    /// The references that a header names.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one is missing.
    pub fn references(&self, h: &FrameHeader) -> Result<Vec<Arc<Reference<P>>>, Error> {
        let get = |&i: &u8| self.slots[usize::from(i) % SLOTS].clone();
        let refs: Option<Vec<_>> = h.refs.iter().map(get).collect();
        let refs = refs.ok_or(Error::Corrupt("missing reference frame"))?;
        if refs.iter().any(|r| r.order == h.order) {
            return Err(Error::Corrupt("a reference with the frame's own order"));
        }
        Ok(refs)
    }

    /// The filters that a header names or brings.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if there is no such set.
    pub fn filter_set(&self, h: &FrameHeader) -> Result<Option<Arc<AlfParams>>, Error> {
        match &h.alf {
            None => Ok(None),
            Some(FilterSet::New(p)) => Ok(Some(Arc::new(p.clone()))),
            Some(FilterSet::Kept(i)) if !h.key => {
                let kept = self.filters.get(usize::from(*i)).cloned();
                kept.map(Some).ok_or(Error::Corrupt("missing loop filter set"))
            }
            Some(FilterSet::Kept(_)) => {
                Err(Error::Corrupt("a key frame with an earlier frame's loop filters"))
            }
        }
    }

    /// The syntax state that a frame starts with.
    pub fn frame_context(
        &self,
        h: &FrameHeader,
        refs: &[Arc<Reference<P>>],
        filters: Option<&AlfParams>,
    ) -> FrameContext {
        let kept = h.context_slot.and_then(|slot| self.contexts[usize::from(slot)].as_deref().cloned());
        let (width, height) = self.coded_size();
        FrameContext {
            size: (width, height),
            chroma: self.format.chroma,
            key: h.key,
            order: h.order,
            ref_orders: refs.iter().map(|r| r.order).collect(),
            motion_field: refs.first().filter(|_| h.temporal_motion).map(|r| r.motion.clone()),
            eighth_sample: h.eighth_sample,
            ctx: kept.unwrap_or_else(|| Contexts::initial(&self.books, h.key, h.qi)),
            cells: CellGrid::new(width, height),
            history: Default::default(),
            mags: Box::new([0; MAGS]),
            base_qi: h.qi,
            qi: h.qi,
            variable_quant: h.variable_quant,
            palette: h.palette,
            colours: Default::default(),
            bit_depth: self.format.bit_depth,
            quant_pending: true,
            cdef_choices: h.cdef.as_ref().map_or(0, |c| c.strengths.len()),
            alf: [0, 1, 2].map(|p| p < self.format.chroma.planes() && filters.is_some_and(|f| f.covers(p))),
            books: self.books.clone(),
            thresholds: if h.scalar { Thresholds::SCALAR } else { Thresholds::VECTOR },
            scalar: h.scalar,
        }
    }

    /// Keeps what a decoded frame leaves behind.
    pub fn keep(&mut self, h: &FrameHeader, f: FrameContext, picture: P) {
        self.last_order = h.order;
        if h.key {
            self.slots = Default::default();
            self.contexts = Default::default();
            self.filters.clear();
        }
        if let Some(slot) = h.context_slot {
            self.contexts[usize::from(slot)] = Some(Arc::new(f.ctx));
        }
        if let Some(FilterSet::New(p)) = &h.alf {
            self.filters.insert(0, Arc::new(p.clone()));
            self.filters.truncate(FILTER_SLOTS);
        }
        if let Some(slot) = h.store {
            let mut refs = [h.order; 4];
            refs.iter_mut().zip(&f.ref_orders).for_each(|(to, &o)| *to = o);
            let motion = MotionField { grid: Arc::new(f.cells), order: h.order, refs };
            let new = Arc::new(Reference { picture, order: h.order, motion });
            self.slots[usize::from(slot) % SLOTS] = Some(new);
        }
    }
}
