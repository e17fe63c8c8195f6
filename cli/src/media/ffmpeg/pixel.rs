//! FFmpeg's pixel formats and ours.

use ffmpeg_next::format::Pixel;
use girih::ChromaFormat;

use super::ffi;

/// The layout of a pixel format that needs no conversion: chroma, bits, and full range by definition.
pub fn layout(pixel: Pixel) -> Option<(ChromaFormat, u8, bool)> {
    Some(match pixel {
        Pixel::GRAY8 => (ChromaFormat::Mono, 8, false),
        Pixel::GRAY10LE => (ChromaFormat::Mono, 10, false),
        Pixel::YUV420P => (ChromaFormat::Yuv420, 8, false),
        Pixel::YUVJ420P => (ChromaFormat::Yuv420, 8, true),
        Pixel::YUV420P10LE => (ChromaFormat::Yuv420, 10, false),
        Pixel::YUV444P => (ChromaFormat::Yuv444, 8, false),
        Pixel::YUVJ444P => (ChromaFormat::Yuv444, 8, true),
        Pixel::YUV444P10LE => (ChromaFormat::Yuv444, 10, false),
        _ => return None,
    })
}

/// The pixel format of a layout.
pub fn pixel(chroma: ChromaFormat, bit_depth: u8) -> Pixel {
    match (chroma, bit_depth > 8) {
        (ChromaFormat::Mono, false) => Pixel::GRAY8,
        (ChromaFormat::Mono, true) => Pixel::GRAY10LE,
        (ChromaFormat::Yuv420, false) => Pixel::YUV420P,
        (ChromaFormat::Yuv420, true) => Pixel::YUV420P10LE,
        (ChromaFormat::Yuv444, false) => Pixel::YUV444P,
        (ChromaFormat::Yuv444, true) => Pixel::YUV444P10LE,
    }
}

/// The supported format that a pixel format is converted to, itself if it is one.
pub fn nearest(source: Pixel) -> Option<Pixel> {
    if layout(source).is_some() {
        return Some(source);
    }
    // Formats that are full range by definition stay so.
    match source {
        Pixel::YUVJ422P | Pixel::YUVJ440P | Pixel::YUVJ411P => return Some(Pixel::YUVJ420P),
        _ => {}
    }
    let info = ffi::pixel_info(source)?;
    let chroma = if info.gray && !info.rgb {
        ChromaFormat::Mono
    } else if info.rgb || info.full_chroma {
        ChromaFormat::Yuv444
    } else {
        ChromaFormat::Yuv420
    };
    Some(pixel(chroma, if info.depth > 8 { 10 } else { 8 }))
}

/// Is colour stored as red, green and blue?
pub fn is_rgb(pixel: Pixel) -> bool {
    ffi::pixel_info(pixel).is_some_and(|i| i.rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_formats() {
        for (from, to) in [
            (Pixel::YUV420P, Pixel::YUV420P),
            (Pixel::YUVJ444P, Pixel::YUVJ444P),
            (Pixel::YUV422P, Pixel::YUV420P),
            (Pixel::YUYV422, Pixel::YUV420P),
            (Pixel::NV12, Pixel::YUV420P),
            (Pixel::YUV410P, Pixel::YUV420P),
            (Pixel::YUV422P10LE, Pixel::YUV420P10LE),
            (Pixel::YUV420P12LE, Pixel::YUV420P10LE),
            (Pixel::P010LE, Pixel::YUV420P10LE),
            (Pixel::YUVA444P, Pixel::YUV444P),
            (Pixel::RGB24, Pixel::YUV444P),
            (Pixel::PAL8, Pixel::YUV444P),
            (Pixel::GBRP10LE, Pixel::YUV444P10LE),
            (Pixel::YA8, Pixel::GRAY8),
            (Pixel::GRAY16BE, Pixel::GRAY10LE),
            (Pixel::MonoBlack, Pixel::GRAY8),
        ] {
            assert_eq!(nearest(from), Some(to), "{from:?}");
        }
        assert_eq!(nearest(Pixel::VAAPI), None);
        assert!(is_rgb(Pixel::BGRA) && is_rgb(Pixel::PAL8) && !is_rgb(Pixel::NV12));
    }
}
