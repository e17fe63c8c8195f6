//! Training of codebook sets: encode, look at what was coded, rebuild books and probabilities, and again.

mod rebuild;
mod report;
#[cfg(test)]
mod tests;

pub use report::{Cost, HeldOut, Progress, Round, Trained};

use crate::api::{Config, Error, Preset};
use crate::codebook::{CodebookSet, FRAME_CLASSES};
use crate::encode::{FrameEncoder, Intake, observe::Observations};
use crate::picture::Picture;
use crate::workers::Workers;
use std::sync::{Arc, Mutex, PoisonError};

/// A run of pictures of one format: a clip, or a single photograph.
pub type Clip = Vec<Picture>;

/// Vectors other than zero that it takes to learn anything.
const FEWEST: u64 = 64;

/// What to train with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rounds of encoding and rebuilding.
    pub rounds: u32,
    /// Qualities that every clip is encoded with.
    pub crfs: Vec<f32>,
    /// How patiently the clips are encoded.
    pub preset: Preset,
    /// Train for the control that codes scalars.
    pub scalar: bool,
    /// Worker threads; 0 = one per core. The result does not depend on it.
    pub threads: usize,
    /// One clip of so many is kept to measure the result with; 0: none. With fewer clips all are trained on.
    pub held_out: usize,
    /// Rounds of an interrupted training with the same clips and options, and the set that they led to.
    pub done: Option<(u32, Arc<CodebookSet>)>,
    /// Start from the built-in set, which what the clips show changes the more the more they show. For the control
    /// there is none to start from.
    pub specialise: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            rounds: 3,
            crfs: vec![20.0, 28.0, 36.0],
            preset: Preset::Medium,
            scalar: false,
            threads: 0,
            held_out: 8,
            done: None,
            specialise: true,
        }
    }
}

/// Trains a set on `clips`. The result does not depend on the number of threads. After each round `report` gets the set
/// that it led to: with it, as [`Options::done`], a training that was interrupted goes on.
///
/// # Errors
/// [`Error::Config`] if there is nothing to learn from or left to do, or what the encoder refuses.
pub fn train(
    clips: &[Clip],
    o: &Options,
    mut report: impl FnMut(&Round, &CodebookSet) + Send,
    progress: impl Fn(Progress) + Sync,
) -> Result<Trained, Error> {
    let workers = Workers::new(o.threads);
    let clips: Vec<&Clip> = clips.iter().filter(|c| !c.is_empty()).collect();
    if clips.is_empty() || o.rounds == 0 || o.crfs.is_empty() {
        return Err(Error::Config("no pictures to train on"));
    }
    let kept = |i: usize| o.held_out > 1 && i % o.held_out == o.held_out - 1;
    let (held, used): (Vec<_>, Vec<_>) = clips.into_iter().enumerate().partition(|&(i, _)| kept(i));
    let jobs = |clips: &[(usize, &'_ Clip)]| (clips.len() * o.crfs.len()) as u64;
    let earlier = o.done.as_ref().map_or(0, |d| d.0);
    let total = u64::from(o.rounds.saturating_sub(earlier)) * jobs(&used) + 2 * jobs(&held);
    let builtin = CodebookSet::builtin();
    let base = (o.specialise && !o.scalar).then(|| builtin.clone());
    let mut done = 0;
    let mut rounds = Vec::new();
    let mut last = None;
    let start = o.done.as_ref().map(|d| d.1.clone()).or_else(|| base.clone());
    let start = start.unwrap_or_else(|| Arc::new(CodebookSet::untrained()));
    for number in earlier.saturating_add(1)..=o.rounds {
        let shared = last.take().map_or_else(|| start.clone(), |(set, _)| Arc::new(set));
        let all = observe_all(&workers, &used, o, &shared, &|| progress(Progress { total }))?;
        done += jobs(&used);
        let seen = || all.iter().flat_map(|o| &o.vectors);
        let vectors: u64 = seen().map(|(_, s)| s.count).sum();
        let nonzero: u64 = seen().filter(|((_, key), _)| *key != 0).map(|(_, s)| s.count).sum();
        if nonzero < FEWEST {
            return Err(Error::Config("too little to learn from: the pictures are flat or still"));
        }
        let set = rebuild::rebuild(&all, base.as_deref());
        let words = set.books.iter().map(|b| b.len()).sum();
        let round = Round { number, vectors, nonzero, words, cost: report::cost(&all) };
        report(&round, &set);
        rounds.push(round);
        last = Some((set, all));
    }
    let (set, all) = last.ok_or(Error::Config("no rounds left"))?;
    let books = report::book_uses(&all, &set);
    drop(all);
    let set = Arc::new(set);
    let mut held_out = None;
    if !held.is_empty() {
        let measure = |set| -> Result<Cost, Error> {
            Ok(report::cost(&observe_all(&workers, &held, o, set, &|| progress(Progress { total }))?))
        };
        held_out = Some(HeldOut { clips: held.len(), before: measure(&builtin)?, after: measure(&set)? });
        done += 2 * jobs(&held);
    }
    debug_assert_eq!(done, total);
    Ok(Trained { set, rounds, books, held_out })
}

/// Statistics by frame class of all clips at all qualities, added up in no particular order: all are integers.
fn observe_all(
    workers: &Workers,
    clips: &[(usize, &Clip)],
    o: &Options,
    set: &Arc<CodebookSet>,
    done: &(impl Fn() + Sync),
) -> Result<Vec<Observations>, Error> {
    let jobs: Vec<(&Clip, f32)> =
        clips.iter().flat_map(|&(_, c)| o.crfs.iter().map(move |&q| (c, q))).collect();
    let all = Mutex::new(Ok(vec![Observations::default(); FRAME_CLASSES]));
    let lock = || all.lock().unwrap_or_else(PoisonError::into_inner);
    workers.each(jobs, |(c, q)| {
        if lock().is_err() {
            return;
        }
        let seen = observe(c, q, o, set);
        done();
        let mut all = lock();
        match (&mut *all, seen) {
            (Ok(all), Ok(seen)) => all.iter_mut().zip(&seen).for_each(|(a, b)| a.add(b)),
            (_, Err(e)) => *all = Err(e),
            (Err(_), _) => {}
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Encodes a clip and returns its statistics by frame class.
fn observe(clip: &Clip, crf: f32, o: &Options, set: &Arc<CodebookSet>) -> Result<Vec<Observations>, Error> {
    let Some(first) = clip.first() else { return Ok(Vec::new()) };
    let mut config = Config::new(first.format);
    config.crf = crf;
    config.preset = o.preset;
    config.threads = 1;
    if o.scalar {
        config.control.without.push("vq".into());
    }
    config.check()?;
    let mut intake = Intake::new(&config);
    let mut e = FrameEncoder::new(config, set.clone());
    e.observations = Some(vec![Observations::default(); FRAME_CLASSES]);
    for p in clip {
        if p.format != first.format {
            return Err(Error::Config("a clip of pictures of different formats"));
        }
        e.accept(intake.take(p))?;
        while e.next_packet().is_some() {}
    }
    e.finish()?;
    while e.next_packet().is_some() {}
    Ok(e.observations.unwrap_or_default())
}
