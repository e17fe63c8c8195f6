//! Rate control: one quality for each group of pictures that is planned at once (a key frame, or a pyramid), from what
//! the groups before have cost.

use crate::api::{Config, Rates};

/// Quality steps in which the bits halve, for the prediction.
const HALF: f64 = 6.0;
/// How fast the average cost of a picture forgets.
const MEMORY: f64 = 0.6;
/// A key frame costs so many times what other pictures do, until one has been seen.
const KEY_RATIO: f64 = 8.0;
/// Seconds in which a surplus is to be worked off when the length is unknown.
const WINDOW: f64 = 5.0;
/// Pictures at the end of the film in which nothing makes up for a wrong quality: so their groups are coded again, so often
/// at most, where they would leave the film off by more than so much.
const END: f64 = 24.0;
const REPEATS: usize = 3;
const PRECISION: f64 = 0.003;
/// Most that the quality moves from group to group.
const MAX_STEP: f64 = 4.0;
/// Most that it gets worse in the first groups of a scene, and how many they are.
const SCENE_STEP: f64 = 12.0;
const SCENE_GROUPS: usize = 2;

/// Bits at quality 0 that correspond to `bits` at `crf`.
pub fn cost(bits: f64, crf: f64) -> f64 {
    bits * (crf / HALF).exp2()
}

/// A group of pictures to be coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub key: bool,
    /// A new scene starts here.
    pub cut: bool,
    pub frames: usize,
}

/// Chooses qualities.
#[derive(Clone, Debug)]
pub struct RateControl {
    rates: Rates,
    crf: f64,
    fps: f64,
    keyint: f64,
    /// Mean costs of a key frame and of another one; `None` before the first.
    key_cost: Option<f64>,
    cost: Option<f64>,
    /// Groups since the scene's key frame.
    in_scene: usize,
    /// What key frames and other groups have cost, and what was known of them before, the last ones counted more.
    seen: [(f64, f64); 2],
    done: usize,
    spent: f64,
    /// Bits that may be sent at once.
    buffer: f64,
    last: Option<f64>,
    group: Group,
    /// Quality and bits of each time that it was coded.
    tries: Vec<(f64, f64)>,
}

impl RateControl {
    pub fn new(config: &Config) -> Self {
        RateControl {
            rates: config.rates.clone(),
            crf: config.crf.into(),
            fps: f64::from(config.frame_rate.num) / f64::from(config.frame_rate.den),
            keyint: config.keyint.into(),
            key_cost: None,
            cost: None,
            in_scene: 0,
            seen: [(0.0, 0.0); 2],
            done: 0,
            spent: 0.0,
            buffer: config.rates.buffer as f64 * 0.9,
            last: None,
            group: Group { key: true, cut: true, frames: 1 },
            tries: Vec::new(),
        }
    }

    /// Most frames that should be planned at one quality: enough groups in a film of known length for the rate to be met
    /// (and alike in all passes over it), and short ones as long as the rate has to be felt for.
    pub fn longest_group(&self) -> usize {
        let share = self.rates.frames.map_or(usize::MAX, |n| (n / 8).clamp(8, 32) as usize);
        if self.rates.bitrate.is_none() || self.all_known() {
            share
        } else if (self.done as f64) < self.fps || self.in_scene == 0 {
            8
        } else {
            // Towards the end there must be groups left that make up for the one before.
            match self.rest().map_or(usize::MAX, |n| n as usize) {
                n @ 9..16 => n.div_ceil(2),
                n => (n / 4).clamp(8, 16).min(share),
            }
        }
    }

    /// Whether a pass over the whole film came before this one.
    fn all_known(&self) -> bool {
        self.rates.frames.is_some_and(|n| self.rates.costs.len() as u64 >= n)
    }

    /// Whether the quality is given, whatever the frames before have cost.
    pub fn is_constant(&self) -> bool {
        self.rates.bitrate.is_none() && self.rates.max_rate.is_none()
    }

    /// Pictures still to come, where that is known.
    fn rest(&self) -> Option<f64> {
        self.rates.frames.map(|n| n as f64 - self.done as f64)
    }

    /// The quality of the next group.
    pub fn quality(&mut self, group: Group) -> f32 {
        self.group = group;
        self.tries.clear();
        self.in_scene = if group.cut { 0 } else { self.in_scene + 1 };
        let mut crf = match self.rates.bitrate {
            Some(rate) => self.average(rate as f64),
            None => self.crf,
        };
        if let Some(max) = self.rates.max_rate {
            // A reserve, since the prediction is one.
            let room = self.room(max) * 0.8;
            crf = crf.max(HALF * (self.known(group) / room.max(1.0)).log2());
        }
        let crf = crf.clamp(0.0, 63.0);
        self.last = Some(crf);
        crf as f32
    }

