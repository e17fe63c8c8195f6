//! Encoding of one frame: search, filters, entropy coding.

use super::observe::{Observations, Spent};
use super::presets::Settings;
use super::quantisers::Quantisers;
use super::search::{self, Search, Searched};
use crate::api::Error;
use crate::codebook::{Lookup, step};
use crate::entropy::RangeEncoder;
use crate::filter::cdef;
use crate::filter::wiener::{AlfParams, AlfStats};
use crate::picture::Picture;
use crate::reconstruct::{Dpb, EdgeMarks, post};
use crate::stream::frame::{self, FilterSet, FrameHeader};
use crate::syntax::{SUPERBLOCK, code_superblock};
use crate::workers::Workers;
use std::sync::Arc;

/// Cost of a bit in squared error for a quantiser index: `factor` times the squared step.
pub fn lambda(qi: u8, bit_depth: u8, factor: f32) -> f32 {
    let step = step(qi) as f32 / 4096.0 * (1 << (bit_depth - 8)) as f32;
    factor * step * step
}

/// What a frame's encoding needs besides the picture.
pub struct FrameJob<'a> {
    pub header: FrameHeader,
    pub quantisers: Quantisers,
    pub settings: Settings,
    pub lookup: &'a Lookup,
    pub workers: &'a Workers,
    /// Collects statistics for training.
    pub observer: Option<&'a mut Observations>,
    /// Put the hash of the decoded frame into the header.
    pub hash: bool,
}

/// Encodes `source` (of the coded size) and leaves the decoded frame in `dpb`; returns the packet.
pub fn encode(dpb: &mut Dpb, source: &Picture, job: FrameJob) -> Result<Vec<u8>, Error> {
    let FrameJob { mut header, quantisers, settings, lookup, workers, mut observer, hash } = job;
    let lambda = quantisers.lambda(header.qi);
    let refs = dpb.references(&header)?;
    let pictures: Vec<Arc<Picture>> = refs.iter().map(|r| r.picture.clone()).collect();
    let f = dpb.frame_context(&header, &refs, None);
    let threads = workers.count().min(dpb.coded_size().1.div_ceil(SUPERBLOCK));
    let searches = (0..threads).map(|_| {
        let offset = header.chroma_offset;
        let (f, refs, quantisers) = (f.clone(), pictures.clone(), quantisers.clone());
        let mut s = Search::new(f, dpb.blank(), source, refs, lookup, quantisers, settings, offset);
        s.observer = observer.is_some().then(Observations::default);
        s
    });
    let searches = searches.collect();
    let (found, searches) = search::search(workers, searches, dpb.coded_size(), dpb.blank());
    searches.into_iter().for_each(|s| dpb.recycle(s.frame));
    let Searched { mut picture, cells, superblocks: mut sbs, observations } = found;
    if let (Some(all), Some(seen)) = (&mut observer, &observations) {
        all.add(seen);
    }
    let columns = dpb.coded_size().0.div_ceil(SUPERBLOCK);
    let mut marks = EdgeMarks::new(dpb.coded_size());
    let mut blank = dpb.frame_context(&header, &refs, None);
    blank.cells = cells;
    for sb in &sbs {
        marks.mark_superblock(&blank, sb);
    }
    post::deblock_frame(&mut picture, &header, &marks, workers);
    if settings.cdef {
        let untouched = post::untouched(&blank.cells);
        let (shift, depth) = (picture.format.chroma.shift(), picture.format.bit_depth);
        let damping = cdef::cdef_damping(header.qi);
        let (params, choice) = cdef::cdef_search(
            &picture.planes,
            &source.planes,
            &untouched,
            damping,
            shift,
            depth,
            f64::from(lambda),
            settings.fast_filters,
            workers,
        );
        for (sb, &c) in sbs.iter_mut().zip(&choice) {
            sb.cdef = c;
        }
        header.cdef = params.strengths.iter().any(|&s| s != (0, 0)).then_some(params);
        post::dering_frame(&mut picture, &header, &blank.cells, &choice, workers);
    }
    let mut filters = None;
    if settings.alf {
        let kept = if header.key { &[][..] } else { &dpb.filters[..] };
        let (set, flags) = choose_filters(kept, &picture, source, lambda, settings.fast_filters, workers);
        header.alf = set;
        filters = dpb.filter_set(&header)?;
        if let Some(p) = &filters {
            for (sb, &f) in sbs.iter_mut().zip(&flags) {
                sb.alf = [0, 1, 2].map(|i| p.covers(i) && f >> i & 1 != 0);
            }
            post::restore_frame(&mut picture, Some(p), &flags, workers);
        }
    }
    post::pad(&mut picture);
    header.hash = hash.then(|| picture.hash());
    let mut f = dpb.frame_context(&header, &refs, filters.as_deref());
    let mut coder = RangeEncoder::new();
    for (i, sb) in sbs.iter_mut().enumerate() {
        let (x, y) = (i % columns * SUPERBLOCK, i / columns * SUPERBLOCK);
        if x == 0 {
            f.start_row();
        }
        code_superblock(&mut coder, &mut f, sb, x, y);
    }
    let mut packet = frame::write(&header, dpb.last_order)?;
    packet.extend(coder.finish());
    if let Some(o) = observer {
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
    lambda: f32,
    sparse: bool,
    workers: &Workers,
) -> (Option<FilterSet>, Vec<u8>) {
    let (shift, depth) = (picture.format.chroma.shift(), picture.format.bit_depth);
    let lambda = f64::from(lambda);
    let stats = AlfStats::measure(&picture.planes, &source.planes, shift, depth, sparse, workers);
    let (params, flags, change) = stats.derive(lambda);
    let mut best = (change, Some(FilterSet::New(params)), flags);
    for (i, params) in kept.iter().enumerate() {
        let (flags, change) = stats.choose(params, lambda);
        let change = change + 3.0 * lambda;
        if change < best.0 {
            best = (change, Some(FilterSet::Kept(i as u8)), flags);
        }
    }
    if best.0 < 0.0 { (best.1, best.2) } else { (None, Vec::new()) }
}
