//! Still images.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use girih::still::{from_image, to_image};
use girih::{ChromaFormat, Color, Format, Limits, Picture, Rational};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::pnm::{PnmEncoder, PnmSubtype, SampleEncoding};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::pending::Pending;
use super::{Description, Sink, Source};

/// Quality of JPEG output: high, since the picture has been coded once already.
const JPEG_QUALITY: u8 = 95;
/// Extensions of the image formats that are read and written here.
const EXTENSIONS: [&str; 10] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "pgm", "ppm", "pnm"];

/// Does the name say that this is an image?
pub fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|e| e.eq_ignore_ascii_case(extension))
}

/// An image as a video of one picture: luma only if it is gray, 10 bits if the image has more than 8.
pub struct Still {
    description: Description,
    picture: Option<Picture>,
}

impl Still {
    /// Opens an image; its chroma will be 4:2:0 if not given.
    pub fn open(path: &Path, chroma: Option<ChromaFormat>) -> Result<Self> {
        let chroma = chroma.unwrap_or(ChromaFormat::Yuv420);
        let reader = ImageReader::new(BufReader::new(File::open(path)?)).with_guessed_format()?;
        let mut decoder = reader.into_decoder().context("cannot read image")?;
        let (width, height) = decoder.dimensions();
        let format = Format { width: width as usize, height: height as usize, chroma, bit_depth: 8 };
        format.check(&Limits::default())?;
        let orientation = decoder.orientation().context("cannot read image")?;
        let mut image = DynamicImage::from_decoder(decoder).context("cannot read image")?;
        image.apply_orientation(orientation);
        Ok(Still::new(&image, chroma))
    }

    fn new(image: &DynamicImage, chroma: ChromaFormat) -> Self {
        let (picture, color) = from_image(image, chroma);
        let one = Rational { num: 1, den: 1 };
        let description = Description {
            format: picture.format,
            color,
            frame_rate: one,
            sample_aspect: one,
            time_base: one,
            frames: Some(1),
        };
        Still { description, picture: Some(picture) }
    }
}

impl Source for Still {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        Ok(self.picture.take())
    }
}

/// Writes the first picture as an image.
pub struct StillSink {
    pending: Pending,
    color: Color,
    written: bool,
}

impl StillSink {
    pub fn new(pending: Pending, color: Color) -> Result<Self> {
        Ok(StillSink { pending, color, written: false })
    }
}

impl Sink for StillSink {
    fn write(&mut self, picture: &Picture) -> Result<()> {
        if self.written {
            return Ok(());
        }
        let format = ImageFormat::from_path(self.pending.path())?;
        // Only these take 16 bits.
        let deep = picture.format.bit_depth > 8 && matches!(format, ImageFormat::Png | ImageFormat::Tiff);
        let image = to_image(picture, self.color, deep).context("picture too large")?;
        let mut out = BufWriter::new(self.pending.open()?);
        match format {
            ImageFormat::Jpeg => {
                image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY))?
            }
            ImageFormat::Pnm => write_pnm(self.pending.path(), &image, &mut out)?,
            _ => image.write_to(&mut out, format)?,
        }
        out.flush()?;
        self.written = true;
        Ok(())
    }

    fn full(&self) -> bool {
        self.written
    }

    fn finish(self: Box<Self>) -> Result<()> {
        if !self.written {
            bail!("no picture to write");
        }
        self.pending.commit()
    }
}

/// Writes what the name says: .pgm gray, .ppm colour, .pnm what the picture is.
fn write_pnm(path: &Path, image: &DynamicImage, out: &mut impl Write) -> Result<()> {
    let named = |e: &str| path.extension().is_some_and(|x| x.eq_ignore_ascii_case(e));
    let gray = named("pgm") || named("pnm") && !image.color().has_color();
    let (image, kind) = if gray {
        (DynamicImage::from(image.to_luma8()), PnmSubtype::Graymap(SampleEncoding::Binary))
    } else {
        (DynamicImage::from(image.to_rgb8()), PnmSubtype::Pixmap(SampleEncoding::Binary))
    };
    Ok(image.write_with_encoder(PnmEncoder::new(out).with_subtype(kind))?)
}

/// The middle of a picture, not larger than `size`, as a PNG of 8 bits.
pub fn png(picture: &Picture, color: Color, size: (usize, usize)) -> Result<Vec<u8>> {
    let image = to_image(picture, color, false).context("picture too large")?;
    let (w, h) = (picture.format.width.min(size.0), picture.format.height.min(size.1));
    let (x, y) = ((picture.format.width - w) / 2, (picture.format.height - h) / 2);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.crop_imm(x as u32, y as u32, w as u32, h as u32).write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Luma, Rgb};

    fn round_trip(image: DynamicImage, name: &str) -> Result<(Format, DynamicImage)> {
        let dir = tempfile::tempdir()?;
        let (source, out) = (dir.path().join("source.png"), dir.path().join(name));
        image.save(&source)?;
        let mut still = Still::open(&source, None)?;
        let mut sink = Box::new(StillSink::new(Pending::create(&out, false)?, still.description.color)?);
        while let Some(p) = still.next_picture()? {
            sink.write(&p)?;
        }
        assert!(sink.full());
        sink.finish()?;
        Ok((still.description.format, image::open(&out)?))
    }

    #[test]
    fn images_come_back() -> Result<()> {
        let rgb = ImageBuffer::from_fn(31, 17, |x, y| Rgb([(x * 8) as u8, (y * 15) as u8, 90]));
        for name in ["a.png", "a.JPG", "a.webp", "a.tif", "a.bmp", "a.ppm"] {
            let (format, back) = round_trip(rgb.clone().into(), name)?;
            assert_eq!((format.chroma, format.bit_depth), (ChromaFormat::Yuv420, 8));
            let worst = rgb.as_raw().iter().zip(back.to_rgb8().as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst < Some(16), "{name}: {worst:?}");
        }
        Ok(())
    }

    #[test]
    fn gray_and_deep_images_keep_their_kind() -> Result<()> {
        let gray = ImageBuffer::from_fn(9, 7, |x, y| Luma([(x * 20 + y * 9) as u8]));
        let (format, back) = round_trip(gray.clone().into(), "g.png")?;
        assert_eq!((format.chroma, format.bit_depth), (ChromaFormat::Mono, 8));
        assert_eq!(back, DynamicImage::from(gray));

        let deep = ImageBuffer::from_fn(8, 8, |x, y| Rgb([(x * 8000) as u16, (y * 8000) as u16, 30000]));
        let (format, back) = round_trip(DynamicImage::from(deep), "d.png")?;
        assert_eq!((format.chroma, format.bit_depth), (ChromaFormat::Yuv420, 10));
        assert_eq!(back.color(), image::ColorType::Rgb16);
        Ok(())
    }

    #[test]
    fn names() {
        assert!(
            is_image(Path::new("x/a.JPeG")) && !is_image(Path::new("png")) && !is_image(Path::new("a.y4m"))
        );
    }
}
