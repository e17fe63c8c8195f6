//! Decoded pictures and contexts kept for later frames.

use crate::api::Error;
use crate::codebook::{CodebookSet, Thresholds};
use crate::filter::wiener::AlfParams;
use crate::picture::{Format, Picture, Sample};
use crate::predict::inter::PAD;
use crate::stream::frame::{CONTEXT_SLOTS, FILTER_SLOTS, FilterSet, FrameHeader, SLOTS};
use crate::stream::weight::{Weights, weighted};
use crate::syntax::{CellGrid, Contexts, FrameContext, MAGS, MotionField};
use std::sync::Arc;

/// A decoded frame and what later frames take from it.
#[derive(Clone, Debug)]
pub struct Reference<T: Sample = u16> {
    /// Padded, its border filled.
    pub picture: Arc<Picture<T>>,
    pub order: i32,
    pub motion: MotionField,
}

/// Reference slots and context slots: all that lives from frame to frame.
#[derive(Clone, Debug)]
pub struct Dpb<T: Sample = u16> {
    pub format: Format,
    pub books: Arc<CodebookSet>,
    slots: [Option<Arc<Reference<T>>>; SLOTS],
    contexts: [Option<Arc<Contexts>>; CONTEXT_SLOTS],
    /// Border of the pictures.
    pad: usize,
    /// Pictures that are no longer references, to decode into again once nobody looks at them.
    spare: Vec<Picture<T>>,
    /// Filter sets, the newest first.
    pub filters: Vec<Arc<AlfParams>>,
    /// Order of the frame decoded last.
    pub last_order: i32,
}

/// Most pictures kept for later use: those that wait to be shown, and some.
const MAX_SPARE: usize = 12;

impl<T: Sample> Dpb<T> {
    pub fn new(format: Format, books: Arc<CodebookSet>) -> Self {
        Dpb {
            format,
            books,
            pad: PAD,
            spare: Vec::new(),
            slots: Default::default(),
            contexts: Default::default(),
            filters: Vec::new(),
            last_order: 0,
        }
    }

    /// The same with another border around pictures.
    pub fn with_pad(self, pad: usize) -> Self {
        Dpb { pad, ..self }
    }

    /// What [`Dpb::restore`] goes back to.
    pub fn snapshot(&self) -> Self {
        // Spare pictures that two know of could not be decoded into.
        Dpb { spare: Vec::new(), ..self.clone() }
    }

    /// Forgets all frames since a snapshot.
    pub fn restore(&mut self, snapshot: Self) {
        let spare = std::mem::take(&mut self.spare);
        *self = Dpb { spare, ..snapshot };
    }

    /// Luma size as coded: multiples of 8.
    pub fn coded_size(&self) -> (usize, usize) {
        (self.format.width.next_multiple_of(8), self.format.height.next_multiple_of(8))
    }

    /// A picture to decode into; what it holds is undefined.
    pub fn blank(&mut self) -> Picture<T> {
        // The one used last is the likeliest to be in the cache.
        let free = (0..self.spare.len()).rev().find(|&i| self.spare[i].is_unshared());
        match free {
            Some(i) => self.spare.remove(i),
            None => self.new_picture(),
        }
    }

    /// One more picture to decode into.
    pub fn new_picture(&self) -> Picture<T> {
        Picture::padded(self.format, self.pad, 8)
    }

    /// Takes back a picture from [`Dpb::blank`].
    pub fn recycle(&mut self, picture: Picture<T>) {
        if self.spare.len() < MAX_SPARE {
            self.spare.push(picture);
        }
    }

    /// Takes back a shared picture if this was its last user.
    pub fn release(&mut self, picture: Arc<Picture<T>>) {
        if let Ok(p) = Arc::try_unwrap(picture) {
            self.recycle(p);
        }
    }

    /// The references that a header names.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one is missing.
    pub fn references(&self, h: &FrameHeader) -> Result<Vec<Arc<Reference<T>>>, Error> {
        let weights = h.weights.iter().copied().chain(std::iter::repeat(None));
        let get = |(&i, weights): (&u8, Option<Weights>)| {
            let slot = self.slots[usize::from(i) % SLOTS].clone();
            let kept = slot.ok_or(Error::Corrupt("missing reference frame"))?;
            Ok(match weights {
                Some(w) => {
                    let picture = Arc::new(weighted(&kept.picture, &w));
                    Arc::new(Reference { picture, order: kept.order, motion: kept.motion.clone() })
                }
                None => kept,
            })
        };
        let refs: Vec<_> = h.refs.iter().zip(weights).map(get).collect::<Result<_, _>>()?;
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
        refs: &[Arc<Reference<T>>],
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
            history: Vec::new(),
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
    pub fn keep(&mut self, h: &FrameHeader, f: FrameContext, picture: Arc<Picture<T>>) {
        self.last_order = h.order;
        if h.key {
            for old in std::mem::take(&mut self.slots).into_iter().flatten() {
                self.forget(old);
            }
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
            if let Some(old) = self.slots[usize::from(slot) % SLOTS].replace(new) {
                self.forget(old);
            }
        }
    }

    fn forget(&mut self, old: Arc<Reference<T>>) {
        if let Ok(r) = Arc::try_unwrap(old) {
            self.release(r.picture);
        }
    }
}
