//! Single pictures: to the bytes of a `.girih` file and back, and from RGB and back.
//!
//! ```
//! use girih::still::{decode, encode, rgb};
//! use girih::{ChromaFormat, Config, Format, Limits};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let format = Format { width: 48, height: 32, chroma: ChromaFormat::Yuv444, bit_depth: 8 };
//! let pixels: Vec<u16> = (0..48 * 32).flat_map(|i| [200, 5 * (i % 48), 100]).collect();
//!
//! let mut config = Config::new(format);
//! config.crf = 12.0;
//! config.color = rgb::JPEG_COLOR;
//! let bytes = encode(rgb::to_ycbcr(&pixels, 255, format), config)?;
//! assert!(bytes.len() < pixels.len() / 4);
//!
//! let (info, picture) = decode(&bytes[..], Limits::default())?;
//! let back = rgb::to_rgb(&picture, info.color, 255);
//! assert!(pixels.iter().zip(&back).all(|(a, b)| a.abs_diff(*b) < 16));
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `image`, `register` lets the `image` crate read `.girih` files, and `from_image` and `to_image`
//! convert its images.

#[cfg(feature = "image")]
mod image;
pub mod rgb;

#[cfg(feature = "image")]
pub use self::image::{StillDecoder, from_image, register, to_image};

use crate::api::{Config, Decoder, Encoder, Limits, Rational, SequenceInfo};
use crate::picture::Picture;
use crate::stream::container::{self, Header, Reader, Writer};
use std::io::Read;

/// Why a picture could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The picture, the settings or the coded data.
    #[error(transparent)]
    Codec(#[from] crate::Error),
    /// The file around it.
    #[error(transparent)]
    Container(#[from] container::Error),
    /// The file ends before its first picture.
    #[error("no picture in the file")]
    Empty,
}

/// A `.girih` file of one picture.
///
/// # Errors
/// [`Error::Codec`] for a picture that is not of `config.format`, or settings out of range.
pub fn encode(picture: Picture, config: Config) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new(config)?;
    let header = Header { sequence: encoder.header(), time_base: Rational { num: 1, den: 1 } };
    let mut writer = Writer::new(Vec::new(), &header).map_err(container::Error::Io)?;
    encoder.push(picture)?;
    encoder.finish()?;
    while let Some(packet) = encoder.next_packet() {
        writer.write(&packet).map_err(container::Error::Io)?;
    }
    Ok(writer.finish().map_err(container::Error::Io)?)
}

/// The first picture of a `.girih` file, checked against its hash, and what the file says of it.
///
/// # Errors
/// [`Error::Container`] or [`Error::Codec`] for whatever is not such a file or larger than `limits` allow.
pub fn decode(stream: impl Read, limits: Limits) -> Result<(SequenceInfo, Picture), Error> {
    let (mut reader, mut decoder) = open(stream, limits)?;
    let picture = first(&mut reader, &mut decoder)?;
    Ok((decoder.info().clone(), picture))
}

fn open<R: Read>(stream: R, limits: Limits) -> Result<(Reader<R>, Decoder), Error> {
    let reader = Reader::new(stream, limits)?;
    let mut decoder = Decoder::new(&reader.header().sequence, limits)?;
    decoder.set_verify(true);
    Ok((reader, decoder))
}

fn first<R: Read>(reader: &mut Reader<R>, decoder: &mut Decoder) -> Result<Picture, Error> {
    loop {
        if let Some(picture) = decoder.next_picture() {
            return Ok(picture);
        }
        match reader.next_packet()? {
            Some(packet) => decoder.push(&packet.data, packet.pts)?,
            None => {
                decoder.finish();
                return decoder.next_picture().ok_or(Error::Empty);
            }
        }
    }
}
