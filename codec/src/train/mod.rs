//! Training of codebook sets: encode, look at what was coded, rebuild books and probabilities, and again.

mod rebuild;

use crate::api::{Config, Error, Preset};
use crate::codebook::{CodebookSet, FRAME_CLASSES};
use crate::encode::{FrameEncoder, observe::Observations};
use crate::picture::Picture;
use rayon::prelude::*;
use std::sync::Arc;

/// A run of pictures of one format: a clip, or a single photograph.
pub type Clip = Vec<Picture>;

/// What to train with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rounds of encoding and rebuilding.
    pub rounds: u32,
    /// Qualities that every clip is encoded with.
    pub crfs: Vec<f32>,
    pub preset: Preset,
}

impl Default for Options {
    fn default() -> Self {
        Options { rounds: 3, crfs: vec![20.0, 28.0, 36.0], preset: Preset::Medium }
    }
}

/// How a round went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    pub number: u32,
    /// Bytes that the clips took with the set of the round before.
    pub bytes: u64,
    /// Mean squared error of luma, by bits: distortion plus lambda times rate would need one lambda for all qualities.
    pub vectors: u64,
    /// Codewords in all books after the round.
    pub words: usize,
}

/// Trains a set on `clips`. The result does not depend on the number of threads.
///
/// # Errors
/// [`Error::Config`] if there is nothing to learn from, or what the encoder refuses.
pub fn train(clips: &[Clip], o: &Options, mut report: impl FnMut(&Round)) -> Result<CodebookSet, Error> {
    let mut set = CodebookSet::untrained();
    if clips.iter().all(|c| c.is_empty()) {
        return Err(Error::Config("no pictures to train on"));
    }
    for number in 1..=o.rounds {
        let shared = Arc::new(set);
        let jobs: Vec<(&Clip, f32)> = clips
            .iter()
            .filter(|c| !c.is_empty())
            .flat_map(|c| o.crfs.iter().map(move |&q| (c, q)))
            .collect();
        let seen: Vec<(u64, Vec<Observations>)> =
            jobs.par_iter().map(|&(c, q)| observe(c, q, o.preset, &shared)).collect::<Result<_, Error>>()?;
        let mut all = vec![Observations::default(); FRAME_CLASSES];
        let mut bytes = 0;
        for (n, observations) in &seen {
            bytes += n;
            all.iter_mut().zip(observations).for_each(|(a, b)| a.add(b));
        }
        let vectors: u64 = all.iter().flat_map(|o| o.vectors.values()).map(|s| s.count).sum();
        if vectors == 0 {
            return Err(Error::Config("nothing but flat pictures to train on"));
        }
        set = rebuild::rebuild(&all);
        let words = set.books.iter().map(|b| b.len()).sum();
        report(&Round { number, bytes, vectors, words });
    }
    Ok(set)
}

/// Encodes a clip and returns its size and statistics by frame class.
fn observe(
    clip: &Clip,
    crf: f32,
    preset: Preset,
    set: &Arc<CodebookSet>,
) -> Result<(u64, Vec<Observations>), Error> {
    let Some(first) = clip.first() else { return Ok((0, Vec::new())) };
    let mut config = Config::new(first.format);
    config.crf = crf;
    config.preset = preset;
    config.threads = 1;
    config.check()?;
    let mut e = FrameEncoder::new(config, set.clone());
    e.observations = Some(vec![Observations::default(); FRAME_CLASSES]);
    let mut bytes = 0;
    for p in clip {
        e.push(p)?;
        while let Some(p) = e.next_packet() {
            bytes += p.data.len() as u64;
        }
    }
    e.finish()?;
    while let Some(p) = e.next_packet() {
        bytes += p.data.len() as u64;
    }
    Ok((bytes, e.observations.unwrap_or_default()))
}
