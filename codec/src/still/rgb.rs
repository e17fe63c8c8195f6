//! Between RGB and YCbCr pictures.
//!
//! Into YCbCr as JPEG does it: BT.601, full range, each chroma sample the mean of its 2x2 pixels. Back by
//! the stream's own matrix and range, chroma interpolated by a triangle filter whose samples sit in the
//! centre of those 2x2 pixels.

use crate::api::Color;
use crate::picture::{ChromaFormat, Format, Picture};

/// The colour description of pictures made by [`to_ycbcr`]: sRGB in BT.601 full range.
pub const JPEG_COLOR: Color = Color { primaries: 1, transfer: 13, matrix: 5, full_range: true };

/// Converts interleaved RGB samples from 0 to `max` (R, G, B of the first pixel of the top row, then of the next one),
/// as many as a picture of `format` takes.
///
/// # Panics
/// If there are fewer.
pub fn to_ycbcr(rgb: &[u16], max: u16, format: Format) -> Picture {
    let mut picture = Picture::new(format);
    let (kr, kb) = JPEG_COLOR.weights();
    let scale = f32::from(format.max_value()) / f32::from(max);
    let half = f32::from(1u16 << (format.bit_depth - 1));
    let quantise = |v: f32| (v + 0.5).clamp(0.0, f32::from(format.max_value())) as u16;
    let luma = |p: [f32; 3]| kr * p[0] + (1.0 - kr - kb) * p[1] + kb * p[2];
    let (width, height) = (format.width, format.height);
    let pixel = |x: usize, y: usize| {
        let i = (y * width + x) * 3;
        [rgb[i], rgb[i + 1], rgb[i + 2]].map(|v| f32::from(v) * scale)
    };
    for y in 0..height {
        for (x, v) in picture.planes[0].row_mut(y).iter_mut().enumerate() {
            *v = quantise(luma(pixel(x, y)));
        }
    }
    let step = 1 << format.chroma.shift();
    for p in 1..format.chroma.planes() {
        let (channel, k) = if p == 1 { (2, kb) } else { (0, kr) };
        for y in 0..picture.planes[p].height() {
            for (x, v) in picture.planes[p].row_mut(y).iter_mut().enumerate() {
                let (mut sum, mut n) = (0.0, 0.0);
                for yy in y * step..((y + 1) * step).min(height) {
                    for xx in x * step..((x + 1) * step).min(width) {
                        let rgb = pixel(xx, yy);
                        sum += rgb[channel] - luma(rgb);
                        n += 1.0;
                    }
                }
                *v = quantise(sum / n / (2.0 * (1.0 - k)) + half);
            }
        }
    }
    picture
}

/// Converts a picture with chroma, whose samples mean `color`, to interleaved RGB samples from 0 to `max`.
///
/// # Panics
/// If the picture has no chroma; [`to_gray`] is for those.
pub fn to_rgb(picture: &Picture, color: Color, max: u16) -> Vec<u16> {
    let format = picture.format;
    let (kr, kb) = color.weights();
    let half = f32::from(1u16 << (format.bit_depth - 1));
    let (black, y_range, c_range) = color.ranges(format.bit_depth);
    let quantise = |v: f32| (v * f32::from(max) + 0.5).clamp(0.0, f32::from(max)) as u16;
    let mut rgb = Vec::with_capacity(format.width * format.height * 3);
    let (mut cb, mut cr) = (vec![0.0; format.width], vec![0.0; format.width]);
    for y in 0..format.height {
        chroma_row(picture, 1, y, &mut cb);
        chroma_row(picture, 2, y, &mut cr);
        for ((&luma, &cb), &cr) in picture.planes[0].row(y).iter().zip(&cb).zip(&cr) {
            let l = (f32::from(luma) - black) / y_range;
            if color.matrix == 0 {
                // Identity: the planes are green, blue and red, all in luma's range.
                rgb.extend([(cr - black) / y_range, l, (cb - black) / y_range].map(quantise));
                continue;
            }
            let r = l + 2.0 * (1.0 - kr) * (cr - half) / c_range;
            let b = l + 2.0 * (1.0 - kb) * (cb - half) / c_range;
            let g = (l - kr * r - kb * b) / (1.0 - kr - kb);
            rgb.extend([r, g, b].map(quantise));
        }
    }
    rgb
}

/// The luma of a picture whose samples mean `color`, from 0 (black) to `max` (white).
pub fn to_gray(picture: &Picture, color: Color, max: u16) -> Vec<u16> {
    let format = picture.format;
    let (black, range, _) = color.ranges(format.bit_depth);
    let convert = |&v: &u16| {
        let v = (f32::from(v) - black) / range * f32::from(max) + 0.5;
        v.clamp(0.0, f32::from(max)) as u16
    };
    (0..format.height).flat_map(|y| picture.planes[0].row(y).iter().map(convert)).collect()
}

