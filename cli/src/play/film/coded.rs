//! Films in Girih, decoded from their packets.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

use anyhow::{Context, Error, Result, bail};
use ffmpeg_next::format::context::Input;
use girih::inspect::Inspector;
use girih::{CodebookSet, Decoder, Limits, Picture};

use super::packets::{Bundle, Packets};
use super::{Coding, Film, Shot};
use crate::codebook::with_hint;
use crate::media::Description;
use crate::media::ffmpeg::Units;

pub struct Coded {
    packets: Packets,
    /// The sequence header.
    header: Vec<u8>,
    codebook: Option<Arc<CodebookSet>>,
    decoder: Decoder,
    /// Parses beside the decoder when how pictures are coded is to be told.
    inspector: Option<Inspector>,
    detail: bool,
    description: Description,
    /// Times of pictures that are still to come, for units.
    times: VecDeque<i64>,
    /// What is known of packets by their number; the decoder takes the number for the time.
    known: HashMap<i64, (i64, Option<Arc<Coding>>)>,
    number: i64,
    ended: bool,
    failed: Option<Error>,
}

impl Coded {
    pub fn native(file: BufReader<File>, codebook: Option<Arc<CodebookSet>>) -> Result<Self> {
        let (packets, frames) = Packets::native(file)?;
        let Packets::Native { reader, .. } = &packets else { bail!("no packets") };
        let (header, base) = (reader.header().sequence.clone(), reader.header().time_base);
        Coded::new(packets, header, codebook, base, frames)
    }

    pub fn contained(input: Input, codebook: Option<Arc<CodebookSet>>) -> Result<Self> {
        // Matroska does not tell how many frames there are; microseconds it does.
        let length = input.duration() as f64 / 1e6;
        let units = Units::open(input, true)?;
        let (header, base) = (units.header.clone(), units.time_base);
        let mut film = Coded::new(Packets::Units { units, first: None }, header, codebook, base, None)?;
        let frames = (length * film.description.fps()).round();
        film.description.frames = (frames >= 1.0).then_some(frames as u64);
        Ok(film)
    }

    fn new(
        packets: Packets,
        header: Vec<u8>,
        codebook: Option<Arc<CodebookSet>>,
        time_base: girih::Rational,
        frames: Option<u64>,
    ) -> Result<Self> {
        let decoder =
            Decoder::with_codebook(&header, Limits::default(), codebook.clone()).map_err(with_hint)?;
        let description = Description::of(decoder.info(), time_base, frames);
        Ok(Coded {
            packets,
            header,
            codebook,
            decoder,
            inspector: None,
            detail: false,
            description,
            times: VecDeque::new(),
            known: HashMap::new(),
            number: 0,
            ended: false,
            failed: None,
        })
    }

    /// Hands the decoder the next packets, or says that none follow.
    fn feed(&mut self) -> Result<()> {
        match self.packets.next_bundle()? {
            Some(bundle) => self.decode(&bundle),
            None => {
                self.decoder.finish();
                self.ended = true;
                Ok(())
            }
        }
    }

    fn decode(&mut self, bundle: &Bundle) -> Result<()> {
        if matches!(self.packets, Packets::Units { .. }) {
            self.times.push_back(bundle.pts);
        }
        for packet in &bundle.packets {
            let (decoder, number) = (&mut self.decoder, self.number);
            let coding = match &mut self.inspector {
                Some(inspector) => {
                    // Parsing for the eye goes on beside decoding.
                    let (decoded, seen) =
                        rayon::join(|| decoder.push(packet, number), || inspector.frame_with_blocks(packet));
                    decoded?;
                    let (report, blocks) = seen?;
                    Some(Arc::new(Coding { report, blocks }))
                }
                None => {
                    decoder.push(packet, number)?;
                    None
                }
            };
            self.known.insert(number, (bundle.pts, coding));
            self.number += 1;
        }
        Ok(())
    }

    /// A decoded picture, if one is ready whose time is known.
    fn ready(&mut self) -> Result<Option<Shot>> {
        let units = matches!(self.packets, Packets::Units { .. });
        if units && self.times.is_empty() {
            return Ok(None);
        }
        let Some(picture) = self.decoder.next_picture() else { return Ok(None) };
        let (own, coding) = self.known.remove(&picture.pts).context("a picture without a packet")?;
        let pts = if units { self.times.pop_front().unwrap_or(own) } else { own };
        Ok(Some(Shot { picture: Picture { pts, ..picture }, coding }))
    }
}

impl Film for Coded {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next_shot(&mut self) -> Result<Option<Shot>> {
        loop {
            if let Some(shot) = self.ready()? {
                return Ok(Some(shot));
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

    fn rewind(&mut self, pts: i64) -> Result<()> {
        self.packets.rewind(pts)?;
        self.decoder.reset();
        self.failed = None;
        self.inspector = match self.detail {
            true => Some(Inspector::new(&self.header, Limits::default(), self.codebook.clone())?),
            false => None,
        };
        self.times.clear();
        self.known.clear();
        self.ended = false;
        Ok(())
    }

    fn key_before(&self, pts: i64) -> Option<i64> {
        self.packets.key_before(pts)
    }

    fn set_detail(&mut self, on: bool) {
        self.detail = on;
    }
}