    /// Whether it may turn out that the group has to be coded again: it overflows the buffer, or the film's end misses
    /// its rate.
    pub fn may_repeat(&self) -> bool {
        let frames = self.group.frames as f64;
        let ends = |n: f64| (frames..=END.max(frames)).contains(&n);
        let misses = self.rates.bitrate.is_some() && self.rest().is_some_and(ends);
        self.tries.len() < REPEATS && (self.rates.max_rate.is_some() || misses)
    }

    /// The quality at which to code a group again that came to so many bits, if it has to be.
    pub fn again(&mut self, bits: usize) -> Option<f32> {
        let (last, bits) = (self.last?, bits as f64);
        if !self.may_repeat() {
            return None;
        }
        if let Some(max) = self.rates.max_rate {
            let room = self.room(max).max(1.0);
            if bits <= room {
                return None;
            }
            return self.try_with((last + HALF * (bits / room).log2() + 0.5).min(63.0), last, bits);
        }
        let (rate, frames) = (self.rates.bitrate? as f64, self.group.frames as f64);
        let rest = self.rest()?.max(frames);
        let (budget, film) = (self.budget(rate, rest), rate / self.fps * (self.done as f64 + rest));
        let all = bits / frames * rest;
        if (all - budget).abs() <= PRECISION * film {
            return None;
        }
        // What two tries tell of how fast bits fall.
        let half =
            self.tries.last().map_or(HALF, |t| ((last - t.0) / (t.1 / bits).log2()).clamp(HALF / 3.0, HALF));
        let crf = (last + (half * (all / budget).log2()).clamp(-MAX_STEP, MAX_STEP)).clamp(0.0, 63.0);
        self.try_with(crf, last, bits)
    }

    /// Another quality for a group that came to so many bits at `last`; `None` if it is the same.
    fn try_with(&mut self, crf: f64, last: f64, bits: f64) -> Option<f32> {
        if crf == last {
            return None;
        }
        self.tries.push((last, bits));
        self.last = Some(crf);
        Some(crf as f32)
    }

    /// What the group has cost.
    pub fn spend(&mut self, bits: usize) {
        let Group { key, frames, .. } = self.group;
        let bits = bits as f64;
        let cost = cost(bits, self.last.unwrap_or(self.crf));
        if let Some(foreseen) = self.foreseen(self.group) {
            let (actual, expected) = &mut self.seen[usize::from(key)];
            (*actual, *expected) = (*actual * MEMORY + cost, *expected * MEMORY + foreseen);
        }
        // Of the scene before nothing is kept.
        let memory = if !key && self.in_scene == 1 { 0.0 } else { MEMORY };
        let mean = if key { &mut self.key_cost } else { &mut self.cost };
        let now = cost / frames as f64;
        *mean = Some(mean.map_or(now, |m| m * memory + now * (1.0 - memory)));
        if let Some(max) = self.rates.max_rate {
            self.buffer = (self.buffer + self.inflow(max) - bits).min(self.rates.buffer as f64);
        }
        self.spent += bits;
        self.done += frames;
    }

    /// Bits that the group may have.
    fn room(&self, rate: u64) -> f64 {
        (self.buffer + self.inflow(rate)).min(self.rates.buffer as f64)
    }

    fn inflow(&self, rate: u64) -> f64 {
        rate as f64 / self.fps * self.group.frames as f64
    }

    /// The quality at which the rest of the film would meet the rate.
    fn average(&self, rate: f64) -> f64 {
        let window = (WINDOW * self.fps).max(self.group.frames as f64);
        let rest = self.rest().map_or(window, |n| n.max(self.group.frames as f64));
        let crf = HALF * (self.cost_of_rest(rest) / self.budget(rate, rest)).log2();
        match self.last {
            Some(last) => {
                // What a scene costs is known only from its first groups: if much, it must not go on.
                let up = if self.in_scene <= SCENE_GROUPS { SCENE_STEP } else { MAX_STEP };
                crf.clamp(last - MAX_STEP, last + up)
            }
            None => crf,
        }
    }

    /// Bits for the pictures from here on.
    fn budget(&self, rate: f64, rest: f64) -> f64 {
        let per_frame = rate / self.fps;
        let budget = per_frame * (self.done as f64 + rest) - self.spent;
        // The debt of a long film is not paid at once, nor is its wealth spent.
        budget.clamp(per_frame * rest * 0.2, per_frame * rest * 4.0)
    }

    /// Cost of the pictures from here on.
    fn cost_of_rest(&self, rest: f64) -> f64 {
        let known = self.rates.costs.get(self.done..).unwrap_or_default();
        let known = &known[..known.len().min(rest as usize)];
        let foreseen = known.iter().map(|&c| f64::from(c)).sum::<f64>() * self.scale(false);
        let unknown = rest - known.len() as f64;
        let keys = f64::from(u8::from(known.is_empty() && self.group.key)) + (unknown / self.keyint).floor();
        foreseen + self.mean(false) * (unknown - keys).max(0.0) + self.mean(true) * keys
    }

