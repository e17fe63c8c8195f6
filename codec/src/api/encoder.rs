//! Pictures in, packets out.

use super::{Config, Error, Packet, SequenceInfo};
use crate::codebook::CodebookSet;
use crate::encode::{Pipeline, TOOLS};
use crate::picture::Picture;
use crate::stream::sequence;

/// Encodes pictures given in display order; packets come out in decoding order.
///
/// Call [`push`](Encoder::push) for each picture, then [`finish`](Encoder::finish); after each call take
/// packets with [`next_packet`](Encoder::next_packet) until it returns `None`. Unless `threads` is 1 a thread of its own
/// codes, so packets come some calls after their pictures.
///
/// ```
/// # fn main() -> Result<(), girih::Error> {
/// let format = girih::Format { width: 32, height: 16, chroma: girih::ChromaFormat::Yuv420, bit_depth: 8 };
/// let mut encoder = girih::Encoder::new(girih::Config::new(format))?;
/// encoder.push(girih::Picture::new(format))?;
/// encoder.finish()?;
/// assert!(encoder.next_packet().is_some_and(|p| p.key));
/// # Ok(())
/// # }
/// ```
pub struct Encoder {
    config: Config,
    header: Vec<u8>,
    frames: Pipeline,
    finished: bool,
}

impl Encoder {
    /// # Errors
    /// [`Error::Config`] or [`Error::Unsupported`] for settings out of range.
    pub fn new(config: Config) -> Result<Self, Error> {
        config.check()?;
        if config.control.without.iter().any(|t| !TOOLS.contains(&t.as_str())) {
            return Err(Error::Config("no tool of that name to switch off"));
        }
        let builtin = CodebookSet::builtin();
        let books = config.codebook.clone().unwrap_or_else(|| builtin.clone());
        let own = config.embed_codebook && books.hash() != builtin.hash();
        let packed = if own { books.to_bytes() } else { Vec::new() };
        let info = SequenceInfo {
            format: config.format,
            color: config.color,
            frame_rate: config.frame_rate,
            sample_aspect: config.sample_aspect,
            codebook: books.hash(),
            embedded: packed.len(),
        };
        let header = sequence::write(&info, &packed)?;
        Ok(Encoder { frames: Pipeline::new(&config, books), config, header, finished: false })
    }

    /// The sequence header, which a container stores once, before the packets.
    pub fn header(&self) -> Vec<u8> {
        self.header.clone()
    }

    /// Adds the next picture in display order. Its `pts` must grow from picture to picture. What fails in the coding thread
    /// is an error of a later call.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if its format is not the configured one or a sample is beyond it, [`Error::Config`] after
    /// [`finish`](Encoder::finish).
    pub fn push(&mut self, picture: Picture) -> Result<(), Error> {
        if self.finished {
            return Err(Error::Config("a picture after the end"));
        }
        if picture.format != self.config.format {
            return Err(Error::Unsupported("a picture of another format than configured"));
        }
        picture.validate()?;
        self.frames.push(&picture)
    }

    /// Passes over a picture that has been coded before, to go on with a key frame: after all pictures before a key frame
    /// of an earlier run have been skipped, the packets from there on are those of that run.
    ///
    /// # Errors
    /// Those of [`push`](Encoder::push), and [`Error::Config`] after a picture has been pushed.
    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        if picture.format != self.config.format {
            return Err(Error::Unsupported("a picture of another format than configured"));
        }
        picture.validate()?;
        self.frames.skip(picture)
    }

    /// Says that no picture follows, so that the last packets can come out.
    ///
    /// # Errors
    /// Those of [`push`](Encoder::push): pictures are coded in groups, the last of them here.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.finished = true;
        self.frames.finish()
    }

    /// The next packet in decoding order, if one is ready.
    pub fn next_packet(&mut self) -> Option<Packet> {
        self.frames.next_packet()
    }
}
