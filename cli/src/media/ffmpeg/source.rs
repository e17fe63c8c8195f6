//! Any video that FFmpeg reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ffmpeg_next::frame::side_data::Type as Kind;
use ffmpeg_next::media::Type;
use ffmpeg_next::{self as av, codec, format, frame, threading};
use girih::{Format, Limits, Picture, Rational};

use super::clock::Clock;
use super::copier::rescale;
use super::frame::{Converter, to_picture};
use super::frames::Frames;
use super::turn::Turn;
use super::{ffi, pixel, positive, streams};
use crate::media::{self, Description, Extras, Reading, Source};

/// Frames to skip that are worth seeking.
const WORTH_SEEKING: u64 = 16;

/// Decodes the best video stream of a file.
pub struct FfmpegSource {
    path: PathBuf,
    frames: Frames,
    converter: Converter,
    /// As decoded; `description` has that of the turned pictures.
    format: Format,
    turn: Turn,
    description: Description,
    extras: Extras,
    clock: Clock,
    /// Time that becomes zero, in the stream's units.
    start: i64,
    /// The first frame, decoded early because it tells the format.
    first: Option<frame::Video>,
}

impl FfmpegSource {
    pub fn open(path: &Path, input: format::context::Input, reading: Reading) -> Result<Self> {
        let index = pick(&input).context("no video in it")?;
        let stream = input.stream(index).context("no video in it")?;
        let (r, average) = (positive(stream.rate()), positive(stream.avg_frame_rate()));
        let frame_rate = average.or(r).unwrap_or(Rational { num: 25, den: 1 });
        let source_base = positive(stream.time_base()).context("no time base")?;
        let clock = Clock::new(source_base, r.filter(|r| !reading.exact && Some(*r) == average));
        let turn = streams::display_matrix(&stream).map_or_else(Turn::default, Turn::of);
        let micro = Rational { num: 1, den: 1_000_000 };
        let start = rescale(streams::start(&input), super::rational(micro), super::rational(source_base));
        let mut side_data = carried(&stream);
        let container_aspect = ffi::sample_aspect(&stream);
        let frames = u64::try_from(stream.frames()).ok().filter(|&n| n > 0);
        let seconds = streams::seconds(&stream);
        let mut context = codec::context::Context::from_parameters(stream.parameters())?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(decoder_threads(reading.threads))
        });
        let decoder = context.decoder().video()?;

        let mut reader = Frames::new(input, index, decoder);
        let Some(first) = reader.next()? else { bail!("no picture in it") };
        let target = pixel::nearest(first.format())
            .with_context(|| format!("pixel format {:?} is not supported", first.format()))?;
        let (chroma, bit_depth, full) = pixel::layout(target).context("unknown pixel format")?;
        let (width, height) = (first.width(), first.height());
        let format = Format { width: width as usize, height: height as usize, chroma, bit_depth };
        format.check(&Limits::default())?;
        let mut color = ffi::color(&first);
        if pixel::is_rgb(first.format()) {
            // swscale converts RGB by BT.601 in limited range.
            (color.matrix, color.full_range) = (6, false);
        }
        color.full_range |= full;
        // The container has the last word, as with FFmpeg itself.
        let sample_aspect = positive(container_aspect)
            .or_else(|| positive(first.aspect_ratio()))
            .or_else(|| positive(reader.aspect_ratio()))
            .unwrap_or(Rational { num: 0, den: 1 });
        let in_band = [Kind::MasteringDisplayMetadata, Kind::ContentLightLevel];
        for (kind, of_stream) in in_band.into_iter().zip(streams::CARRIED) {
            if let Some(d) = first.side_data(kind).filter(|_| side_data.iter().all(|(k, _)| *k != of_stream))
            {
                side_data.push((of_stream, d.data().to_vec()));
            }
        }
        let chroma_location = if turn == Turn::default() { streams::chroma_location(&first) } else { 0 };
        let notes = losses(&first, target);
        let extras = Extras { side_data, chroma_location, seconds, notes, ..Extras::default() };
        let description = Description {
            format: turn.format(format),
            color,
            frame_rate,
            sample_aspect: turn.aspect(sample_aspect),
            time_base: clock.time_base,
            frames,
        };
        let converter = Converter::new(target, width, height);
        Ok(FfmpegSource {
            path: path.to_path_buf(),
            frames: reader,
            converter,
            format,
            turn,
            description,
            extras,
            clock,
            start,
            first: Some(first),
        })
    }

    /// Time stamp of a frame, in the stream's units.
    fn time(&self, frame: &frame::Video) -> Option<i64> {
        frame.timestamp().map(|t| t.saturating_sub(self.start))
    }
}

/// Two more than are to work, as some always wait for each other; where there are many, as many as FFmpeg advises at most.
fn decoder_threads(threads: usize) -> usize {
    match threads {
        0 => 0, // FFmpeg has a rule of its own
        1 => 1,
        n => (n + 2).min(n.max(16)),
    }
}

impl Source for FfmpegSource {
    fn description(&self) -> &Description {
        &self.description
    }

    fn extras(&self) -> Extras {
        Extras { shift: self.clock.shift(), ..self.extras.clone() }
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        let frame = match self.first.take() {
            Some(frame) => frame,
            None => match self.frames.next()? {
                Some(frame) => frame,
                None => return Ok(None),
            },
        };
        let pts = self.clock.time(self.time(&frame));
        let picture = match self.converter.convert(&frame)? {
            Some(converted) => to_picture(&converted, self.format),
            None => to_picture(&frame, self.format),
        };
        Ok(Some(self.turn.apply(Picture { pts, ..picture })))
    }

    /// Decodes only from the last key frame before, where the file allows it.
    fn skip(&mut self, n: u64) -> Result<u64> {
        let start = self.first.as_ref().and_then(|f| self.time(f));
        // It is not worth the trouble for a few frames.
        if n >= WORTH_SEEKING
            && let Some(start) = start
            && let Some((frames, frame)) = self.frames.jump(&self.path, n)?
        {
            self.clock.start(start);
            (self.frames, self.first) = (frames, Some(frame));
            return Ok(n);
        }
        crate::media::pass(self, n)
    }
}

/// What pictures of a source lack when they are converted to `target`.
fn losses(frame: &frame::Video, target: av::format::Pixel) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some(from), Some((chroma, depth, _))) = (ffi::pixel_info(frame.format()), pixel::layout(target)) {
        if !from.gray && !from.full_chroma && !from.half_chroma {
            notes.push(format!("chroma is converted to {}", media::chroma_name(chroma)));
        }
        if from.depth > i32::from(depth) {
            notes.push(format!("{} bits are reduced to {depth}", from.depth));
        }
        if from.alpha {
            notes.push("transparency is left out".into());
        }
    }
    if frame.is_interlaced() {
        notes.push("is interlaced: coded as whole frames that do not say so".into());
    }
    notes
}

/// The video stream of a file: Girih's if there is one, else what FFmpeg finds best.
pub fn pick(input: &format::context::Input) -> Option<usize> {
    let girih = super::girih::find(input).map(|(index, _)| index);
    girih.or_else(|| input.streams().best(Type::Video).map(|s| s.index()))
}

/// Side data of a stream that goes with its pictures.
pub fn carried(stream: &av::Stream) -> Vec<streams::SideData> {
    let kept = stream.side_data().filter(|d| streams::CARRIED.contains(&d.kind()));
    kept.map(|d| (d.kind(), d.data().to_vec())).collect()
}
