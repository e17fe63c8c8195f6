//! What the caller chooses.

use super::Error;
use crate::codebook::CodebookSet;
use crate::picture::Format;
use std::sync::Arc;

/// A fraction: frame rate, time base, sample aspect ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rational {
    /// Numerator.
    pub num: u32,
    /// Denominator; 0 is refused.
    pub den: u32,
}

/// Colour description by the code points of ITU-T H.273; 2 means unspecified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Colour primaries: 1 is BT.709, 9 BT.2020.
    pub primaries: u8,
    /// Transfer characteristics: 1 is BT.709, 13 sRGB, 16 PQ, 18 HLG.
    pub transfer: u8,
    /// Matrix coefficients: 0 means that the planes are G, B and R; 1 is BT.709, 5 and 6 BT.601, 9 BT.2020.
    pub matrix: u8,
    /// Luma and chroma use all values of their bit depth (0 to 255 of 8 bits), not the range of television (16 to 235,
    /// chroma 16 to 240).
    pub full_range: bool,
}

impl Default for Color {
    fn default() -> Self {
        Color { primaries: 2, transfer: 2, matrix: 2, full_range: false }
    }
}

impl Color {
    /// Luma's weights of red and blue (ITU-T H.273); those of BT.601 where the matrix does not tell.
    pub fn weights(self) -> (f32, f32) {
        match self.matrix {
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            7 => (0.212, 0.087),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        }
    }

    /// Luma's black, and how many steps of this bit depth luma and chroma have from end to end.
    pub fn ranges(self, bit_depth: u8) -> (f32, f32, f32) {
        let unit = f32::from(1u16 << (bit_depth - 8));
        let max = 256.0 * unit - 1.0;
        if self.full_range { (0.0, max, max) } else { (16.0 * unit, 219.0 * unit, 224.0 * unit) }
    }
}

/// Most threads of an encoder or decoder: more than there is work for, but not so many that they exhaust a machine.
pub const MAX_THREADS: usize = 256;

/// How much work the encoder spends, from real time to patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Preset {
    /// For real time: little search.
    Ultrafast,
    /// Some search.
    Fast,
    /// The default.
    Medium,
    /// What docs/tools.md measures with.
    Slow,
    /// Leaves nothing untried; gains next to nothing over [`Preset::Slow`].
    Veryslow,
}

impl std::str::FromStr for Preset {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        Ok(match s {
            "ultrafast" => Preset::Ultrafast,
            "fast" => Preset::Fast,
            "medium" => Preset::Medium,
            "slow" => Preset::Slow,
            "veryslow" => Preset::Veryslow,
            _ => return Err(Error::Config("preset is one of ultrafast, fast, medium, slow, veryslow")),
        })
    }
}

/// What the encoder optimises for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tune {
    /// Squared error, mildly redistributed from textured to flat areas.
    Eye,
    /// Squared error, and nothing else: for measurements.
    Psnr,
    /// Structural similarity: more bits for flat areas, fewer for textured ones.
    Ssim,
}

/// Development switches: each turns one coding tool off, so that its gain can be measured
/// (docs/tools.md). The bitstream says what it needs; the decoder asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Names of tools to switch off.
    pub without: Vec<String>,
}

/// How many bits the encoder may spend; by default as many as the quality takes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Mean bits per second to aim at; `Config::crf` is then only a guess to start from.
    pub bitrate: Option<u64>,
    /// Number of pictures, where it is known: it makes the aim sharper.
    pub frames: Option<u64>,
    /// What the pictures cost, as far as it is known: bits in an earlier pass times 2^(crf / 6), in display order.
    pub costs: Vec<f32>,
    /// Most bits per second over the time in which they fill the buffer of `buffer` bits.
    pub max_rate: Option<u64>,
    /// Size of that buffer in bits; more than 0 where `max_rate` is given.
    pub buffer: u64,
}

/// Encoder settings. `Config::new` gives the defaults for a picture format.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of all pictures that are to come.
    pub format: Format,
    /// Carried to the decoder, which does nothing with it.
    pub color: Color,
    /// Frames per second; used for information and by containers only.
    pub frame_rate: Rational,
    /// Sample aspect ratio; 1/1 for square, 0/1 for unknown.
    pub sample_aspect: Rational,
    /// Constant quality, 0 (best) to 63, fractions allowed; a step of 6 halves the quantiser precision, as in H.264.
    pub crf: f32,
    /// Bits that may be spent; by default as many as the quality takes.
    pub rates: Rates,
    /// Time against size.
    pub preset: Preset,
    /// What quality is.
    pub tune: Tune,
    /// Most frames from one key frame to the next, at least 1.
    pub keyint: u32,
    /// Worker threads, at most [`MAX_THREADS`]; 0 = one per core. The bits do not depend on it.
    pub threads: usize,
    /// Put a hash of every decoded frame into the stream (4 bytes a frame), not only of key frames and every
    /// 32nd frame after one.
    pub hashes: bool,
    /// The codebook to use; `None` is the built-in one.
    pub codebook: Option<Arc<CodebookSet>>,
    /// Put a codebook that is not the built-in one into the sequence header, so that every decoder has it.
    pub embed_codebook: bool,
    /// Let the codebook adapt to the film: each frame starts from the probabilities of codewords (and of all else) that a
    /// frame of its kind has left, not from the codebook's own.
    pub adapt: bool,
    /// Development switches; the default is right for everything but measurements.
    pub control: Control,
}

