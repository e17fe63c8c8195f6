//! Packets in, pictures out.

use super::{Color, Error, Limits, Rational};
use crate::codebook::{CodebookSet, SET_MEMORY};
use crate::decode::{self, Pictures};
use crate::picture::{AnyPicture, Format, Picture};
use crate::stream::sequence;
use std::sync::Arc;

/// What the sequence header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceInfo {
    /// Of all pictures.
    pub format: Format,
    /// What the samples mean, as the encoder was told.
    pub color: Color,
    /// Frames per second, for information: the time of a picture is its `pts`.
    pub frame_rate: Rational,
    /// Width of a sample over its height; 0/1 for unknown.
    pub sample_aspect: Rational,
    /// Hash of the codebook set.
    pub codebook: u32,
    /// Bytes of the codebook file in the sequence header; 0 if it is not there.
    pub embedded: usize,
}

/// Decodes packets given in decoding order; pictures come out in display order.
///
/// ```
/// # fn main() -> Result<(), girih::Error> {
/// # let format = girih::Format { width: 32, height: 16, chroma: girih::ChromaFormat::Yuv420, bit_depth: 8 };
/// # let mut encoder = girih::Encoder::new(girih::Config::new(format))?;
/// # encoder.push(girih::Picture::new(format))?;
/// # encoder.finish()?;
/// let mut decoder = girih::Decoder::new(&encoder.header(), girih::Limits::default())?;
/// while let Some(packet) = encoder.next_packet() {
///     decoder.push(&packet.data, packet.pts)?;
/// }
/// decoder.finish();
/// assert_eq!(decoder.next_picture().map(|p| p.format), Some(format));
/// # Ok(())
/// # }
/// ```
pub struct Decoder {
    info: SequenceInfo,
    limits: Limits,
    pictures: Box<dyn Pictures>,
}

impl Decoder {
    /// Reads a sequence header.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for anything that is not one, [`Error::Unsupported`] for a later version,
    /// [`Error::Limit`] if the pictures are larger than `limits` allows.
    pub fn new(header: &[u8], limits: Limits) -> Result<Self, Error> {
        Decoder::with_codebook(header, limits, None)
    }

    /// The same with a codebook, for streams that name one without carrying it.
    ///
    /// # Errors
    /// As [`Decoder::new`], and [`Error::Codebook`] if the stream needs another one.
    pub fn with_codebook(
        header: &[u8],
        limits: Limits,
        given: Option<Arc<CodebookSet>>,
    ) -> Result<Self, Error> {
        let (info, packed) = sequence::read(header, &limits)?;
        let books = choose_codebook(&info, packed, &limits, given)?;
        let pictures = decode::decoder(info.format, books, limits.frames_ahead(&info.format));
        Ok(Decoder { info, limits, pictures })
    }

    /// What the sequence header says.
    pub fn info(&self) -> &SequenceInfo {
        &self.info
    }

    /// Threads, the caller's among them; 0 = one per core. The pictures do not depend on it, but with several threads they
    /// come out some packets later (ten at most): frames that do not refer to each other are decoded at once.
    pub fn set_threads(&mut self, threads: usize) {
        self.pictures.set_threads(threads);
    }

    /// Compare each frame with the hash in the stream, where there is one. Frames are then decoded one by one.
    pub fn set_verify(&mut self, verify: bool) {
        self.pictures.set_verify(verify);
    }

    /// Decodes one packet. After an error the decoder goes on with the next packet; frames that refer to a lost
    /// one are errors too, up to the next key frame.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Limit`], or [`Error::HashMismatch`] when verifying.
    pub fn push(&mut self, packet: &[u8], pts: i64) -> Result<(), Error> {
        if packet.len() > self.limits.max_packet {
            return Err(Error::Limit("packet size"));
        }
        self.pictures.push(packet, pts)
    }

    /// Says that no packet follows, so that the last pictures can come out.
    pub fn finish(&mut self) {
        self.pictures.finish();
    }

    /// Lets the pictures whose turn has come come out without further packets: before a pause, or after an error.
    pub fn catch_up(&mut self) {
        self.pictures.catch_up();
    }

    /// The next picture in display order, if one is ready, in 16-bit numbers whatever its depth.
    pub fn next_picture(&mut self) -> Option<Picture> {
        self.next_as_decoded().map(AnyPicture::into_words)
    }

    /// The same in the samples that it was decoded with, which spares a copy.
    pub fn next_as_decoded(&mut self) -> Option<AnyPicture> {
        self.pictures.next()
    }

    /// Forgets everything but the sequence header: the next packet must be a key frame (seeking).
    pub fn reset(&mut self) {
        self.pictures.reset();
    }
}

/// The set that a stream names: given, built in or in the sequence header.
pub(crate) fn choose_codebook(
    info: &SequenceInfo,
    packed: &[u8],
    limits: &Limits,
    given: Option<Arc<CodebookSet>>,
) -> Result<Arc<CodebookSet>, Error> {
    let (needed, builtin) = (info.codebook, CodebookSet::builtin());
    if let Some(set) = given.iter().chain([&builtin]).find(|s| s.hash() == needed) {
        return Ok(set.clone());
    }
    if packed.is_empty() {
        let given = given.map(|s| s.hash());
        return Err(Error::Codebook { needed, given, builtin: builtin.hash() });
    }
    limits.check_memory(&info.format, SET_MEMORY)?;
    let set = CodebookSet::from_bytes(packed)?;
    if set.hash() == needed { Ok(Arc::new(set)) } else { Err(Error::Corrupt("another codebook than named")) }
}
