//! Pictures from FFmpeg's frames and back.

use anyhow::{Context, Result};
use ffmpeg_next::software::scaling;
use ffmpeg_next::{format::Pixel, frame};
use girih::{ChromaFormat, Format, Picture};

use super::{ffi, pixel};

/// Copies a frame whose pixel format needs no conversion.
pub fn to_picture(frame: &frame::Video, format: Format) -> Picture {
    let mut picture = Picture::new(format);
    for (p, plane) in picture.planes.iter_mut().enumerate() {
        for y in 0..format.plane_size(p).1 {
            let to = plane.row_mut(y);
            if format.bit_depth > 8 {
                let from = ffi::row(frame, p, y, to.len() * 2);
                for (v, b) in to.iter_mut().zip(from.chunks_exact(2)) {
                    *v = u16::from_le_bytes([b[0], b[1]]).min(format.max_value());
                }
            } else {
                let from = ffi::row(frame, p, y, to.len());
                to.iter_mut().zip(from).for_each(|(v, &b)| *v = b.into());
            }
        }
    }
    picture
}

/// Makes a frame of a picture.
pub fn to_frame(picture: &Picture) -> frame::Video {
    let format = picture.format;
    let pixel = pixel::pixel(format.chroma, format.bit_depth);
    let mut frame = frame::Video::new(pixel, format.width as u32, format.height as u32);
    for (p, plane) in picture.planes.iter().enumerate() {
        let (w, h) = format.plane_size(p);
        let stride = frame.stride(p);
        let data = frame.data_mut(p);
        for y in 0..h {
            let (from, to) = (&plane.row(y)[..w], &mut data[y * stride..][..stride]);
            if format.bit_depth > 8 {
                to.chunks_exact_mut(2).zip(from).for_each(|(b, v)| b.copy_from_slice(&v.to_le_bytes()));
            } else {
                to.iter_mut().zip(from).for_each(|(b, &v)| *b = v as u8);
            }
        }
    }
    frame
}

/// Brings frames to one pixel format and size.
pub struct Converter {
    pixel: Pixel,
    width: u32,
    height: u32,
    scaler: Option<scaling::Context>,
}

impl Converter {
    pub fn new(pixel: Pixel, width: u32, height: u32) -> Self {
        Converter { pixel, width, height, scaler: None }
    }

    /// The converted frame, `None` if `frame` is right as it is.
    pub fn convert(&mut self, frame: &frame::Video) -> Result<Option<frame::Video>> {
        let shape = (frame.format(), frame.width(), frame.height());
        // Gray takes luma as it is, where swscale would stretch it to the full range.
        let kind = |p: Pixel| pixel::layout(p).map(|(chroma, depth, _)| (chroma, depth));
        let gray = kind(self.pixel).is_some_and(|k| k.0 == ChromaFormat::Mono);
        let luma = gray && kind(shape.0).map(|k| k.1) == kind(self.pixel).map(|k| k.1);
        if (shape.0 == self.pixel || luma) && (shape.1, shape.2) == (self.width, self.height) {
            return Ok(None);
        }
        let same = |s: &scaling::Context| (s.input().format, s.input().width, s.input().height) == shape;
        let scaler = match self.scaler.take().filter(same) {
            Some(scaler) => scaler,
            None => scaling::Context::get(
                shape.0,
                shape.1,
                shape.2,
                self.pixel,
                self.width,
                self.height,
                scaling::Flags::BICUBIC
                    | scaling::Flags::ACCURATE_RND
                    | scaling::Flags::FULL_CHR_H_INP
                    | scaling::Flags::BITEXACT,
            )
            .with_context(|| format!("cannot convert from pixel format {:?}", shape.0))?,
        };
        let mut converted = frame::Video::empty();
        self.scaler.insert(scaler).run(frame, &mut converted)?;
        Ok(Some(converted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::pattern;

    #[test]
    fn pictures_survive_frames() {
        for chroma in [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444] {
            for bit_depth in [8, 10] {
                for (width, height) in [(1, 1), (33, 17), (64, 8)] {
                    let p = pattern(Format { width, height, chroma, bit_depth }, 0);
                    assert_eq!(to_picture(&to_frame(&p), p.format), p);
                }
            }
        }
    }

    #[test]
    fn conversion_keeps_luma() -> Result<()> {
        let p = pattern(Format { width: 32, height: 16, chroma: ChromaFormat::Yuv444, bit_depth: 8 }, 0);
        let mut c = Converter::new(Pixel::YUV420P, 32, 16);
        let half = c.convert(&to_frame(&p))?.context("no conversion")?;
        let format = Format { chroma: ChromaFormat::Yuv420, ..p.format };
        let half = to_picture(&half, format);
        assert_eq!(half.planes[0], p.planes[0]);
        assert!(c.convert(&to_frame(&half))?.is_none());
        Ok(())
    }
}