    /// Cost of one group.
    fn known(&self, group: Group) -> f64 {
        let mean = self.mean(group.key) * group.frames as f64;
        self.foreseen(group).map_or(mean, |c| c * self.scale(group.key))
    }

    /// What groups of a kind cost against what was known of them before.
    fn scale(&self, key: bool) -> f64 {
        let (actual, expected) = self.seen[usize::from(key)];
        if expected > 0.0 { actual / expected } else { 1.0 }
    }

    fn foreseen(&self, group: Group) -> Option<f64> {
        let costs = self.rates.costs.get(self.done..self.done + group.frames)?;
        Some(costs.iter().map(|&c| f64::from(c)).sum::<f64>()).filter(|&c| c > 0.0)
    }

    /// Mean cost of a picture.
    fn mean(&self, key: bool) -> f64 {
        // Without any knowledge the configured quality is taken to be right.
        let rate = self.rates.bitrate.or(self.rates.max_rate).unwrap_or(1_000_000) as f64;
        let guess = cost(rate / self.fps, self.crf);
        match key {
            true => self.key_cost.or(self.cost.map(|c| c * KEY_RATIO)).unwrap_or(guess * KEY_RATIO),
            false => self.cost.or(self.key_cost.map(|c| c / KEY_RATIO)).unwrap_or(guess),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Rational;
    use crate::picture::{ChromaFormat, Format};

    fn config(rates: Rates) -> Config {
        let format = Format { width: 64, height: 64, chroma: ChromaFormat::Mono, bit_depth: 8 };
        Config { rates, frame_rate: Rational { num: 25, den: 1 }, ..Config::new(format) }
    }

    /// Runs over a film whose pictures cost what `cost` says; gives bits per group.
    fn run(config: &Config, frames: usize, cost: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut control = RateControl::new(config);
        let (mut done, mut spent) = (0, Vec::new());
        while done < frames {
            let group = Group {
                key: done == 0,
                cut: done == 0,
                frames: if done == 0 { 1 } else { 8.min(frames - done) },
            };
            let mut crf = control.quality(group);
            let bits = loop {
                let all: f64 = (done..done + group.frames).map(&cost).sum();
                let bits = all * (-f64::from(crf) / 4.0).exp2();
                match control.again(bits as usize) {
                    Some(better) => crf = better,
                    None => break bits,
                }
            };
            control.spend(bits as usize);
            spent.push(bits);
            done += group.frames;
        }
        spent
    }

    fn film(i: usize) -> f64 {
        let scene = if (i / 60).is_multiple_of(2) { 1.0 } else { 3.0 };
        if i == 0 { 8e6 } else { 4e5 * scene * (1.0 + 0.3 * (i as f64).sin()) }
    }

    #[test]
    fn averages_are_met() {
        // Known, unknown, wrong by much.
        for frames in [Some(150), None, Some(40), Some(900)] {
            let rates = Rates { bitrate: Some(300_000), frames, ..Rates::default() };
            let bits: f64 = run(&config(rates), 150, film).iter().sum();
            let off = bits / (300_000.0 * 6.0) - 1.0;
            assert!(off.abs() < if frames == Some(150) { 0.005 } else { 0.25 }, "{frames:?}: {off}");
        }
        let costs = (0..150).map(|i| film(i) as f32 * 1.3).collect();
        let rates = Rates { bitrate: Some(300_000), frames: Some(150), costs, ..Rates::default() };
        let bits: f64 = run(&config(rates), 150, film).iter().sum();
        assert!((bits / (300_000.0 * 6.0) - 1.0).abs() < 0.01, "{bits}");
    }

    #[test]
    fn groups_are_short_where_a_rate_must_be_met() {
        let longest = |rates: Rates| RateControl::new(&config(rates)).longest_group();
        assert_eq!(longest(Rates::default()), usize::MAX);
        let known = |n: u64| Rates { frames: Some(n), costs: vec![1.0; n as usize], ..Rates::default() };
        assert_eq!([25, 120, 999].map(|n| longest(known(n))), [8, 15, 32]);
        assert_eq!(longest(Rates { bitrate: Some(300_000), ..Rates::default() }), 8);
    }

    #[test]
    fn the_buffer_holds() {
        // Whether what is known of the film is about right or not.
        for off in [1.2, 0.2] {
            let costs = (0..400).map(|i| film(i) as f32 * off).collect();
            let rates = Rates { max_rate: Some(200_000), buffer: 200_000, costs, ..Rates::default() };
            let mut buffer = 200_000.0;
            for (i, bits) in run(&config(rates), 400, film).into_iter().enumerate() {
                buffer = f64::min(buffer + 8000.0 * if i == 0 { 1.0 } else { 8.0 }, 200_000.0) - bits;
                assert!(buffer >= 0.0, "{off}, group {i}: {buffer}");
            }
        }
    }
}
