//! What `girih encode` aims at: a quality, a rate, a size, a measured quality. Passes over the film or samples of it
//! turn each into settings of the encoder.

use std::path::Path;

use anyhow::{Context, Result, bail};
use girih::{Config, Decoder, Encoder, Limits, Packet, Picture, Preset, Rates};

use crate::args::{Encode, Range};
use crate::encode;
use crate::error::{self, InFile, display};
use crate::media::{self, Source};
use crate::output::Kind;
use crate::progress::Progress;
use crate::quality::{Mean, Quality};

/// Pictures from which the cost of a film is guessed in one pass.
const SAMPLE: u64 = 17;
/// Pictures in one of the samples whose quality is measured, and how many samples there are.
const SAMPLES: (u64, u64) = (33, 3);
/// The first of a sample's pictures do not count: a key frame and what profits from it are better than the rest of a film.
const LEAD: usize = 9;
/// Memory for samples.
const SAMPLE_BYTES: usize = 256 << 20;
/// Bytes that a container adds to each packet, and once: a guess.
const NATIVE: (u64, u64) = (3, 120);
const MATROSKA: (u64, u64) = (9, 1500);

/// Fills in quality and rates.
pub fn set(config: &mut Config, args: &Encode, kind: Kind) -> Result<()> {
    let g = &args.goal;
    if let Some(rate) = g.maxrate {
        config.rates.max_rate = Some(rate);
        config.rates.buffer = g.bufsize.unwrap_or(rate);
    }
    let aims = g.bitrate.is_some() || g.size.is_some() || g.target_psnr.is_some() || g.target_ssim.is_some();
    let stream = args.input == Path::new("-");
    let film = Film { args, kind };
    if !aims {
        if g.maxrate.is_some() && !stream {
            // What comes next has to be known before it fills the buffer.
            config.rates.costs = film.costs(&quick(config), None)?;
        }
        return Ok(());
    }
    if stream && (g.bitrate.is_none() || g.passes > 1) {
        bail!("{}: is read once, this needs several passes: give it a file", display(&args.input));
    }
    if let Some(rate) = g.bitrate.filter(|_| stream) {
        config.rates.bitrate = Some(rate);
        return Ok(());
    }
    let (frames, seconds) = film.extent()?;
    if g.target_psnr.is_some() || g.target_ssim.is_some() {
        config.crf = film.search(config, frames)?;
        return Ok(());
    }
    // The encoder counts frames; where their rate varies, they last longer or shorter than it thinks.
    let nominal = frames as f64 * f64::from(config.frame_rate.den) / f64::from(config.frame_rate.num);
    let seconds = seconds.unwrap_or(nominal);
    let (per_packet, once) = if kind == Kind::Native { NATIVE } else { MATROSKA };
    let overhead = frames * per_packet + once;
    let bytes = match (g.size, g.bitrate) {
        (Some(size), _) => {
            let beside = overhead + film.copied();
            if beside >= size {
                bail!(
                    "{}: sound and all else beside the video take {beside} bytes already",
                    display(&args.output)
                );
            }
            size - beside
        }
        (_, rate) => ((rate.unwrap_or(0) as f64 * seconds / 8.0) as u64).saturating_sub(overhead),
    };
    let rate = (bytes as f64 * 8.0 / nominal) as u64;
    if rate < 100 {
        bail!("{}: {bytes} bytes are too few for {frames} frames", display(&args.output));
    }
    config.rates = Rates { bitrate: Some(rate), frames: Some(frames), ..config.rates.clone() };
    let mut quick = quick(config);
    let costs = film.costs(&quick, Some(SAMPLE.min(frames)))?;
    config.crf = crf_for(&costs, frames, rate as f64 * nominal);
    (quick.crf, config.rates.costs) = (config.crf, costs);
    if g.passes > 1 || g.size.is_some() || g.maxrate.is_some() {
        config.rates.costs = film.costs(&quick, None)?;
    }
    Ok(())
}

/// Settings of a first pass.
fn quick(config: &Config) -> Config {
    let rates = Rates { frames: config.rates.frames, ..Rates::default() };
    Config { preset: Preset::Ultrafast, rates, ..config.clone() }
}

/// The quality at which a film of which the first pictures cost so much has about so many bits.
fn crf_for(costs: &[f32], frames: u64, bits: f64) -> f32 {
    let (key, rest) = costs.split_first().map_or((0.0, 0.0), |(k, rest)| (*k, rest.iter().sum::<f32>()));
    let total = f64::from(key) + f64::from(rest) / costs.len().max(2) as f64 * frames as f64;
    ((6.0 * (total / bits).log2()) as f32).clamp(10.0, 51.0)
}

struct Film<'a> {
    args: &'a Encode,
    kind: Kind,
}

