//! `.girih` files as a source of pictures.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};

use anyhow::{Error, Result};
use girih::stream::container;
use girih::{AnyPicture, Decoder, Limits, Packet, Picture};

use crate::codebook::with_hint;

use super::{Description, Reading, Source};

/// Decodes a `.girih` file.
pub struct Native<R: Read> {
    reader: container::Reader<R>,
    decoder: Decoder,
    /// Packets read already.
    packets: VecDeque<Packet>,
    description: Description,
    ended: bool,
    failed: Option<Error>,
}

impl Native<BufReader<File>> {
    /// Opens a file, whose index tells the number of frames.
    pub fn open_file(file: BufReader<File>, reading: Reading) -> Result<Self> {
        let mut native = Native::new(file, reading)?;
        native.description.frames = native.reader.index().ok().map(|i| i.packets);
        Ok(native)
    }
}

impl<R: Read> Native<R> {
    pub fn new(stream: R, reading: Reading) -> Result<Self> {
        let limits = Limits::default();
        let reader = container::Reader::new(stream, limits)?;
        let header = reader.header();
        let mut decoder =
            Decoder::with_codebook(&header.sequence, limits, reading.codebook).map_err(with_hint)?;
        decoder.set_threads(reading.threads);
        decoder.set_verify(reading.verify);
        let description = Description::of(decoder.info(), header.time_base, None);
        Ok(Native { reader, decoder, packets: VecDeque::new(), description, ended: false, failed: None })
    }

    /// Hands the decoder the next packet, or says that none follows.
    fn feed(&mut self) -> Result<()> {
        let packet = match self.packets.pop_front() {
            Some(packet) => Some(packet),
            None => self.reader.next_packet()?,
        };
        match packet {
            Some(packet) => self.decoder.push(&packet.data, packet.pts)?,
            None => {
                self.decoder.finish();
                self.ended = true;
            }
        }
        Ok(())
    }
}

impl<R: Read> Source for Native<R> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        Ok(self.next_as_decoded()?.map(AnyPicture::into_words))
    }

    fn next_as_decoded(&mut self) -> Result<Option<AnyPicture>> {
        loop {
            if let Some(picture) = self.decoder.next_as_decoded() {
                return Ok(Some(picture));
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
        let passed = super::to_last_key(&mut self.packets, n, || Ok(self.reader.next_packet()?))?;
        super::pass(self, n - passed).map(|m| passed + m)
    }
}
