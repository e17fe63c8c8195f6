//! Formats, settings and limits, as plain structures.

use girih::{ChromaFormat, Color, Config, Format, Limits, Preset, Rational, SequenceInfo, Tune};

use crate::guard::{get, guard, put};
use crate::status::{Fault, GirihStatus};

/// How chroma is sampled against luma.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(non_camel_case_types, reason = "the names of C")]
pub enum GirihChroma {
    /// 4:0:0, luma only.
    GIRIH_CHROMA_400 = 0,
    /// 4:2:0, half as wide and half as high as luma, rounded up.
    GIRIH_CHROMA_420 = 1,
    /// 4:4:4, as large as luma.
    GIRIH_CHROMA_444 = 2,
}

/// Time against size.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(non_camel_case_types, reason = "the names of C")]
pub enum GirihPreset {
    GIRIH_PRESET_ULTRAFAST = 0,
    GIRIH_PRESET_FAST = 1,
    GIRIH_PRESET_MEDIUM = 2,
    GIRIH_PRESET_SLOW = 3,
    GIRIH_PRESET_VERYSLOW = 4,
}

/// What the encoder takes for quality.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(non_camel_case_types, reason = "the names of C")]
pub enum GirihTune {
    /// Squared error, mildly redistributed from textured to flat areas.
    GIRIH_TUNE_EYE = 0,
    GIRIH_TUNE_PSNR = 1,
    GIRIH_TUNE_SSIM = 2,
}

/// What all frames of a stream have in common.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct GirihFormat {
    /// Of luma, in samples, 1 to 65536.
    pub width: u32,
    /// Of luma, in samples, 1 to 65536.
    pub height: u32,
    /// One of GirihChroma.
    pub chroma: u32,
    /// Bits per sample: 8 or 10.
    pub bit_depth: u32,
    /// Frames per second: numerator, for information.
    pub frame_rate_num: u32,
    /// Its denominator.
    pub frame_rate_den: u32,
    /// Width of a sample over its height: numerator; 0 for unknown.
    pub sample_aspect_num: u32,
    /// Its denominator.
    pub sample_aspect_den: u32,
    /// Colour primaries by the code points of ITU-T H.273; 2 for unknown.
    pub primaries: u8,
    /// Transfer characteristics, likewise.
    pub transfer: u8,
    /// Matrix coefficients, likewise.
    pub matrix: u8,
    /// 1 if samples use all values of their depth, 0 if the range of television.
    pub full_range: u8,
}

/// Settings of an encoder. girih_config_init() gives the defaults.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct GirihConfig {
    /// Of the frames that are to come.
    pub format: GirihFormat,
    /// Constant quality, 0 (best) to 63; default 30.
    pub crf: f32,
    /// One of GirihPreset; default medium.
    pub preset: u32,
    /// One of GirihTune; default eye.
    pub tune: u32,
    /// Most frames from one key frame to the next; default 250.
    pub keyint: u32,
    /// Worker threads; 0, the default, is one per core. The bytes do not depend on it.
    pub threads: u32,
    /// 1: a hash of every frame in the stream, not only of some.
    pub hashes: u32,
    /// 1: packets are units for Matroska and other containers than .girih (FourCC "GRIH"): each holds what has to be
    /// decoded to show the next frame, and they come in the order of presentation, one for each frame.
    pub units: u32,
    /// Mean bits per second to aim at; 0, the default: as crf says.
    pub bitrate: u64,
    /// Most bits per second over the time in which they fill the buffer; 0, the default: no such limit.
    pub max_rate: u64,
    /// Size of that buffer in bits.
    pub buffer: u64,
}

/// What a decoder may spend on a stream before it refuses it.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct GirihLimits {
    /// Luma samples of a picture.
    pub max_pixels: u64,
    /// Bytes of a packet.
    pub max_packet: u64,
    /// Bytes of all pictures that a decoder holds at once.
    pub max_memory: u64,
}

/// Fills in the default settings for frames of this size. `chroma` is one of GirihChroma, `bit_depth` 8 or 10.
///
/// # Safety
/// `config` is NULL or a place for the settings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_config_init(
    config: *mut GirihConfig,
    width: u32,
    height: u32,
    chroma: u32,
    bit_depth: u32,
) -> GirihStatus {
    guard(|| {
        let bit_depth = u8::try_from(bit_depth).map_err(|_| Fault::argument("bit_depth is 8 or 10"))?;
        let format = Format {
            width: width as usize,
            height: height as usize,
            chroma: chroma_from(chroma)?,
            bit_depth,
        };
        let c = Config::new(format);
        c.check()?;
        let of_all = format_to(c.format, c.color, c.frame_rate, c.sample_aspect);
        let value = GirihConfig {
            format: of_all,
            crf: c.crf,
            preset: GirihPreset::GIRIH_PRESET_MEDIUM as u32,
            tune: GirihTune::GIRIH_TUNE_EYE as u32,
            keyint: c.keyint,
            ..GirihConfig::default()
        };
        // SAFETY: by the condition of this function.
        unsafe { put(config, value)? };
        Ok(GirihStatus::GIRIH_OK)
    })
}