impl Film<'_> {
    fn open(&self, range: Range) -> Result<Box<dyn Source>> {
        encode::open(self.args, self.kind, range)
    }

    /// Number of pictures that will be encoded, and how long they last, if the file tells.
    fn extent(&self) -> Result<(u64, Option<f64>)> {
        let mut source = self.open(self.args.range)?;
        let seconds = source.extras().seconds;
        if let Some(n) = source.description().frames {
            return Ok((n, seconds));
        }
        let n = source.skip(1 << 40).in_file(&self.args.input)?;
        if n == 0 {
            bail!("{}: no picture in it", display(&self.args.input));
        }
        Ok((n, seconds))
    }

    /// Bytes of what is copied beside the video.
    fn copied(&self) -> u64 {
        if self.kind == Kind::Native {
            return 0;
        }
        media::companions(&self.args.input).map_or(0, |c| c.bytes(MATROSKA.0))
    }

    /// What the first pictures cost, or all.
    fn costs(&self, config: &Config, frames: Option<u64>) -> Result<Vec<f32>> {
        let input = &self.args.input;
        let range = Range { frames: frames.or(self.args.range.frames), ..self.args.range };
        let mut source = self.open(range)?;
        let progress = Progress::new("analysing", source.description().frames);
        let mut times = Vec::new();
        let mut costs = Vec::new();
        let mut encoder = Encoder::new(config.clone()).in_file(input)?;
        let mut more = true;
        while more {
            match source.next_picture().in_file(input)? {
                Some(picture) => {
                    times.push(picture.pts);
                    encoder.push(picture).in_file(input)?;
                }
                None => {
                    more = false;
                    encoder.finish().in_file(input)?;
                }
            }
            progress.frame();
            costs.resize(times.len(), 0.0);
            while let Some(p) = encoder.next_packet() {
                let at = times.binary_search(&p.pts).ok().context("a packet of no picture")?;
                costs[at] = p.data.len() as f32 * 8.0 * (config.crf / 6.0).exp2();
            }
        }
        Ok(costs)
    }

    /// The quality at which samples of the film measure what is asked for.
    fn search(&self, config: &Config, frames: u64) -> Result<f32> {
        let input = &self.args.input;
        let samples = self.samples(config, frames)?;
        let progress = Progress::new("searching", None);
        let measure = |crf: f32| -> Result<f64> {
            let config = Config { crf, rates: Rates::default(), ..config.clone() };
            let mut mean = Mean::default();
            for sample in &samples {
                let lead = if samples.len() > 1 { LEAD.min(sample.len() / 2) } else { 0 };
                trial(&config, sample, lead, &mut mean)?;
                progress.frame();
            }
            let q = mean.get().context("nothing to measure")?;
            Ok(match self.args.goal.target_psnr {
                Some(target) => q.psnr(0).unwrap_or_default() - target,
                None => q.ssim_db() - ssim_db(self.args.goal.target_ssim.unwrap_or_default()),
            })
        };
        // Quality falls by about half a decibel a step; the interval closes around the aim.
        let (mut low, mut high) = (0.0f32, 63.0f32);
        let (mut crf, mut slope, mut last) = (config.crf, 0.5, None::<(f32, f64)>);
        for _ in 0..7 {
            let over = measure(crf).in_file(input)?;
            if over.abs() < 0.03 {
                break;
            }
            if over > 0.0 {
                low = crf
            } else {
                high = crf
            }
            if let Some((c, o)) = last.filter(|(c, _)| *c != crf) {
                slope = ((o - over) / f64::from(crf - c)).clamp(0.1, 2.0);
            }
            last = Some((crf, over));
            let next = (crf + (over / slope) as f32).clamp(low, high);
            if (next - crf).abs() < 0.06 {
                break;
            }
            crf = next;
        }
        if crf < 0.1 && last.is_some_and(|(_, over)| over < -0.1) {
            error::notes(
                &self.args.output,
                &["the quality asked for is out of reach: this is the best".into()],
            );
        }
        Ok(crf)
    }

    /// Stretches of the film, as many and as long as there is memory for.
    fn samples(&self, config: &Config, frames: u64) -> Result<Vec<Vec<Picture>>> {
        let (length, count) = SAMPLES;
        let f = config.format;
        let bytes: usize = (0..f.chroma.planes()).map(|p| f.plane_size(p)).map(|(w, h)| 2 * w * h).sum();
        let room = (SAMPLE_BYTES / bytes.max(1)) as u64;
        let length = length.min((room / count).max(2));
        let whole = frames <= length * count;
        let (length, count) = if whole { (frames, 1) } else { (length, count) };
        let mut samples = Vec::new();
        for i in 0..count {
            let start = if whole { 0 } else { (2 * i + 1) * frames / (2 * count) - length / 2 };
            let range = Range { start: self.args.range.start + start, frames: Some(length) };
            let mut source = self.open(range)?;
            let mut pictures = Vec::new();
            while let Some(p) = source.next_picture().in_file(&self.args.input)? {
                pictures.push(p);
            }
            samples.push(pictures);
        }
        Ok(samples)
    }
}

/// Encodes and decodes pictures and adds up their quality, but for the first `lead`.
fn trial(config: &Config, pictures: &[Picture], lead: usize, mean: &mut Mean) -> Result<()> {
    let mut encoder = Encoder::new(config.clone())?;
    let mut decoder = Decoder::with_codebook(&encoder.header(), Limits::default(), config.codebook.clone())?;
    let mut packets: Vec<Packet> = Vec::new();
    for p in pictures {
        encoder.push(p.clone())?;
        packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    }
    encoder.finish()?;
    packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    for p in packets {
        decoder.push(&p.data, p.pts)?;
    }
    decoder.finish();
    for (i, original) in pictures.iter().enumerate() {
        let decoded = decoder.next_picture().context("fewer pictures decoded than encoded")?;
        if i >= lead {
            mean.add(Quality::of(original, &decoded)?);
        }
    }
    Ok(())
}

fn ssim_db(ssim: f64) -> f64 {
    -10.0 * (1.0 - ssim).max(1e-6).log10()
}