/// One row of chroma at luma's resolution.
fn chroma_row(picture: &Picture, p: usize, y: usize, out: &mut [f32]) {
    let plane = &picture.planes[p];
    if picture.format.chroma == ChromaFormat::Yuv444 {
        out.iter_mut().zip(plane.row(y)).for_each(|(o, &v)| *o = f32::from(v));
        return;
    }
    let near = plane.row(y / 2);
    let far = plane.row(neighbour(y, plane.height()));
    let vertical = |x: usize| 0.75 * f32::from(near[x]) + 0.25 * f32::from(far[x]);
    for (x, o) in out.iter_mut().enumerate() {
        *o = 0.75 * vertical(x / 2) + 0.25 * vertical(neighbour(x, near.len()));
    }
}

/// The second nearest of `n` chroma samples to luma position `i`.
fn neighbour(i: usize, n: usize) -> usize {
    if i.is_multiple_of(2) { (i / 2).saturating_sub(1) } else { (i / 2 + 1).min(n - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(width: usize, height: usize, chroma: ChromaFormat, bit_depth: u8) -> Format {
        Format { width, height, chroma, bit_depth }
    }

    fn smooth(w: usize, h: usize, max: usize) -> Vec<u16> {
        let at = |x: usize, y: usize| [x * max / w, y * max / h, (x + y) * max / (w + h)];
        (0..h).flat_map(|y| (0..w).flat_map(move |x| at(x, y).map(|v| v as u16))).collect()
    }

    #[test]
    fn known_colours() {
        for (rgb, ycc) in [
            ([0, 0, 0], [0, 128, 128]),
            ([255, 255, 255], [255, 128, 128]),
            ([255, 0, 0], [76, 85, 255]),
            ([0, 255, 0], [150, 44, 21]),
            ([0, 0, 255], [29, 255, 107]),
        ] {
            let p = to_ycbcr(&rgb, 255, format(1, 1, ChromaFormat::Yuv420, 8));
            assert_eq!([0, 1, 2].map(|i| p.planes[i].row(0)[0]), ycc, "{rgb:?}");
            let back = to_rgb(&p, JPEG_COLOR, 255);
            assert!(back.iter().zip(rgb).all(|(&a, b)| a.abs_diff(b) <= 2), "{rgb:?} {back:?}");
        }
    }

    #[test]
    fn smooth_pictures_come_back() {
        for (chroma, depth, max) in [
            (ChromaFormat::Yuv444, 8, 255),
            (ChromaFormat::Yuv420, 8, 255),
            (ChromaFormat::Yuv420, 10, 65535),
        ] {
            for (w, h) in [(64, 48), (63, 47), (40, 1)] {
                let rgb = smooth(w, h, max);
                let p = to_ycbcr(&rgb, max as u16, format(w, h, chroma, depth));
                let back = to_rgb(&p, JPEG_COLOR, max as u16);
                let worst = rgb.iter().zip(&back).map(|(a, b)| a.abs_diff(*b)).max();
                // At the borders a triangle filter flattens a slope by half a chroma step.
                assert!(worst.is_some_and(|e| usize::from(e) <= max / 40), "{chroma:?} {w}x{h}: {worst:?}");
            }
        }
    }

    #[test]
    fn downsampling_is_the_mean_of_what_is_there() {
        // 3x1: the last chroma sample covers one pixel only.
        let p = to_ycbcr(&[255, 0, 0, 0, 0, 0, 0, 0, 255], 255, format(3, 1, ChromaFormat::Yuv420, 8));
        assert_eq!(p.planes[1].row(0), [((84.97f32 + 128.0) / 2.0).round() as u16, 255]);
    }

    #[test]
    fn limited_range_and_identity() {
        let mut p = Picture::new(format(1, 1, ChromaFormat::Yuv444, 8));
        for (plane, v) in p.planes.iter_mut().zip([235, 128, 128]) {
            plane.row_mut(0)[0] = v;
        }
        assert_eq!(to_rgb(&p, Color { matrix: 1, ..Color::default() }, 255), [255; 3]);
        for (plane, v) in p.planes.iter_mut().zip([10, 20, 30]) {
            plane.row_mut(0)[0] = v;
        }
        assert_eq!(to_rgb(&p, Color { matrix: 0, full_range: true, ..Color::default() }, 255), [30, 10, 20]);
    }
}