/// Fills in the default limits: pictures of 64 million samples, 4 GiB of memory.
///
/// # Safety
/// `limits` is NULL or a place for the limits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_limits_init(limits: *mut GirihLimits) -> GirihStatus {
    guard(|| {
        let l = Limits::default();
        let value = GirihLimits {
            max_pixels: l.max_pixels,
            max_packet: l.max_packet as u64,
            max_memory: l.max_memory,
        };
        // SAFETY: by the condition of this function.
        unsafe { put(limits, value)? };
        Ok(GirihStatus::GIRIH_OK)
    })
}

/// The limits of C, or the default ones for NULL.
///
/// # Safety
/// `limits` is NULL or points to limits.
pub(crate) unsafe fn limits_from(limits: *const GirihLimits) -> Limits {
    // SAFETY: by the condition of this function.
    match unsafe { get(limits) } {
        Ok(l) => Limits {
            max_pixels: l.max_pixels,
            max_packet: usize::try_from(l.max_packet).unwrap_or(usize::MAX),
            max_memory: l.max_memory,
        },
        Err(_) => Limits::default(),
    }
}

/// No machine gains from more.
const MOST_THREADS: u32 = 256;

pub(crate) fn threads_from(threads: u32) -> usize {
    threads.min(MOST_THREADS) as usize
}

fn chroma_from(chroma: u32) -> Result<ChromaFormat, Fault> {
    const ALL: [ChromaFormat; 3] = [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444];
    ALL.get(chroma as usize).copied().ok_or_else(|| Fault::argument("chroma is one of GirihChroma"))
}

fn format_to(f: Format, color: Color, rate: Rational, aspect: Rational) -> GirihFormat {
    GirihFormat {
        // A side has no more than 65536 samples.
        width: f.width as u32,
        height: f.height as u32,
        chroma: match f.chroma {
            ChromaFormat::Mono => GirihChroma::GIRIH_CHROMA_400 as u32,
            ChromaFormat::Yuv420 => GirihChroma::GIRIH_CHROMA_420 as u32,
            ChromaFormat::Yuv444 => GirihChroma::GIRIH_CHROMA_444 as u32,
        },
        bit_depth: f.bit_depth.into(),
        frame_rate_num: rate.num,
        frame_rate_den: rate.den,
        sample_aspect_num: aspect.num,
        sample_aspect_den: aspect.den,
        primaries: color.primaries,
        transfer: color.transfer,
        matrix: color.matrix,
        full_range: color.full_range.into(),
    }
}

impl From<&SequenceInfo> for GirihFormat {
    fn from(i: &SequenceInfo) -> Self {
        format_to(i.format, i.color, i.frame_rate, i.sample_aspect)
    }
}

impl GirihConfig {
    /// The settings in Rust; [`girih::Encoder::new`] checks their ranges.
    pub(crate) fn to_config(self) -> Result<Config, Fault> {
        const PRESETS: [Preset; 5] =
            [Preset::Ultrafast, Preset::Fast, Preset::Medium, Preset::Slow, Preset::Veryslow];
        const TUNES: [Tune; 3] = [Tune::Eye, Tune::Psnr, Tune::Ssim];
        let f = &self.format;
        let format = Format {
            width: f.width as usize,
            height: f.height as usize,
            chroma: chroma_from(f.chroma)?,
            bit_depth: u8::try_from(f.bit_depth).map_err(|_| Fault::argument("bit_depth is 8 or 10"))?,
        };
        let preset = PRESETS.get(self.preset as usize);
        let tune = TUNES.get(self.tune as usize);
        let some = |n: u64| (n > 0).then_some(n);
        let mut c = Config::new(format);
        c.color = Color {
            primaries: f.primaries,
            transfer: f.transfer,
            matrix: f.matrix,
            full_range: f.full_range != 0,
        };
        c.frame_rate = Rational { num: f.frame_rate_num, den: f.frame_rate_den };
        c.sample_aspect = Rational { num: f.sample_aspect_num, den: f.sample_aspect_den };
        c.crf = self.crf;
        c.preset = *preset.ok_or_else(|| Fault::argument("preset is one of GirihPreset"))?;
        c.tune = *tune.ok_or_else(|| Fault::argument("tune is one of GirihTune"))?;
        c.keyint = self.keyint;
        c.threads = threads_from(self.threads);
        c.hashes = self.hashes != 0;
        (c.rates.bitrate, c.rates.max_rate, c.rates.buffer) =
            (some(self.bitrate), some(self.max_rate), self.buffer);
        Ok(c)
    }
}
