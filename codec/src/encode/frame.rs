//! Encoding of one frame: search and filters, then entropy coding. Frames that do not refer to each other may be decided
//! at once; they are coded one after the other.

use super::observe::{Observations, Spent};
use super::presets::Settings;
use super::quantisers::Quantisers;
use super::search::{self, Search, Searched};
use super::weights;
use crate::api::Error;
use crate::codebook::{Lookup, step};
use crate::entropy::RangeEncoder;
use crate::filter::Price;
use crate::filter::cdef;
use crate::filter::wiener::{AlfParams, AlfStats};
use crate::picture::Picture;
use crate::predict::inter::PAD;
use crate::reconstruct::{Dpb, EdgeMarks, Reference, post};
use crate::stream::frame::{self, FilterSet, FrameHeader};
use crate::stream::weight::weigh;
use crate::syntax::{FrameContext, SUPERBLOCK, Superblock, code_superblock};
use crate::workers::Workers;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cost of a bit in squared error for a quantiser index: `factor` times the squared step.
pub fn lambda(qi: u8, bit_depth: u8, factor: f32) -> f32 {
    let step = step(qi) as f32 / 4096.0 * (1 << (bit_depth - 8)) as f32;
    factor * step * step
}

/// Pictures that nobody searches in at the moment.
pub type Desks = Arc<Mutex<Vec<Picture>>>;

/// A frame to decide, and what that needs.
pub struct FrameJob {
    /// Of the coded size.
    pub source: Picture,
    pub header: FrameHeader,
    pub quantisers: Quantisers,
    pub settings: Settings,
    pub lookup: Arc<Lookup>,
    /// Pictures to search in: where they are taken from and put back to.
    pub desks: Desks,
    pub workers: Workers,
    /// Collect statistics for training.
    pub observe: bool,
}

/// A frame as it will be decoded, with all that is decided about it but not yet coded.
pub struct Decided {
    header: FrameHeader,
    refs: Vec<Arc<Reference<Arc<Picture>>>>,
    /// Cost of a bit in squared error.
    lambda: f32,
    picture: Picture,
    superblocks: Vec<Superblock>,
    /// Kept from an earlier frame or new.
    filters: Option<Arc<AlfParams>>,
    observations: Option<Observations>,
}

impl Decided {
    /// The frame as it will be decoded.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Quantiser index of the frame.
    pub fn qi(&self) -> u8 {
        self.header.qi
    }
}

/// A frame that is being decided.
pub struct Deciding {
    job: FrameJob,
    refs: Vec<Arc<Reference<Arc<Picture>>>>,
    /// The references' pictures, weighted.
    pictures: Vec<Arc<Picture>>,
    /// Filter sets of earlier frames that it may use.
    kept: Vec<Arc<AlfParams>>,
    /// What each search starts with.
    f: FrameContext,
}

impl Deciding {
    /// A frame to decide after what `dpb` holds.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the header refers to what `dpb` does not hold.
    pub fn new(dpb: &Dpb<Arc<Picture>>, mut job: FrameJob) -> Result<Self, Error> {
        let (header, source) = (&mut job.header, &job.source);
        let refs = dpb.references(header)?;
        if job.settings.weights {
            header.weights = refs.iter().map(|r| weights::find(source, &r.picture)).collect();
        }
        header.palette = job.settings.palette && search::suits_palettes(source);
        let pictures = weigh(&header.weights, refs.iter().map(|r| r.picture.clone()));
        let f = dpb.frame_context(header, &refs, None);
        let kept = if header.key { Vec::new() } else { dpb.filters.clone() };
        Ok(Deciding { job, refs, pictures, kept, f })
    }

