//! The encoder: frame structure, quantisers, mode decision.

mod activity;
mod frame;
mod gop;
mod intake;
mod lookahead;
pub mod observe;
mod pipeline;
mod presets;
mod quantise;
mod quantisers;
mod rate;
mod scene;
mod scout;
mod search;
mod temporal;
mod weights;

pub use intake::Intake;
pub use pipeline::Pipeline;

use crate::api::{Config, Error, Packet, Tune};
use crate::codebook::{CodebookSet, Lookup, frame_class};
use crate::picture::{AnyPicture, Picture};
use crate::predict::inter::PAD;
use crate::reconstruct::{Dpb, Pool};
use crate::stream::frame::FrameHeader;
use crate::workers::Workers;
use frame::{Deciding, Desks, FrameJob};
use gop::{Kept, Planned};
use intake::Queued;
use lookahead::{Forecast, Id, Importance, Lookahead};
use observe::Observations;
use presets::Settings;
use quantisers::Quantisers;
use rate::{Group, RateControl};
use scout::Scout;
use search::{Crew, Ticket};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use temporal::Neighbour;

/// Names of the tools that can be switched off.
pub const TOOLS: &[&str] = Settings::TOOLS;

/// Border of originals: what the temporal filter's motion may reach.
const SOURCE_PAD: usize = 24;

/// Frames from one hash to the next.
const HASH_INTERVAL: i32 = 32;

/// crf steps for a doubling of the variance: tuned for SSIM, and a little of that for the eye.
const SSIM_GAIN: f32 = 1.0;
const EYE_GAIN: f32 = 0.25;

/// A frame to decide.
struct Job {
    planned: Planned,
    /// Filtered in time, if it is to be.
    picture: AnyPicture,
    pts: i64,
    quantisers: Quantisers,
}

/// A frame that is being decided.
struct Pending {
    planned: Planned,
    source: Picture,
    pts: i64,
    ticket: Ticket,
}

/// Turns pictures in display order into packets in coding order.
pub struct FrameEncoder {
    config: Config,
    settings: Settings,
    workers: Workers,
    dpb: Dpb<Arc<Picture>>,
    pictures: Pool<u16>,
    /// Originals while they are used.
    sources: Pool<u16>,
    lookup: Arc<Lookup>,
    lookahead: Lookahead,
    queue: VecDeque<Queued>,
    kept: [Option<Kept>; 8],
    crew: Crew<Deciding>,
    /// Frames of the last group that are decided with some of the next.
    late: Vec<Job>,
    /// Frames in the making, in coding order.
    pending: VecDeque<Pending>,
    /// Order of the last anchor; frames of the queue follow it. `None` before the first key frame.
    anchor: Option<i32>,
    packets: VecDeque<Packet>,
    rate: RateControl,
    /// Quality of the group that is being coded.
    crf: f32,
    /// Used again and again.
    desks: Desks,
    /// Set from elsewhere when nobody wants the rest.
    pub stop: Arc<AtomicBool>,
    /// Statistics by frame class, if wanted.
    pub observations: Option<Vec<Observations>>,
}

impl FrameEncoder {
    pub fn new(config: Config, books: Arc<CodebookSet>) -> Self {
        let settings = Settings::for_config(&config);
        let workers = Workers::new(config.threads);
        FrameEncoder {
            settings,
            crew: Crew::new(workers.clone()),
            workers,
            lookup: Arc::new(Lookup::new(&books)),
            dpb: Dpb::new(config.format, books),
            pictures: Pool::new(config.format, PAD),
            sources: Pool::new(config.format, SOURCE_PAD),
            lookahead: Lookahead::new(settings.quick_lookahead),
            queue: VecDeque::new(),
            kept: [None; 8],
            late: Vec::new(),
            pending: VecDeque::new(),
            anchor: None,
            packets: VecDeque::new(),
            rate: RateControl::new(&config),
            crf: config.crf,
            desks: Desks::default(),
            stop: Arc::default(),
            observations: None,
            config,
        }
    }

    /// One who measures motion ahead, if there are threads and it is of use.
    pub fn scout(&self) -> Option<Scout> {
        let useful = !self.is_alone() && self.settings.lookahead > 0;
        useful.then(|| Scout::start(self.lookahead.beside(), self.settings, self.config.keyint)).flatten()
    }

