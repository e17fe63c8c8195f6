//! Any video that FFmpeg reads.

use anyhow::{Context, Result, bail};
use ffmpeg_next::frame::side_data::Type as Kind;
use ffmpeg_next::{self as av, codec, decoder, format, frame, media, threading};
use girih::{Format, Limits, Picture, Rational};

use super::frame::{Converter, to_picture};
use super::turn::Turn;
use super::{ffi, pixel, positive, streams, wants_more};
use crate::media::{Description, Extras, Reading, Source};

/// Decodes the best video stream of a file.
pub struct FfmpegSource {
    input: format::context::Input,
    stream: usize,
    decoder: decoder::Video,
    converter: Converter,
    /// As decoded; `description` has that of the turned pictures.
    format: Format,
    turn: Turn,
    description: Description,
    extras: Extras,
    clock: Clock,
    /// The first frame, decoded early because it tells the format.
    first: Option<frame::Video>,
    /// The file has been read to its end.
    drained: bool,
}

impl FfmpegSource {
    pub fn open(mut input: format::context::Input, reading: Reading) -> Result<Self> {
        let index = pick(&input).context("no video in it")?;
        let stream = input.stream(index).context("no video in it")?;
        let (r, average) = (positive(stream.rate()), positive(stream.avg_frame_rate()));
        let frame_rate = average.or(r).unwrap_or(Rational { num: 25, den: 1 });
        let source_base = positive(stream.time_base()).context("no time base")?;
        let clock = Clock::new(source_base, r.filter(|r| !reading.exact && Some(*r) == average));
        let turn = streams::display_matrix(&stream).map_or_else(Turn::default, Turn::of);
        let mut side_data = carried(&stream);
        let frames = u64::try_from(stream.frames()).ok().filter(|&n| n > 0);
        let mut context = codec::context::Context::from_parameters(stream.parameters())?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(reading.threads)
        });
        let mut decoder = context.decoder().video()?;

        let (mut first, mut drained) = (frame::Video::empty(), false);
        if !next_frame(&mut input, index, &mut decoder, &mut drained, &mut first)? {
            bail!("no picture in it");
        }
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
        let sample_aspect = positive(first.aspect_ratio())
            .or_else(|| positive(decoder.aspect_ratio()))
            .unwrap_or(Rational { num: 0, den: 1 });
        let in_band = [Kind::MasteringDisplayMetadata, Kind::ContentLightLevel];
        for (kind, of_stream) in in_band.into_iter().zip(streams::CARRIED) {
            if let Some(d) = first.side_data(kind).filter(|_| side_data.iter().all(|(k, _)| *k != of_stream))
            {
                side_data.push((of_stream, d.data().to_vec()));
            }
        }
        let chroma_location = if turn == Turn::default() { streams::chroma_location(&first) } else { 0 };
        let extras = Extras { side_data, chroma_location, ..Extras::default() };
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
            input,
            stream: index,
            decoder,
            converter,
            format,
            turn,
            description,
            extras,
            clock,
            first: Some(first),
            drained,
        })
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
            None => {
                let mut frame = frame::Video::empty();
                if !next_frame(
                    &mut self.input,
                    self.stream,
                    &mut self.decoder,
                    &mut self.drained,
                    &mut frame,
                )? {
                    return Ok(None);
                }
                frame
            }
        };
        let pts = self.clock.time(frame.timestamp());
        let picture = match self.converter.convert(&frame)? {
            Some(converted) => to_picture(&converted, self.format),
            None => to_picture(&frame, self.format),
        };
        Ok(Some(self.turn.apply(Picture { pts, ..picture })))
    }
}

/// The video stream of a file: Girih's if there is one, else what FFmpeg finds best.
pub fn pick(input: &format::context::Input) -> Option<usize> {
    let girih = super::girih::find(input).map(|(index, _)| index);
    girih.or_else(|| input.streams().best(media::Type::Video).map(|s| s.index()))
}