impl Config {
    /// The defaults: crf 30, preset medium, 25 frames per second, square samples, a key frame at least every 250 frames,
    /// one thread per core.
    pub fn new(format: Format) -> Self {
        Config {
            format,
            color: Color::default(),
            frame_rate: Rational { num: 25, den: 1 },
            sample_aspect: Rational { num: 1, den: 1 },
            crf: 30.0,
            rates: Rates::default(),
            preset: Preset::Medium,
            tune: Tune::Eye,
            keyint: 250,
            threads: 0,
            hashes: false,
            codebook: None,
            embed_codebook: true,
            adapt: true,
            control: Control::default(),
        }
    }
}

/// What the decoder may spend on a stream before it refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Luma samples per picture.
    pub max_pixels: u64,
    /// Bytes per packet.
    pub max_packet: usize,
    /// Bytes of all pictures that a decoder may hold at once: references, pictures out of order, work space.
    pub max_memory: u64,
}

/// Pictures that a decoder may hold at once.
const PICTURES: u64 = 28;
/// What a frame ahead takes, in pictures: its own, one that waits to come out, its coefficients, weighted references.
const PICTURES_AHEAD: u64 = 8;
/// Parsing, a quarter of the work, is done by one thread: more frames ahead would hardly make it faster.
const MOST_AHEAD: u64 = 10;

impl Default for Limits {
    fn default() -> Self {
        Limits { max_pixels: 1 << 26, max_packet: 1 << 28, max_memory: 1 << 32 }
    }
}

impl Limits {
    /// Checks a picture format.
    ///
    /// # Errors
    /// [`Error::Limit`] if pictures of this format are too many or too large.
    pub(crate) fn check(&self, f: &Format) -> Result<(), Error> {
        let pixels = f.width as u64 * f.height as u64;
        if pixels > self.max_pixels {
            return Err(Error::Limit("more pixels than the limit"));
        }
        self.check_memory(f, 0)
    }

    /// Checks the memory of pictures of a format and `more` bytes.
    ///
    /// # Errors
    /// [`Error::Limit`]
    pub(crate) fn check_memory(&self, f: &Format, more: u64) -> Result<(), Error> {
        if picture_memory(f).saturating_mul(PICTURES).saturating_add(more) > self.max_memory {
            return Err(Error::Limit("more memory than the limit"));
        }
        Ok(())
    }

    /// How many frames a decoder may be ahead of the pictures that come out.
    pub(crate) fn frames_ahead(&self, f: &Format) -> usize {
        let picture = picture_memory(f).max(1);
        let left = self.max_memory.saturating_sub(picture.saturating_mul(PICTURES));
        (left / picture.saturating_mul(PICTURES_AHEAD)).min(MOST_AHEAD) as usize
    }
}

/// Bytes of a picture, at most.
fn picture_memory(f: &Format) -> u64 {
    let (border, planes) = (2 * 80, f.chroma.planes() as u64);
    2 * planes * (f.width as u64 + border) * (f.height as u64 + border)
}

impl Config {
    /// # Errors
    /// [`Error::Config`] or [`Error::Unsupported`] for settings out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.format.check(&Limits { max_pixels: u64::MAX, max_memory: u64::MAX, ..Limits::default() })?;
        if !(0.0..=63.0).contains(&self.crf) {
            return Err(Error::Config("crf lies in 0..=63"));
        }
        if self.rates.bitrate == Some(0) || self.rates.max_rate == Some(0) {
            return Err(Error::Config("a rate is positive"));
        }
        if self.rates.max_rate.is_some() && self.rates.buffer == 0 {
            return Err(Error::Config("a largest rate needs a buffer"));
        }
        if self.frame_rate.num == 0 || self.frame_rate.den == 0 {
            return Err(Error::Config("the frame rate is a positive fraction"));
        }
        if self.sample_aspect.den == 0 {
            return Err(Error::Config("the sample aspect ratio has a denominator"));
        }
        if self.keyint == 0 {
            return Err(Error::Config("keyint is at least 1"));
        }
        Ok(())
    }
}