    /// Whether there is no thread but the caller's.
    pub fn is_alone(&self) -> bool {
        self.workers.is_alone()
    }

    /// Adds a picture and encodes what can be encoded.
    pub fn accept(&mut self, mut queued: Queued) -> Result<(), Error> {
        if let Some(sketch) = queued.sketch.take() {
            self.lookahead.push(queued.id, sketch);
        }
        self.queue.push_back(queued);
        self.work(false)
    }

    /// Encodes all that is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.work(true)
    }

    pub fn next_packet(&mut self) -> Option<Packet> {
        self.packets.pop_front()
    }

    fn work(&mut self, last: bool) -> Result<(), Error> {
        let window = self.settings.mini_gop + self.settings.lookahead;
        while let Some(first) = self.queue.front() {
            if self.queue.len() <= window && !last {
                return Ok(());
            }
            self.lookahead.forget_before(first.id.saturating_sub(1));
            let anchor = self.anchor.filter(|&a| self.room(0, a) > 0);
            let plan = match anchor {
                Some(a) => gop::pyramid(a, a + self.mini_gop(0, a) as i32),
                None => vec![Planned::KEY],
            };
            // Orders count from the key frame, identities from the first picture of all.
            let origin = anchor.map_or(0, |a| a + 1);
            self.encode_group(&plan, anchor, origin)?;
            self.queue.drain(..plan.len());
            self.anchor = Some(origin + plan.len() as i32 - 1);
        }
        let late = std::mem::take(&mut self.late);
        self.start(late, 0, &[])?;
        self.code_all()
    }

    /// Encodes the frames that are planned at once, at one quality; the queue starts with order `origin`.
    fn encode_group(&mut self, plan: &[Planned], anchor: Option<i32>, origin: i32) -> Result<(), Error> {
        let Some((first, cut)) = self.queue.front().map(|q| (q.id, q.cut)) else { return Ok(()) };
        let cut = cut || self.anchor.is_none();
        self.crf = self.rate.quality(Group { key: plan[0].key, cut, frames: plan.len() });
        loop {
            let before = self.rate.may_repeat().then(|| (self.dpb.clone(), self.kept));
            let packets = self.packets.len();
            let importance = self.importance(plan, anchor);
            let batches: Vec<_> = gop::batches(plan).collect();
            for (i, &batch) in batches.iter().enumerate() {
                let new =
                    |&p: &Planned| self.job(p, origin, importance.get(&(first + (p.order - origin) as Id)));
                let mut jobs: Vec<Job> = batch.iter().map(new).collect();
                let more = batches.len() - 1 - i;
                if more == 0 && self.rate.is_constant() && gop::can_wait(batch) {
                    self.late.append(&mut jobs);
                    break;
                }
                let with = gop::beside(batch, more, self.late.len());
                jobs.splice(..0, self.late.drain(..with));
                jobs.sort_by_key(|j| gop::coding_order(batch, &j.planned));
                self.start(jobs, origin - 1, &batches[i + 1..].concat())?;
            }
            if !self.rate.is_constant() {
                self.code_all()?;
            }
            let bits = self.packets.iter().skip(packets).map(|p| p.data.len() * 8).sum();
            let Some((before, crf)) = before.zip(self.rate.again(bits)) else {
                self.rate.spend(bits);
                return Ok(());
            };
            (self.dpb, self.kept) = before;
            self.packets.truncate(packets);
            self.crf = crf;
        }
    }

    /// Frames of the mini-GOP that starts at `start` in the queue, after an anchor of order `anchor`; 0 at the end
    /// of the queue and before a key frame.
    fn mini_gop(&self, start: usize, anchor: i32) -> usize {
        let most = self.settings.mini_gop.min(self.rate.longest_group());
        gop::length(self.room(start, anchor), most, |n| {
            let before = self.queue[start].id.saturating_sub(1);
            self.lookahead.novelty(before + n as Id, before)
        })
    }

    /// Frames from `start` in the queue on that may follow the anchor before a key frame.
    fn room(&self, start: usize, anchor: i32) -> usize {
        gop::room(self.queue.iter().skip(start).map(|q| q.cut), anchor, self.config.keyint)
    }

    /// How much each frame of `plan` matters to the frames that the lookahead sees.
    fn importance(&self, plan: &[Planned], anchor: Option<i32>) -> HashMap<Id, Importance> {
        if self.settings.lookahead == 0 {
            return HashMap::new();
        }
        let Some(first) = self.queue.front().map(|q| q.id) else { return HashMap::new() };
        let origin = anchor.map_or(0, |a| a + 1);
        // Identity of the frame with a display order.
        let id = |order: i32| (first + Id::from((order + 1 - origin).unsigned_abs())).saturating_sub(1);
        let mut forecast: Vec<Forecast> = plan.iter().map(|p| p.forecast(id)).collect();
        let mut done = plan.len();
        loop {
            let end = origin + done as i32 - 1;
            let n = self.mini_gop(done, end).min(self.settings.lookahead + plan.len() - done);
            if n == 0 {
                break;
            }
            forecast.extend(gop::pyramid(end, end + n as i32).iter().map(|p| p.forecast(id)));
            done += n;
        }
        if forecast.len() == 1 {
            // A single picture: its place says it all.
            return HashMap::new();
        }
        let step = ((self.crf - 4.0) / 6.0).exp2() * (1 << (self.config.format.bit_depth - 8)) as f32;
        self.lookahead.importance(forecast, step, &self.workers)
    }

    /// What is to be done with the planned frame; the queue starts with order `origin`.
    fn job(&mut self, planned: Planned, origin: i32, importance: Option<&Importance>) -> Job {
        let index = (planned.order - origin) as usize;
        let quantisers = self.quantisers(planned, index, importance);
        let filtered = self.filtered(planned, index, quantisers.base);
        let Queued { picture, pts, .. } = &self.queue[index];
        let picture = filtered.map_or_else(|| picture.clone(), AnyPicture::Words);
        Job { planned, picture, pts: *pts, quantisers }
    }

    /// Pictures to work with.
    fn words(&mut self, pictures: Vec<AnyPicture>) -> Vec<Picture> {
        let blanks = pictures.into_iter().map(|p| (p, self.sources.blank())).collect();
        let words = self.workers.map(blanks, |(p, blank)| intake::words(&p, blank));
        words.iter().for_each(|w| self.sources.watch(w));
        words
    }

    /// Starts to decide frames that do not refer to each other, after an anchor of order `anchor`; `later` ones follow in
    /// their group. What they may refer to is coded before, other frames are left in the making.
    fn start(&mut self, batch: Vec<Job>, anchor: i32, later: &[Planned]) -> Result<(), Error> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Config("stopped"));
        }
        while self.pending.iter().any(|p| p.planned.kept) {
            self.code_next()?;
        }
        // None of them can refer to what one before it leaves or displaces.
        let mut usable = self.kept;
        let sources = self.words(batch.iter().map(|j| j.picture.clone()).collect());
        let mut to_come: Vec<_> = batch.iter().chain(&self.late).map(|j| j.planned).collect();
        to_come.extend(later);
        for (i, (job, source)) in batch.into_iter().zip(sources).enumerate() {
            let Job { planned, pts, quantisers, .. } = job;
            let needed = gop::needed(&to_come[i + 1..]);
            let job = FrameJob {
                header: self.header(planned, anchor, &needed, &quantisers, &mut usable),
                source: source.clone(),
                quantisers,
                settings: self.settings,
                lookup: self.lookup.clone(),
                desks: self.desks.clone(),
                workers: self.workers.clone(),
                observe: self.observations.is_some(),
            };
            let (blank, size) = (self.pictures.blank(), self.dpb.coded_size());
            let ticket = self.crew.start(Deciding::new(&self.dpb, job)?, blank, size, planned.kept);
            self.pending.push_back(Pending { planned, source, pts, ticket });
        }
        Ok(())
    }

    /// Codes all frames in the making.
    fn code_all(&mut self) -> Result<(), Error> {
        while !self.pending.is_empty() {
            self.code_next()?;
        }
        Ok(())
    }

    /// Codes the next frame in coding order, as soon as it is decided.
    fn code_next(&mut self) -> Result<(), Error> {
        let Some(next) = self.pending.pop_front() else { return Ok(()) };
        let Pending { planned: p, source, pts, ticket } = next;
        let decided = self.crew.wait(ticket);
        let observer = self.observations.as_mut().map(|o| &mut o[frame_class(p.key, decided.qi())]);
        let hash = self.config.hashes || p.order % HASH_INTERVAL == 0;
        self.pictures.watch(decided.picture());
        let data = frame::code(&mut self.dpb, &source, decided, hash, observer)?;
        self.packets.push_back(Packet { data, pts, key: p.key });
        Ok(())
    }

    /// Quantisers of the planned frame, which lies at `index` in the queue.
    fn quantisers(&self, p: Planned, index: usize, importance: Option<&Importance>) -> Quantisers {
        let depth = self.config.format.bit_depth;
        let mut offsets = Vec::new();
        if self.config.tune != Tune::Psnr {
            let gain = if self.config.tune == Tune::Ssim { SSIM_GAIN } else { EYE_GAIN };
            offsets = match &self.queue[index].picture {
                AnyPicture::Bytes(p) => activity::texture(&p.planes[0], depth),
                AnyPicture::Words(p) => activity::texture(&p.planes[0], depth),
            };
            offsets.iter_mut().for_each(|t| *t = (*t * gain).clamp(-6.0, 6.0));
        }
        Quantisers::of((self.crf, depth), p, self.dpb.coded_size(), importance, &offsets)
    }

    /// Header of the planned frame, after an anchor of order `anchor`, with references from the slots in `usable`; it does
    /// not displace frames that are `needed`.
    fn header(
        &mut self,
        p: Planned,
        anchor: i32,
        needed: &[i32],
        quantisers: &Quantisers,
        usable: &mut [Option<Kept>; 8],
    ) -> FrameHeader {
        let qi = quantisers.base;
        let mut header = FrameHeader::key(qi);
        header.variable_quant = quantisers.vary();
        header.deblock = self.settings.deblock.then_some(0);
        header.scalar = self.settings.scalar;
        header.chroma_offset = chroma_offset(qi);
        if p.key {
            self.kept = [None; 8];
            self.kept[0] = Some(Kept { order: 0, layer: 0 });
            return header;
        }
        header.key = false;
        header.order = p.order;
        header.context_slot = self.config.adapt.then_some(p.layer.min(3));
        header.refs = gop::choose_refs(usable, p.order, self.settings.refs);
        header.temporal_motion = true;
        header.eighth_sample = self.settings.eighths;
        header.store = p.kept.then(|| gop::choose_slot(&self.kept, anchor, needed));
        if let Some(s) = header.store {
            self.kept[usize::from(s)] = Some(Kept { order: p.order, layer: p.layer });
            usable[usize::from(s)] = None;
        }
        header
    }

    /// The picture at `index` in the queue, filtered in time if many others depend on it.
    fn filtered(&mut self, p: Planned, index: usize, qi: u8) -> Option<Picture> {
        let reach = self.settings.temporal;
        if reach == 0 || !p.is_filtered() {
            return None;
        }
        let first = index.saturating_sub(reach);
        // Not across cuts.
        let first = (first..=index).rev().find(|&i| self.queue[i].cut).unwrap_or(first);
        let last = (index + reach).min(self.queue.len() - 1);
        let last = (index + 1..=last).find(|&i| self.queue[i].cut).map_or(last, |i| i - 1);
        if first == last {
            return None;
        }
        let id = self.queue[index].id;
        let others: Vec<usize> = (first..=last).filter(|&i| i != index).collect();
        let pairs = others.iter().map(|&i| (id, self.queue[i].id));
        self.lookahead.measure(pairs.collect(), &self.workers);
        let mut pictures = self.words((first..=last).map(|i| self.queue[i].picture.clone()).collect());
        let source = pictures.remove(index - first);
        let mut neighbours = Vec::new();
        for (i, picture) in others.into_iter().zip(pictures) {
            let vectors = self.lookahead.vectors(id, self.queue[i].id)?;
            neighbours.push(Neighbour { picture, distance: i.abs_diff(index), vectors });
        }
        Some(temporal::filter(&source, &neighbours, qi, &self.workers))
    }
}

/// Chroma gets a finer step than luma at coarse quantisers.
fn chroma_offset(qi: u8) -> i32 {
    -(i32::from(qi) - 116).clamp(0, 48) / 3
}