/// Side data of a stream that goes with its pictures.
pub fn carried(stream: &av::Stream) -> Vec<streams::SideData> {
    let kept = stream.side_data().filter(|d| streams::CARRIED.contains(&d.kind()));
    kept.map(|d| (d.kind(), d.data().to_vec())).collect()
}

/// Decodes the next frame; false at the end. Damaged packets are passed over, as players do.
fn next_frame(
    input: &mut format::context::Input,
    stream: usize,
    decoder: &mut decoder::Video,
    drained: &mut bool,
    frame: &mut frame::Video,
) -> Result<bool> {
    loop {
        match decoder.receive_frame(frame) {
            Ok(()) => return Ok(true),
            Err(av::Error::Eof) => return Ok(false),
            Err(e) if wants_more(e) && *drained => return Ok(false),
            Err(e) if wants_more(e) || e == av::Error::InvalidData => {}
            Err(e) => return Err(e.into()),
        }
        if *drained {
            continue;
        }
        let mut packet = av::Packet::empty();
        match packet.read(input) {
            Ok(()) if packet.stream() != stream => {}
            Ok(()) => match decoder.send_packet(&packet) {
                Ok(()) | Err(av::Error::InvalidData) => {}
                Err(e) => return Err(e.into()),
            },
            Err(av::Error::Eof) => {
                decoder.send_eof()?;
                *drained = true;
            }
            Err(av::Error::InvalidData) => {}
            Err(e) => return Err(e.into()),
        }
    }
}

/// Turns FFmpeg's time stamps into ours.
///
/// A file of constant frame rate gets one tick per frame: small numbers, and no rounding to the milliseconds
/// of its container. Others keep their own time base.
pub struct Clock {
    pub time_base: Rational,
    source: Rational,
    origin: Option<i64>,
    last: Option<i64>,
}

impl Clock {
    pub fn new(source: Rational, constant_rate: Option<Rational>) -> Self {
        let time_base = constant_rate.map_or(source, |r| Rational { num: r.den, den: r.num });
        Clock { time_base, source, origin: None, last: None }
    }

    /// The time of the next frame, always after the one before.
    pub fn time(&mut self, timestamp: Option<i64>) -> i64 {
        let next = self.last.map_or(0, |l| l.saturating_add(1));
        let time = timestamp.map_or(next, |t| {
            // Frames are counted from the first one, so that its phase does not round them unevenly.
            let origin = *self.origin.get_or_insert(t);
            self.rescale(origin).saturating_add(self.rescale(t.saturating_sub(origin)))
        });
        let time = self.last.map_or(time, |_| time.max(next));
        self.last = Some(time);
        time
    }

    /// Microseconds by which the container's time is ahead of ours, from rounding.
    pub fn shift(&self) -> i64 {
        const MICRO: Rational = Rational { num: 1, den: 1_000_000 };
        self.origin
            .map_or(0, |o| rescale(o, self.source, MICRO) - rescale(self.rescale(o), self.time_base, MICRO))
    }

    fn rescale(&self, t: i64) -> i64 {
        rescale(t, self.source, self.time_base)
    }
}

fn rescale(t: i64, from: Rational, to: Rational) -> i64 {
    super::copier::rescale(t, super::rational(from), super::rational(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_rates_count_frames() {
        let ms = Rational { num: 1, den: 1000 };
        let mut c = Clock::new(ms, Some(Rational { num: 30000, den: 1001 }));
        assert_eq!(c.time_base, Rational { num: 1001, den: 30000 });
        let times: Vec<_> = [7, 40, 73, 107, 140, 207].map(|t| c.time(Some(t))).into();
        assert_eq!(times, [0, 1, 2, 3, 4, 6]);
        assert_eq!((c.time(None), c.time(Some(3))), (7, 8));
    }

    #[test]
    fn variable_rates_keep_their_time() {
        let mut c = Clock::new(Rational { num: 1, den: 1000 }, None);
        let times: Vec<_> = [5, 38, 500, 500, 499].map(|t| c.time(Some(t))).into();
        assert_eq!(times, [5, 38, 500, 501, 502]);
    }
}
