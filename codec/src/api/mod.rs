//! The public interface: configuration in, packets out; packets in, pictures out.

mod config;
mod decoder;
#[cfg(feature = "encode")]
mod encoder;
mod error;

pub use config::{Color, Config, Control, Limits, MAX_THREADS, Preset, Rates, Rational, Tune};
pub(crate) use decoder::choose_codebook;
pub use decoder::{Decoder, SequenceInfo};
#[cfg(feature = "encode")]
pub use encoder::Encoder;
pub use error::Error;

/// One coded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The coded frame, at least one byte: what [`Decoder::push`] takes.
    pub data: Vec<u8>,
    /// Presentation time of the picture, in units of the time base, as the caller gave it.
    pub pts: i64,
    /// Decoding starts here without anything before it.
    pub key: bool,
}
