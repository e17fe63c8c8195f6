//! Girih in Matroska and other containers of FFmpeg's.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::{Context, Error, Result, bail};
use ffmpeg_next::{self as av, format, format::context::Input};
use girih::stream::unit;
use girih::{AnyPicture, Decoder, Limits, Packet, Picture};

use super::clock::Clock;
use super::copier::rescale;
use super::source::carried;
use super::{positive, streams};
use crate::codebook::with_hint;
use crate::media::pending::Pending;
use crate::media::{self, Description, Extras, Reading, Source};

/// The index, header and properties of the stream of Girih in a file, if there is one.
pub fn find(input: &Input) -> Option<(usize, Vec<u8>)> {
    input.streams().find_map(|s| Some((s.index(), streams::girih_header(&s.parameters())?)))
}

/// Reads units of a file.
pub struct Units {
    input: Input,
    stream: usize,
    clock: Clock,
    pub header: Vec<u8>,
    pub time_base: girih::Rational,
}

impl Units {
    /// # Errors
    /// A file without Girih in it.
    pub fn open(input: Input, exact: bool) -> Result<Self> {
        let (stream, header) = find(&input).context("no Girih in it")?;
        let s = input.stream(stream).context("no stream")?;
        let (r, average) = (positive(s.rate()), positive(s.avg_frame_rate()));
        let base = positive(s.time_base()).context("no time base")?;
        let clock = Clock::new(base, average.filter(|a| !exact && r.is_none_or(|r| r == *a)));
        let time_base = clock.time_base;
        Ok(Units { input, stream, clock, header, time_base })
    }

    /// Goes to the last key unit up to `pts`, as far as the container knows, or to the first.
    pub fn seek(&mut self, pts: i64) -> Result<()> {
        let micro = girih::Rational { num: 1, den: 1_000_000 };
        let target = rescale(pts, super::rational(self.time_base), super::rational(micro));
        // A target before the first unit is an error to some demuxers.
        let start = self.input.seek(target, ..target.saturating_add(1));
        start.or_else(|_| self.input.seek(i64::MIN, ..))?;
        self.clock.jump();
        Ok(())
    }

    /// Time of the last key unit up to `pts` that the container knows of, for units with the container's time.
    pub fn key_before(&self, pts: i64) -> Option<i64> {
        streams::key_before(&self.input, self.stream, pts)
    }

    /// The next unit in display order.
    pub fn next_unit(&mut self) -> Result<Option<Packet>> {
        loop {
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() != self.stream => {}
                Ok(()) => {
                    let pts = self.clock.time(packet.pts().or(packet.dts()));
                    let data = packet.data().unwrap_or_default().to_vec();
                    return Ok(Some(Packet { data, pts, key: packet.is_key() }));
                }
                Err(av::Error::Eof) => return Ok(None),
                Err(e) => return Err(e.into()),
            }
        }
    }
}

/// Decodes the Girih in a file.
pub struct GirihSource {
    units: Units,
    decoder: Decoder,
    description: Description,
    extras: Extras,
    /// Times of pictures that are still to come.
    times: VecDeque<i64>,
    /// Units read already.
    read: VecDeque<Packet>,
    ended: bool,
    failed: Option<Error>,
}

impl GirihSource {
    pub fn open(input: Input, reading: Reading) -> Result<Self> {
        let units = Units::open(input, reading.exact)?;
        let mut decoder =
            Decoder::with_codebook(&units.header, Limits::default(), reading.codebook).map_err(with_hint)?;
        decoder.set_threads(reading.threads);
        decoder.set_verify(reading.verify);
        let stream = units.input.stream(units.stream).context("no stream")?;
        let frames = u64::try_from(stream.frames()).ok().filter(|&n| n > 0);
        let description = Description::of(decoder.info(), units.time_base, frames);
        let chroma_location = streams::stream_chroma_location(&stream.parameters());
        let seconds = streams::seconds(&stream);
        let extras = Extras { side_data: carried(&stream), chroma_location, seconds, ..Extras::default() };
        Ok(GirihSource {
            units,
            decoder,
            description,
            extras,
            times: VecDeque::new(),
            read: VecDeque::new(),
            ended: false,
            failed: None,
        })
    }
}

