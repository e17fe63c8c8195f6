//! The `image` crate: a decoder for it, and conversions from and to its images.

use super::{Error, first, open, rgb};
use crate::api::{Color, Decoder, Limits};
use crate::picture::{ChromaFormat, Format, Picture};
use crate::stream::container::{self, MAGIC, Reader};
use ::image::error::{
    DecodingError, ImageFormatHint, LimitError, LimitErrorKind, UnsupportedError, UnsupportedErrorKind,
};
use ::image::{
    ColorType, DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageResult, Luma, Rgb, hooks,
};
use std::io::Read;

/// Makes the `image` crate read `.girih` files, known by their name or their first bytes: the first picture of a
/// film, as `L8`, `L16`, `Rgb8` or `Rgb16`. Gives false if that has been done before.
///
/// ```
/// use girih::still::{encode, from_image, register};
/// use girih::{ChromaFormat, Config};
/// use image::{DynamicImage, RgbImage};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let photo = DynamicImage::from(RgbImage::from_fn(40, 30, |x, y| image::Rgb([200, 5 * x as u8, 4 * y as u8])));
/// let (picture, color) = from_image(&photo, ChromaFormat::Yuv420);
/// let path = std::env::temp_dir().join(format!("girih-example-{}.girih", std::process::id()));
/// std::fs::write(&path, encode(picture.clone(), Config { color, ..Config::new(picture.format) })?)?;
///
/// register();
/// let back = image::open(&path)?;
/// assert_eq!((back.width(), back.height(), back.color()), (40, 30, image::ColorType::Rgb8));
/// # std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
pub fn register() -> bool {
    let new = hooks::register_decoding_hook(
        "girih".into(),
        Box::new(|stream| Ok(Box::new(StillDecoder::new(stream, Limits::default())?))),
    );
    if new {
        hooks::register_format_detection_hook("girih".into(), &MAGIC, None);
    }
    new
}

/// Decodes the first picture of a `.girih` file for the `image` crate.
pub struct StillDecoder<R: Read> {
    reader: Reader<R>,
    decoder: Decoder,
}

impl<R: Read> StillDecoder<R> {
    /// Reads the header of a `.girih` file.
    ///
    /// # Errors
    /// For anything that is not one, and for pictures larger than `limits` allow.
    pub fn new(stream: R, limits: Limits) -> ImageResult<Self> {
        let (reader, decoder) = open(stream, limits)?;
        Ok(StillDecoder { reader, decoder })
    }

    fn format(&self) -> Format {
        self.decoder.info().format
    }
}

impl<R: Read> ImageDecoder for StillDecoder<R> {
    fn dimensions(&self) -> (u32, u32) {
        // A side has no more than 65536 samples.
        (self.format().width as u32, self.format().height as u32)
    }

    fn color_type(&self) -> ColorType {
        match (self.format().chroma, self.format().bit_depth) {
            (ChromaFormat::Mono, 8) => ColorType::L8,
            (ChromaFormat::Mono, _) => ColorType::L16,
            (_, 8) => ColorType::Rgb8,
            _ => ColorType::Rgb16,
        }
    }

    fn read_image(mut self, buf: &mut [u8]) -> ImageResult<()> {
        assert_eq!(buf.len() as u64, self.total_bytes(), "a buffer of the image's size");
        let picture = first(&mut self.reader, &mut self.decoder)?;
        let (color, deep) = (self.decoder.info().color, self.format().bit_depth > 8);
        let samples = samples(&picture, color, deep);
        if deep {
            for (to, v) in buf.chunks_exact_mut(2).zip(samples) {
                to.copy_from_slice(&v.to_ne_bytes());
            }
        } else {
            buf.iter_mut().zip(samples).for_each(|(to, v)| *to = v as u8);
        }
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, buf: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buf)
    }
}

impl From<Error> for ImageError {
    fn from(e: Error) -> Self {
        let hint = || ImageFormatHint::Name("Girih".into());
        match e {
            Error::Container(container::Error::Io(e)) => ImageError::IoError(e),
            Error::Container(container::Error::Limit(_)) | Error::Codec(crate::Error::Limit(_)) => {
                ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
            }
            Error::Codec(crate::Error::Unsupported(what)) => {
                let kind = UnsupportedErrorKind::GenericFeature(what.into());
                ImageError::Unsupported(UnsupportedError::from_format_and_kind(hint(), kind))
            }
            e => ImageError::Decoding(DecodingError::new(hint(), e)),
        }
    }
}

/// The picture of an image, and what its samples mean: luma only for grey images, else with chroma as asked for; 10
/// bits if the image has more than 8. Transparency is left out.
pub fn from_image(image: &DynamicImage, chroma: ChromaFormat) -> (Picture, Color) {
    let kind = image.color();
    let deep = kind.bytes_per_pixel() > kind.channel_count();
    let mut format = Format {
        width: image.width() as usize,
        height: image.height() as usize,
        chroma,
        bit_depth: if deep { 10 } else { 8 },
    };
    let picture = if !kind.has_color() || chroma == ChromaFormat::Mono {
        format.chroma = ChromaFormat::Mono;
        gray(&image.to_luma16(), format)
    } else if deep {
        rgb::to_ycbcr(image.to_rgb16().as_raw(), u16::MAX, format)
    } else {
        let samples: Vec<u16> = image.to_rgb8().into_raw().into_iter().map(u16::from).collect();
        rgb::to_ycbcr(&samples, 255, format)
    };
    (picture, rgb::JPEG_COLOR)
}

