//! Packets in, pictures out.

use super::{Color, Error, Limits, Rational};
use crate::picture::{Format, Picture};

/// What the sequence header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceInfo {
    pub format: Format,
    pub color: Color,
    pub frame_rate: Rational,
    pub sample_aspect: Rational,
}

/// Decodes packets given in decoding order; pictures come out in display order.
pub struct Decoder {
    info: SequenceInfo,
}

impl Decoder {
    /// Reads a sequence header.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for anything that is not one, [`Error::Unsupported`] for a later version,
    /// [`Error::Limit`] if the pictures are larger than `limits` allows.
    pub fn new(_header: &[u8], _limits: Limits) -> Result<Self, Error> {
        Err(Error::Unsupported("not built yet"))
    }

    pub fn info(&self) -> &SequenceInfo {
        &self.info
    }

    /// Worker threads; 0 = one per core. The pictures do not depend on it.
    pub fn set_threads(&mut self, _threads: usize) {}

    /// Compare each frame with the hash in the stream, where there is one.
    pub fn set_verify(&mut self, _verify: bool) {}

    /// Decodes one packet. After an error the decoder goes on with the next packet: pictures that
    /// refer to lost ones are concealed from what is there.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Limit`], or [`Error::HashMismatch`] when verifying.
    pub fn push(&mut self, _packet: &[u8], _pts: i64) -> Result<(), Error> {
        Err(Error::Unsupported("not built yet"))
    }

    /// Says that no packet follows, so that the last pictures can come out.
    pub fn finish(&mut self) {}

    /// The next picture in display order, if one is ready.
    pub fn next_picture(&mut self) -> Option<Picture> {
        None
    }

    /// Forgets everything but the sequence header: the next packet must be a key frame (seeking).
    pub fn reset(&mut self) {}
}
