//! Girih: a video and image codec built on trained vector quantisation.
//!
//! A frame is divided into superblocks of 64x64 luma samples and these, recursively, into blocks. Each block is
//! predicted, from its neighbours or by motion from other frames; the residual is transformed, and its coefficients
//! are coded as indices into trained codebooks by an adaptive range coder. The decoded frame passes a deblocking
//! filter, a dering filter and an adaptive Wiener filter before others are predicted from it.
//!
//! [`Encoder`] takes pictures and gives packets, [`Decoder`] takes packets and gives pictures;
//! [`stream::container`] stores packets. The library knows no files beyond `Read` and `Write`, has no `unsafe`, and
//! decodes any bytes whatever within [`Limits`]. Decoding is integer-exact: a stream
//! gives the same pictures on every machine.
//!
//! # Frames to packets, packets to frames
//!
//! ```
//! use girih::{ChromaFormat, Config, Decoder, Encoder, Format, Limits, Picture, Preset};
//!
//! # fn main() -> Result<(), girih::Error> {
//! let format = Format { width: 64, height: 48, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
//! let mut config = Config::new(format);
//! (config.crf, config.preset) = (24.0, Preset::Fast);
//! let mut encoder = Encoder::new(config)?;
//! let mut packets = Vec::new();
//! for n in 0..10 {
//!     let mut picture = Picture::new(format);
//!     picture.pts = n;
//!     for y in 0..48 {
//!         picture.planes[0].row_mut(y).fill(40 + 2 * y as u16 + n as u16);
//!     }
//!     picture.planes[1..].iter_mut().for_each(|p| p.data_mut().fill(128));
//!     encoder.push(picture)?;
//!     packets.extend(std::iter::from_fn(|| encoder.next_packet()));
//! }
//! encoder.finish()?;
//! packets.extend(std::iter::from_fn(|| encoder.next_packet()));
//! // Packets come in decoding order.
//! assert!(packets.len() == 10 && packets[0].key);
//!
//! let mut decoder = Decoder::new(&encoder.header(), Limits::default())?;
//! let mut times = Vec::new();
//! for packet in &packets {
//!     decoder.push(&packet.data, packet.pts)?;
//!     times.extend(std::iter::from_fn(|| decoder.next_picture()).map(|p| p.pts));
//! }
//! decoder.finish();
//! times.extend(std::iter::from_fn(|| decoder.next_picture()).map(|p| p.pts));
//! // Pictures come in display order.
//! assert!(times.into_iter().eq(0..10));
//! # Ok(())
//! # }
//! ```
//!
//! [`stream::container`] shows how to store packets in a file, [`still`] how to turn one picture into bytes, and RGB
//! into pictures. With the feature `image`, `still::register` lets the `image` crate open `.girih` files.
//!
//! # Units
//!
//! A [`Picture`] has one plane or three of 16-bit samples, of which the lower 8 or 10 bits are used ([`Format`]); chroma
//! of 4:2:0 is half as wide and high as luma, rounded up. Times (`pts`) are whole numbers in whatever unit the caller
//! likes: they come back as they were given, and [`stream::container`] says which unit it is. Rates are bits per second.
//! Everything that takes input from outside gives an error for what is out of range; what panics says so.
//!
//! Two features, both on by default, can be left out: `encode`, the encoder and training, and `threads`.
//!
//! # Inside
//!
//! Where things are, from the bottom up (imports run only upwards):
//!
//! | module | what |
//! |---|---|
//! | [`picture`], `entropy` | samples; range coder and adaptive models |
//! | [`kernel`], [`transform`], `predict`, `filter`, `codebook` | what is done with samples and coefficients |
//! | `syntax` | every syntax element, written once for encoder, decoder and bit counter |
//! | `reconstruct` | from syntax to samples; what lives from frame to frame |
//! | `decode`, `encode`, [`train`], [`inspect`] | the frame decoder, the search, the making of codebooks, statistics of streams |
//! | [`api`], [`stream`], [`still`], [`screen`], [`metrics`] | the public interface, headers and container, single pictures, pixels to show, PSNR and SSIM |
#![forbid(unsafe_code)]
#![warn(missing_docs)]
// What only the encoder asks for lies beside what it shares with the decoder.
#![cfg_attr(not(feature = "encode"), allow(dead_code, unused_imports))]

pub mod api;
mod codebook;
mod decode;
#[cfg(feature = "encode")]
mod encode;
mod entropy;
mod filter;
pub mod inspect;
pub mod kernel;
pub mod metrics;
pub mod picture;
mod predict;
mod reconstruct;
pub mod screen;
#[cfg(feature = "encode")]
pub mod still;
pub mod stream;
mod syntax;
#[cfg(feature = "encode")]
pub mod train;
pub mod transform;
#[cfg_attr(not(feature = "threads"), path = "workers/alone.rs")]
mod workers;

#[cfg(feature = "encode")]
pub use api::Encoder;
pub use api::{
    Color, Config, Control, Decoder, Error, Limits, MAX_THREADS, Packet, Preset, Rates, Rational,
    SequenceInfo, Tune,
};
pub use codebook::{BookUse, CodebookSet, search};
pub use picture::{AnyPicture, ChromaFormat, Format, Picture, Plane, Sample};