    fn desks(&self) -> MutexGuard<'_, Vec<Picture>> {
        self.job.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl search::Frame for Deciding {
    type Done = Decided;

    fn start(&self) -> Search {
        let FrameJob { source, header, quantisers, settings, lookup, observe, .. } = &self.job;
        let desk = self.desks().pop().unwrap_or_else(|| Picture::padded(source.format, PAD, 8));
        let refs = self.pictures.clone();
        let (source, lookup, quantisers) = (source.clone(), lookup.clone(), quantisers.clone());
        let mut s = Search::new(
            self.f.clone(),
            desk,
            source,
            refs,
            lookup,
            quantisers,
            *settings,
            header.chroma_offset,
        );
        s.observer = observe.then(Observations::default);
        s
    }

    fn end(&self, search: Search) {
        self.desks().push(search.frame);
    }

    /// Chooses the filters and applies them.
    fn finish(&self, found: Searched) -> Decided {
        let Searched { mut picture, cells, mut superblocks, observations } = found;
        let FrameJob { source, settings, workers, .. } = &self.job;
        let mut header = self.job.header.clone();
        let lambda = self.job.quantisers.lambda(header.qi);
        let mut marks = EdgeMarks::new(self.f.size);
        for sb in &superblocks {
            marks.mark_superblock(&cells, self.f.chroma, sb);
        }
        // Key frames are few, and others inherit what they gain.
        let gain = if header.key { 0.0 } else { settings.filter_gain };
        let price = Price { bit: lambda.into(), superblock: f64::from(lambda * gain) };
        post::deblock_frame(&mut picture, &header, &marks, workers);
        if settings.cdef {
            let untouched = post::untouched(&cells);
            let (shift, depth) = (picture.format.chroma.shift(), picture.format.bit_depth);
            let damping = cdef::cdef_damping(header.qi);
            let (params, choice) = cdef::cdef_search(
                &picture.planes,
                &source.planes,
                &untouched,
                damping,
                shift,
                depth,
                price,
                settings.fast_filters,
                workers,
            );
            for (sb, &c) in superblocks.iter_mut().zip(&choice) {
                sb.cdef = c;
            }
            header.cdef = params.strengths.iter().any(|&s| s != (0, 0)).then_some(params);
            post::dering_frame(&mut picture, &header, &cells, &choice, workers);
        }
        let mut filters = None;
        if settings.alf {
            let flags;
            (filters, flags) =
                choose_filters(&self.kept, &picture, source, price, settings.fast_filters, workers);
            if let Some(p) = &filters {
                for (sb, &f) in superblocks.iter_mut().zip(&flags) {
                    sb.alf = [0, 1, 2].map(|i| p.covers(i) && f >> i & 1 != 0);
                }
                post::restore_frame(&mut picture, Some(p), &flags, workers);
            }
        }
        post::pad(&mut picture);
        Decided { header, refs: self.refs.clone(), lambda, picture, superblocks, filters, observations }
    }
}

/// Codes what was decided and leaves the decoded frame in `dpb`; returns the packet. `hash`: with the hash of the
/// decoded frame in its header.
pub fn code(
    dpb: &mut Dpb<Arc<Picture>>,
    source: &Picture,
    decided: Decided,
    hash: bool,
    observer: Option<&mut Observations>,
) -> Result<Vec<u8>, Error> {
    let Decided { mut header, refs, lambda, picture, mut superblocks, filters, observations } = decided;
    // A set that was kept when it was chosen may have another place since, or none.
    header.alf = filters.as_ref().map(|f| {
        let place = dpb.filters.iter().position(|k| !header.key && k == f);
        place.map_or_else(|| FilterSet::New(AlfParams::clone(f)), |i| FilterSet::Kept(i as u8))
    });
    header.hash = hash.then(|| picture.hash());
    let mut f = dpb.frame_context(&header, &refs, filters.as_deref());
    let columns = dpb.coded_size().0.div_ceil(SUPERBLOCK);
    let mut coder = RangeEncoder::new();
    for (i, sb) in superblocks.iter_mut().enumerate() {
        let (x, y) = (i % columns * SUPERBLOCK, i / columns * SUPERBLOCK);
        if x == 0 {
            f.start_row();
        }
        code_superblock(&mut coder, &mut f, sb, x, y);
    }
    let mut packet = frame::write(&header, dpb.last_order)?;
    packet.extend(coder.finish());
    if let (Some(o), Some(seen)) = (observer, &observations) {
        o.add(seen);
        o.spent.add(&spent(&picture, source, packet.len(), lambda));
    }
    dpb.keep(&header, f, Arc::new(picture));
    Ok(packet)
}

/// What a frame took, and its error.
fn spent(picture: &Picture, source: &Picture, bytes: usize, lambda: f32) -> Spent {
    let mut ssd = 0;
    for (a, b) in picture.planes.iter().zip(&source.planes) {
        for y in 0..b.height() {
            ssd += a.row(y).iter().zip(b.row(y)).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum::<u64>();
        }
    }
    Spent {
        pixels: (source.format.width * source.format.height) as u64,
        bits: 8 * bytes as u64,
        ssd,
        weighted: (ssd as f64 * 1024.0 / f64::from(lambda)).round() as u64,
    }
}

/// New loop filters for a frame, or kept ones, whichever gains more; and the flags of its superblocks.
fn choose_filters(
    kept: &[Arc<AlfParams>],
    picture: &Picture,
    source: &Picture,
    price: Price,
    sparse: bool,
    workers: &Workers,
) -> (Option<Arc<AlfParams>>, Vec<u8>) {
    let (shift, depth) = (picture.format.chroma.shift(), picture.format.bit_depth);
    let stats = AlfStats::measure(&picture.planes, &source.planes, shift, depth, sparse, workers);
    let (params, flags, change) = stats.derive(price);
    let mut best = (change, Arc::new(params), flags);
    for params in kept {
        let (flags, change) = stats.choose(params, price);
        let change = change + 3.0 * price.bit;
        if change < best.0 {
            best = (change, params.clone(), flags);
        }
    }
    if best.0 < 0.0 { (Some(best.1), best.2) } else { (None, Vec::new()) }
}
