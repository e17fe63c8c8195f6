//! Any video that FFmpeg reads.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ffmpeg_next::{self as av, codec, decoder, format, frame, media, threading};
use girih::{Format, Limits, Picture, Rational};

use super::frame::{Converter, to_picture};
use super::{ffi, pixel, positive, wants_more};
use crate::media::{Description, Source};

/// Decodes the best video stream of a file.
pub struct FfmpegSource {
    input: format::context::Input,
    stream: usize,
    decoder: decoder::Video,
    converter: Converter,
    description: Description,
    clock: Clock,
    /// The first frame, decoded early because it tells the format.
    first: Option<frame::Video>,
    /// The file has been read to its end.
    drained: bool,
}

impl FfmpegSource {
    pub fn open(path: &Path, threads: usize) -> Result<Self> {
        if path.to_str().is_none_or(|p| p.contains('\0')) {
            bail!("FFmpeg needs a file name in UTF-8");
        }
        let mut input = format::input(path)?;
        let stream = input.streams().best(media::Type::Video).context("no video in it")?;
        let index = stream.index();
        let (r, average) = (positive(stream.rate()), positive(stream.avg_frame_rate()));
        let frame_rate = average.or(r).unwrap_or(Rational { num: 25, den: 1 });
        let source_base = positive(stream.time_base()).context("no time base")?;
        let clock = Clock::new(source_base, r.filter(|r| Some(*r) == average));
        let frames = u64::try_from(stream.frames()).ok().filter(|&n| n > 0);
        let mut context = codec::context::Context::from_parameters(stream.parameters())?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(threads)
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
        let description =
            Description { format, color, frame_rate, sample_aspect, time_base: clock.time_base, frames };
        let converter = Converter::new(target, width, height);
        Ok(FfmpegSource {
            input,
            stream: index,
            decoder,
            converter,
            description,
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
        let format = self.description.format;
        let picture = match self.converter.convert(&frame)? {
            Some(converted) => to_picture(&converted, format),
            None => to_picture(&frame, format),
        };
        Ok(Some(Picture { pts, ..picture }))
    }
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
struct Clock {
    time_base: Rational,
    source: Rational,
    origin: Option<i64>,
    last: Option<i64>,
}

impl Clock {
    fn new(source: Rational, constant_rate: Option<Rational>) -> Self {
        let time_base = constant_rate.map_or(source, |r| Rational { num: r.den, den: r.num });
        Clock { time_base, source, origin: None, last: None }
    }

    /// The time of the next frame, always after the one before.
    fn time(&mut self, timestamp: Option<i64>) -> i64 {
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

    fn rescale(&self, t: i64) -> i64 {
        let (from, to) = (self.source, self.time_base);
        let num = i128::from(t) * i128::from(from.num) * i128::from(to.den);
        let den = i128::from(from.den) * i128::from(to.num);
        let rounded = (2 * num + den).div_euclid(2 * den);
        rounded.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
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
