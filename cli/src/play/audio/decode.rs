//! Decoding of a film's sound by FFmpeg.

use std::path::Path;

use anyhow::Result;
use ffmpeg_next::software::resampling;
use ffmpeg_next::util::format::sample::{Sample, Type};
use ffmpeg_next::{self as av, ChannelLayout, codec, decoder, format, frame, media};

use super::ring::Voice;
use crate::media::{self as files, ffmpeg};

/// The sound track of a film.
pub struct Track {
    input: format::context::Input,
    stream: usize,
    time_base: f64,
    decoder: decoder::Audio,
    resampler: Option<resampling::Context>,
    /// Moment of the next sample.
    next: f64,
}

impl Track {
    /// `None` for what has no sound, or is no film at all.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        if !files::has_companions(path) {
            return Ok(None);
        }
        let Ok(input) = ffmpeg::open_file(path) else { return Ok(None) };
        let Some(stream) = input.streams().best(media::Type::Audio) else { return Ok(None) };
        let (index, base) = (stream.index(), stream.time_base());
        let context = codec::context::Context::from_parameters(stream.parameters())?;
        let decoder = context.decoder().audio()?;
        let time_base = f64::from(base);
        Ok(Some(Track { input, stream: index, time_base, decoder, resampler: None, next: 0.0 }))
    }

    /// Decodes as long as the program lives.
    pub fn run(mut self, voice: &Voice) {
        while let Some(jump) = voice.wait() {
            if let Some(at) = jump {
                self.seek(at);
            }
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => {
                    // A damaged packet is a moment without sound.
                    let _ = self.decoder.send_packet(&packet);
                    self.give(voice);
                }
                Ok(()) | Err(av::Error::InvalidData) => {}
                Err(_) => {
                    let _ = self.decoder.send_eof();
                    self.give(voice);
                    voice.with(super::Ring::end);
                }
            }
        }
    }

    fn seek(&mut self, at: f64) {
        // Some codecs need a little before to sound right.
        let target = ((at - 0.2).max(0.0) * 1e6) as i64;
        let start = self.input.seek(target, ..target.saturating_add(1));
        // Without an index it plays on from where it is.
        let _ = start.or_else(|_| self.input.seek(i64::MIN, ..));
        self.decoder.flush();
        (self.resampler, self.next) = (None, at);
    }

    /// Hands on what is decoded.
    fn give(&mut self, voice: &Voice) {
        let mut sound = frame::Audio::empty();
        while self.decoder.receive_frame(&mut sound).is_ok() {
            let moment = sound.timestamp().map_or(self.next, |t| t as f64 * self.time_base);
            self.next = moment + sound.samples() as f64 / f64::from(sound.rate().max(1));
            let (rate, channels) = voice.with(|r| (r.rate, r.channels));
            let Some(samples) = self.resample(sound.clone(), rate, channels) else { continue };
            voice.with(|r| r.put(moment, &samples));
        }
    }

    fn resample(&mut self, mut sound: frame::Audio, rate: u32, channels: usize) -> Option<Vec<f32>> {
        let layout = |n: usize| ChannelLayout::default(i32::try_from(n).unwrap_or(2));
        if sound.channel_layout().is_empty() {
            sound.set_channel_layout(layout(sound.channels().into()));
        }
        let target = Sample::F32(Type::Packed);
        let fits = |r: &resampling::Context| {
            let d = r.input();
            (d.format, d.channel_layout, d.rate) == (sound.format(), sound.channel_layout(), sound.rate())
        };
        if !self.resampler.as_ref().is_some_and(fits) {
            let from = (sound.format(), sound.channel_layout(), sound.rate());
            let context = resampling::Context::get(from.0, from.1, from.2, target, layout(channels), rate);
            self.resampler = Some(context.ok()?);
        }
        let resampler = self.resampler.as_mut()?;
        let mut out = frame::Audio::empty();
        resampler.run(&sound, &mut out).ok()?;
        // Four bytes to a sample; more than these are in the buffer.
        let bytes = out.samples() * channels * 4;
        let data = out.data(0).get(..bytes)?;
        Some(data.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect())
    }
}
