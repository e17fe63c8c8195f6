//! FFmpeg: any video in, other codecs' videos out.

mod clock;
mod copier;
mod decoder;
mod encoder;
#[allow(unsafe_code)]
mod ffi;
mod frame;
mod frames;
mod girih;
mod muxer;
mod pixel;
mod sink;
mod source;
#[allow(unsafe_code)]
mod streams;
mod turn;

pub use copier::Copier;
pub use decoder::PacketDecoder;
pub use encoder::{EncoderSettings, PacketEncoder, has_encoder};
pub use girih::{GirihSink, GirihSource, Units, find as find_girih, open as open_file};
pub use muxer::Muxer;
pub use sink::FfmpegSink;
pub use source::FfmpegSource;
pub use streams::SideData;

use ffmpeg_next as av;

/// Prepares FFmpeg, and keeps its own messages off the terminal: errors are reported by their codes. To be
/// called before there is a second thread.
///
/// # Errors
/// FFmpeg's, if it cannot start.
pub fn init() -> Result<(), av::Error> {
    ffi::quiet_svt();
    av::init()?;
    av::log::set_level(av::log::Level::Quiet);
    Ok(())
}

/// True for "nothing to give before more is put in".
fn wants_more(e: av::Error) -> bool {
    e == av::Error::Other { errno: av::error::EAGAIN }
}

/// FFmpeg's fraction for ours.
fn rational(r: ::girih::Rational) -> av::Rational {
    let fits = |v: u32| i32::try_from(v).unwrap_or(i32::MAX);
    av::Rational::new(fits(r.num), fits(r.den))
}

/// Our fraction for FFmpeg's, if it is a positive one.
fn positive(r: av::Rational) -> Option<::girih::Rational> {
    let r = r.reduce();
    match (u32::try_from(r.numerator()), u32::try_from(r.denominator())) {
        (Ok(num), Ok(den)) if num > 0 && den > 0 => Some(::girih::Rational { num, den }),
        _ => None,
    }
}
