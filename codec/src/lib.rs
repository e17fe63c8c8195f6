//! Girih: a video and image codec built on trained vector quantisation.
#![forbid(unsafe_code)]

pub mod api;
mod codebook;
mod decode;
mod encode;
mod entropy;
mod filter;
pub mod kernel;
pub mod metrics;
pub mod picture;
mod predict;
mod reconstruct;
pub mod stream;
mod syntax;
pub mod train;
pub mod transform;

pub use api::{
    Color, Config, Control, Decoder, Encoder, Error, Limits, Packet, Preset, Rational, SequenceInfo, Tune,
};
pub use picture::{ChromaFormat, Format, Picture, Plane};