impl GirihSource {
    /// Hands the decoder the packets of the next unit, or says that none follows.
    fn feed(&mut self) -> Result<()> {
        let unit = match self.read.pop_front() {
            Some(unit) => Some(unit),
            None => self.units.next_unit()?,
        };
        match unit {
            Some(u) => {
                self.times.push_back(u.pts);
                for packet in unit::split(&u.data)? {
                    self.decoder.push(packet, u.pts)?;
                }
            }
            None => {
                self.decoder.finish();
                self.ended = true;
            }
        }
        Ok(())
    }
}

impl Source for GirihSource {
    fn description(&self) -> &Description {
        &self.description
    }

    fn extras(&self) -> Extras {
        Extras { shift: self.units.clock.shift(), ..self.extras.clone() }
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        Ok(self.next_as_decoded()?.map(AnyPicture::into_words))
    }

    fn next_as_decoded(&mut self) -> Result<Option<AnyPicture>> {
        loop {
            // Pictures may be decoded before their units come.
            if !self.times.is_empty()
                && let Some(picture) = self.decoder.next_as_decoded()
            {
                let pts = self.times.pop_front().unwrap_or_default();
                return Ok(Some(picture.at(pts)));
            }
            if let Some(e) = self.failed.take() {
                return Err(e);
            }
            if self.ended {
                return Ok(None);
            }
            // The pictures before an error come first.
            if let Err(e) = self.feed() {
                self.decoder.catch_up();
                self.failed = Some(e);
            }
        }
    }

    /// Decodes only from the last key frame before.
    fn skip(&mut self, n: u64) -> Result<u64> {
        let passed = media::to_last_key(&mut self.read, n, || self.units.next_unit())?;
        media::pass(self, n - passed).map(|m| passed + m)
    }
}

/// Opens a file of FFmpeg's that has Girih in it, if it is one.
pub fn open(path: &Path) -> Result<Input> {
    if path.to_str().is_none_or(|p| p.contains('\0')) {
        bail!("FFmpeg needs a file name in UTF-8");
    }
    Ok(format::input(path)?)
}

/// Writes packets of Girih into a container.
pub struct GirihSink {
    muxer: super::Muxer,
    packer: unit::Packer,
}

impl GirihSink {
    /// Writes the header; `header` is the sequence header.
    pub fn create(
        pending: Pending,
        header: &[u8],
        d: &Description,
        extras: &Extras,
        copier: Option<super::Copier>,
    ) -> Result<Self> {
        let output = super::muxer::open(&pending)?;
        let parameters = streams::girih_parameters(header, d.format, d.color, d.sample_aspect)
            .context("no memory for the header")?;
        let muxer = super::Muxer::create(pending, output, parameters, d, extras, copier)?;
        Ok(GirihSink { muxer, packer: unit::Packer::default() })
    }

    pub fn notes(&self) -> &[String] {
        &self.muxer.notes
    }

    /// Says that a picture of this time comes next in display order.
    pub fn expect(&mut self, pts: i64) {
        self.packer.expect(pts);
    }

    /// Writes a packet; packets come in decoding order.
    pub fn write(&mut self, packet: Packet) -> Result<()> {
        self.packer.push(packet);
        while let Some(unit) = self.packer.next_unit() {
            let mut p = av::Packet::copy(&unit.data);
            p.set_pts(Some(unit.pts));
            p.set_dts(Some(unit.pts));
            if unit.key {
                p.set_flags(av::packet::Flags::KEY);
            }
            self.muxer.write(p)?;
        }
        Ok(())
    }

    /// Completes the file; gives its size.
    pub fn finish(self) -> Result<u64> {
        self.muxer.finish()
    }
}
