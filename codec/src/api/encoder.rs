//! Pictures in, packets out.

use super::{Config, Error, Packet};
use crate::picture::Picture;

/// Encodes pictures given in display order; packets come out in decoding order.
///
/// Call [`push`](Encoder::push) for each picture, then [`finish`](Encoder::finish); after each call take
/// packets with [`next_packet`](Encoder::next_packet) until it returns `None`.
pub struct Encoder {
    config: Config,
}

impl Encoder {
    /// # Errors
    /// [`Error::Config`] or [`Error::Unsupported`] for settings out of range.
    pub fn new(config: Config) -> Result<Self, Error> {
        Ok(Encoder { config })
    }

    /// The sequence header, which a container stores once, before the packets.
    pub fn header(&self) -> Vec<u8> {
        let _ = &self.config;
        Vec::new()
    }

    /// Adds the next picture in display order. Its `pts` must grow from picture to picture.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if its format is not the configured one.
    pub fn push(&mut self, _picture: Picture) -> Result<(), Error> {
        Err(Error::Unsupported("not built yet"))
    }

    /// Says that no picture follows, so that the last packets can come out.
    pub fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// The next packet in decoding order, if one is ready.
    pub fn next_packet(&mut self) -> Option<Packet> {
        None
    }
}
