//! Packets in, pictures out.

use super::{Color, Error, Limits, Rational};
use crate::codebook::{CodebookSet, SET_MEMORY};
use crate::decode::{FrameDecoder, Settings};
use crate::picture::{AnyPicture, Format, Picture, Sample};
use crate::predict::inter::SMALL_PAD;
use crate::reconstruct::Dpb;
use crate::stream::frame::FrameHeader;
use crate::stream::sequence;
use crate::workers::Workers;
use std::collections::VecDeque;
use std::sync::Arc;

/// Pictures that may wait for one that comes before them in display order.
const MAX_REORDER: usize = 8;

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
    books: Arc<CodebookSet>,
    frames: Frames,
    /// Decoded pictures by display order, until it is their turn.
    waiting: Vec<(i32, AnyPicture)>,
    next_order: i32,
    ready: VecDeque<AnyPicture>,
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
        let frames = Frames::new(&info, &books);
        let (waiting, ready) = (Vec::new(), VecDeque::new());
        Ok(Decoder { info, limits, books, frames, waiting, next_order: 0, ready })
    }

    /// What the sequence header says.
    pub fn info(&self) -> &SequenceInfo {
        &self.info
    }

    /// Worker threads; 0 = one per core. The pictures do not depend on it.
    pub fn set_threads(&mut self, threads: usize) {
        self.frames.settings().workers = Workers::new(threads);
    }

    /// Compare each frame with the hash in the stream, where there is one.
    pub fn set_verify(&mut self, verify: bool) {
        self.frames.settings().verify = verify;
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
        let (header, picture) = match &mut self.frames {
            Frames::Narrow(f) => decode(f, packet, pts)?,
            Frames::Wide(f) => decode(f, packet, pts)?,
        };
        if header.key {
            self.finish();
            self.next_order = 0;
        }
        let order = header.order;
        match self.waiting.binary_search_by_key(&order, |w| w.0) {
            Ok(i) => self.waiting[i].1 = picture,
            Err(i) => self.waiting.insert(i, (order, picture)),
        }
        while let Some(&(order, _)) = self.waiting.first() {
            if order > self.next_order && self.waiting.len() <= MAX_REORDER {
                break;
            }
            self.next_order = order + 1;
            self.ready.push_back(self.waiting.remove(0).1);
        }
        Ok(())
    }

    /// Says that no packet follows, so that the last pictures can come out.
    pub fn finish(&mut self) {
        self.ready.extend(self.waiting.drain(..).map(|(_, p)| p));
    }

    /// The next picture in display order, if one is ready, in 16-bit numbers whatever its depth.
    pub fn next_picture(&mut self) -> Option<Picture> {
        self.next_as_decoded().map(AnyPicture::into_words)
    }

    /// The same in the samples that it was decoded with, which spares a copy.
    pub fn next_as_decoded(&mut self) -> Option<AnyPicture> {
        self.ready.pop_front()
    }

    /// Forgets everything but the sequence header: the next packet must be a key frame (seeking).
    pub fn reset(&mut self) {
        let settings = std::mem::take(self.frames.settings());
        self.frames = Frames::new(&self.info, &self.books);
        *self.frames.settings() = settings;
        self.waiting.clear();
        self.ready.clear();
        self.next_order = 0;
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

/// What holds samples of 8 bits. One kind of samples for all is less code, which counts where it is downloaded.
#[cfg(not(target_arch = "wasm32"))]
type Narrow = u8;
#[cfg(target_arch = "wasm32")]
type Narrow = u16;

/// A decoder of frames for the stream's bit depth.
enum Frames {
    Narrow(FrameDecoder<Narrow>),
    Wide(FrameDecoder<u16>),
}

impl Frames {
    fn new(info: &SequenceInfo, books: &Arc<CodebookSet>) -> Self {
        fn of<T: Sample>(info: &SequenceInfo, books: &Arc<CodebookSet>) -> FrameDecoder<T> {
            FrameDecoder::new(Dpb::new(info.format, books.clone()).with_pad(SMALL_PAD))
        }
        if info.format.bit_depth == 8 {
            Frames::Narrow(of(info, books))
        } else {
            Frames::Wide(of(info, books))
        }
    }

    fn settings(&mut self) -> &mut Settings {
        match self {
            Frames::Narrow(f) => &mut f.settings,
            Frames::Wide(f) => &mut f.settings,
        }
    }
}

/// Decodes a frame, of which the visible part is returned.
fn decode<T: Sample>(
    frames: &mut FrameDecoder<T>,
    packet: &[u8],
    pts: i64,
) -> Result<(FrameHeader, AnyPicture), Error>
where
    AnyPicture: From<Picture<T>>,
{
    let decoded = frames.decode(packet)?;
    let picture = Picture { pts, ..decoded.picture.visible() };
    frames.release(decoded.picture);
    Ok((decoded.header, picture.into()))
}
