//! The encoder: frame structure, quantisers, mode decision.

mod frame;
mod gop;
pub mod observe;
mod presets;
mod quantise;
mod rate;
mod scene;
mod search;

use crate::api::{Config, Error, Packet};
use crate::codebook::{CodebookSet, Lookup, frame_class};
use crate::picture::Picture;
use crate::reconstruct::Dpb;
use crate::stream::frame::FrameHeader;
use frame::FrameJob;
use gop::{Kept, Planned};
use observe::Observations;
use presets::Settings;
use rate::{Group, RateControl};

pub const TOOLS: &[&str] = Settings::TOOLS;
use scene::SceneDetector;
use std::collections::VecDeque;
use std::sync::Arc;

/// Frames from one hash to the next.
const HASH_INTERVAL: i32 = 32;

/// A picture that waits for its turn.
struct Queued {
    picture: Picture,
    pts: i64,
    /// A new scene starts here.
    cut: bool,
}

/// Turns pictures in display order into packets in coding order.
pub struct FrameEncoder {
    config: Config,
    settings: Settings,
    dpb: Dpb,
    lookup: Lookup,
    scenes: SceneDetector,
    queue: VecDeque<Queued>,
    kept: [Option<Kept>; 8],
    /// Order of the last anchor; frames of the queue follow it. `None` before the first key frame.
    anchor: Option<i32>,
    packets: VecDeque<Packet>,
    rate: RateControl,
    /// Quality of the group that is being coded.
    crf: f32,
    /// Statistics by frame class, if wanted.
    pub observations: Option<Vec<Observations>>,
}

impl FrameEncoder {
    pub fn new(config: Config, books: Arc<CodebookSet>) -> Self {
        let mut settings = Settings::of(config.preset);
        settings.without(&config.control.without);
        FrameEncoder {
            settings,
            lookup: Lookup::new(&books),
            dpb: Dpb::new(config.format, books),
            scenes: SceneDetector::default(),
            queue: VecDeque::new(),
            kept: [None; 8],
            anchor: None,
            packets: VecDeque::new(),
            rate: RateControl::new(&config),
            crf: config.crf,
            observations: None,
            config,
        }
    }

    /// Adds a picture and encodes what can be encoded.
    pub fn push(&mut self, picture: &Picture) -> Result<(), Error> {
        let padded = pad(picture);
        let cut = self.scenes.is_cut(&padded.planes[0]);
        self.queue.push_back(Queued { picture: padded, pts: picture.pts, cut });
        self.work(false)
    }

    /// Takes notice of a picture that is not coded: all that a key frame does not forget.
    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        if !self.queue.is_empty() || self.anchor.is_some() {
            return Err(Error::Config("a picture to skip after one to encode"));
        }
        self.scenes.is_cut(&pad(picture).planes[0]);
        Ok(())
    }

    /// Encodes all that is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.work(true)
    }

    pub fn next_packet(&mut self) -> Option<Packet> {
        self.packets.pop_front()
    }

    fn work(&mut self, last: bool) -> Result<(), Error> {
        while let Some(first) = self.queue.front() {
            let keyint = self.config.keyint.clamp(1, 1 << 20) as i32;
            let anchor = match self.anchor {
                Some(a) if !first.cut && a + 1 < keyint => a,
                _ => {
                    self.encode_group(&[Planned { order: 0, layer: 0, key: true, kept: true }], 0)?;
                    self.queue.pop_front();
                    self.anchor = Some(0);
                    continue;
                }
            };
            // The mini-GOP ends before the next key frame.
            let room = (keyint - 1 - anchor).min(self.settings.mini_gop as i32) as usize;
            let until_cut = self.queue.iter().position(|q| q.cut).unwrap_or(usize::MAX);
            let n = room.min(until_cut);
            if self.queue.len() < n && !last {
                return Ok(());
            }
            let n = n.min(self.queue.len());
            self.encode_group(&gop::pyramid(anchor, anchor + n as i32), anchor)?;
            self.queue.drain(..n);
            self.anchor = Some(anchor + n as i32);
        }
        Ok(())
    }

    /// Encodes frames that are planned at once, at one quality.
    fn encode_group(&mut self, plan: &[Planned], anchor: i32) -> Result<(), Error> {
        self.crf = self.rate.quality(Group { key: plan[0].key, frames: plan.len() });
        let before = self.packets.len();
        plan.iter().try_for_each(|&p| self.encode(p, anchor))?;
        self.rate.spend(self.packets.iter().skip(before).map(|p| p.data.len() * 8).sum());
        Ok(())
    }

    /// Encodes the planned frame; the queue starts with order `anchor` + 1 (or with the key frame).
    fn encode(&mut self, p: Planned, anchor: i32) -> Result<(), Error> {
        let index = if p.key { 0 } else { (p.order - anchor - 1) as usize };
        let Queued { picture, pts, .. } = &self.queue[index];
        let (qi, factor) = self.quantiser(p);
        let mut header = FrameHeader::key(qi);
        header.deblock = self.settings.deblock.then_some(0);
        header.scalar = self.settings.scalar;
        header.chroma_offset = chroma_offset(qi);
        if p.key {
            self.kept = [None; 8];
            self.kept[0] = Some(Kept { order: 0, layer: 0 });
        } else {
            header.key = false;
            header.order = p.order;
            header.context_slot = p.layer.min(3);
            header.refs = gop::choose_refs(&self.kept, p.order, self.settings.refs);
            header.temporal_motion = true;
            header.store = p.kept.then(|| gop::choose_slot(&self.kept, anchor));
            if let Some(s) = header.store {
                self.kept[usize::from(s)] = Some(Kept { order: p.order, layer: p.layer });
            }
        }
        let lambda = frame::lambda(qi, self.config.format.bit_depth, factor);
        let observer = self.observations.as_mut().map(|o| &mut o[frame_class(p.key, qi)]);
        let hash = self.config.hashes || header.order % HASH_INTERVAL == 0;
        let (settings, lookup) = (self.settings, &self.lookup);
        let job = FrameJob { header, lambda, settings, lookup, observer, hash };
        let data = frame::encode(&mut self.dpb, picture, job)?;
        self.packets.push_back(Packet { data, pts: *pts, key: p.key });
        Ok(())
    }

    /// Quantiser index and lambda factor of a frame: finer for frames that others depend on.
    fn quantiser(&self, p: Planned) -> (u8, f32) {
        let (offset, factor) = match (p.key, p.layer) {
            (true, _) => (-3.5, 0.10),
            (_, 0) => (0.0, 0.13),
            (_, 1) => (2.0, 0.14),
            (_, 2) => (3.5, 0.15),
            _ => (4.5, 0.16),
        };
        let qi = (self.crf + offset) * 4.0;
        (qi.round().clamp(0.0, 255.0) as u8, factor)
    }
}

/// A copy whose planes have the coded size.
fn pad(picture: &Picture) -> Picture {
    let mut padded = Picture::padded(picture.format, 0, 8);
    for (to, from) in padded.planes.iter_mut().zip(&picture.planes) {
        to.copy_extended(from);
    }
    padded
}

/// Chroma gets a finer step than luma at coarse quantisers.
fn chroma_offset(qi: u8) -> i32 {
    -(i32::from(qi) - 116).clamp(0, 48) / 3
}