/// A luma-only picture.
fn gray(image: &ImageBuffer<Luma<u16>, Vec<u16>>, format: Format) -> Picture {
    let mut picture = Picture::new(format);
    let scale = f32::from(format.max_value()) / f32::from(u16::MAX);
    for (y, row) in image.rows().enumerate() {
        for (v, p) in picture.planes[0].row_mut(y).iter_mut().zip(row) {
            *v = (f32::from(p.0[0]) * scale + 0.5) as u16;
        }
    }
    picture
}

/// The image of a picture whose samples mean `color`, with 16 bits per sample if `deep`, else 8; `None` for sides of
/// more than 32 bits.
pub fn to_image(picture: &Picture, color: Color, deep: bool) -> Option<DynamicImage> {
    let format = picture.format;
    let (w, h) = (u32::try_from(format.width).ok()?, u32::try_from(format.height).ok()?);
    let samples = samples(picture, color, deep);
    let bytes = |samples: Vec<u16>| samples.into_iter().map(|v| v as u8).collect::<Vec<_>>();
    match (format.chroma == ChromaFormat::Mono, deep) {
        (true, true) => ImageBuffer::<Luma<u16>, _>::from_raw(w, h, samples).map(DynamicImage::from),
        (true, false) => ImageBuffer::<Luma<u8>, _>::from_raw(w, h, bytes(samples)).map(DynamicImage::from),
        (false, true) => ImageBuffer::<Rgb<u16>, _>::from_raw(w, h, samples).map(DynamicImage::from),
        (false, false) => ImageBuffer::<Rgb<u8>, _>::from_raw(w, h, bytes(samples)).map(DynamicImage::from),
    }
}

/// The samples of the image, interleaved, up to 65535 if `deep`, else 255.
fn samples(picture: &Picture, color: Color, deep: bool) -> Vec<u16> {
    let max = if deep { u16::MAX } else { 255 };
    if picture.format.chroma == ChromaFormat::Mono {
        rgb::to_gray(picture, color, max)
    } else {
        rgb::to_rgb(picture, color, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;
    use crate::api::Config;
    use ::image::ImageReader;
    use std::io::Cursor;

    fn file(format: Format) -> Vec<u8> {
        let color = if format.width.is_multiple_of(2) { rgb::JPEG_COLOR } else { Color::default() };
        let mut picture = Picture::new(format);
        for (p, plane) in picture.planes.iter_mut().enumerate() {
            for y in 0..plane.height() {
                for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                    *v = ((60 + 30 * p + 2 * x + y) << (format.bit_depth - 8)) as u16;
                }
            }
        }
        let config = Config { crf: 8.0, color, ..Config::new(format) };
        encode(picture, config).unwrap()
    }

    fn read(bytes: &[u8]) -> ImageResult<DynamicImage> {
        ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.decode()
    }

    #[test]
    fn all_layouts_are_read() {
        register();
        assert!(!register());
        for (chroma, bit_depth, width, color) in [
            (ChromaFormat::Mono, 8, 33, ColorType::L8),
            (ChromaFormat::Mono, 10, 32, ColorType::L16),
            (ChromaFormat::Yuv420, 8, 33, ColorType::Rgb8),
            (ChromaFormat::Yuv420, 10, 32, ColorType::Rgb16),
            (ChromaFormat::Yuv444, 8, 33, ColorType::Rgb8),
            (ChromaFormat::Yuv444, 10, 32, ColorType::Rgb16),
        ] {
            let bytes = file(Format { width, height: 21, chroma, bit_depth });
            let image = read(&bytes).unwrap();
            assert_eq!((image.width(), image.height(), image.color()), (width as u32, 21, color));
            let (info, picture) = super::super::decode(&bytes[..], Limits::default()).unwrap();
            assert_eq!(to_image(&picture, info.color, bit_depth > 8), Some(image));
        }
    }

    #[test]
    fn images_come_back() {
        let photo =
            DynamicImage::from(ImageBuffer::from_fn(20, 14, |x, y| Rgb([(x * 12) as u8, 90, y as u8])));
        for image in
            [photo.clone(), photo.to_luma8().into(), photo.to_rgb16().into(), photo.to_luma16().into()]
        {
            let (picture, color) = from_image(&image, ChromaFormat::Yuv444);
            let deep = picture.format.bit_depth > 8;
            let back = to_image(&picture, color, deep).unwrap();
            assert_eq!(back.color(), image.color());
            let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 2;
            assert!(!image.to_rgb8().as_raw().iter().zip(back.to_rgb8().as_raw()).any(far));
        }
    }

    #[test]
    fn hostile_bytes_are_errors() {
        register();
        let bytes = file(Format { width: 40, height: 24, chroma: ChromaFormat::Yuv420, bit_depth: 8 });
        for cut in 4..bytes.len() - 40 {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[at / 8] ^= 1 << (at % 8);
            // What comes after the picture is not read.
            assert!(read(&bad).is_err() || at / 8 > bytes.len() / 2, "bit {at}");
        }
        let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().unwrap();
        let mut limits = ::image::Limits::default();
        limits.max_alloc = Some(1000);
        reader.limits(limits);
        assert!(matches!(reader.decode(), Err(ImageError::Limits(_))));
    }
}
