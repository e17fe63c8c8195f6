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
//! Two features, both on by default, can be left out: `encode`, the encoder and training, and `threads`.
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
//! | [`api`], [`stream`], [`metrics`] | the public interface, headers and container, PSNR and SSIM |
#![forbid(unsafe_code)]
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
    Color, Config, Control, Decoder, Error, Limits, Packet, Preset, Rates, Rational, SequenceInfo, Tune,
};
pub use codebook::{BookUse, CodebookSet, search};
pub use picture::{ChromaFormat, Format, Picture, Plane};
