//! Pictures as pixels for a screen.

use girih::still::rgb;
use girih::{ChromaFormat, Color, Picture};
use rayon::prelude::*;

/// Pixels as 0x00RRGGBB, rows without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u32>,
}

/// Fractional bits of the matrix.
const BITS: u32 = 14;

/// From samples to red, green and blue in fixed point.
struct Matrix {
    black: i32,
    half: i32,
    luma: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
}

impl Matrix {
    fn new(color: Color, bit_depth: u8) -> Self {
        let unit = f32::from(1u16 << (bit_depth - 8));
        let max = f32::from((1u16 << bit_depth) - 1);
        let (black, y_range, c_range) =
            if color.full_range { (0.0, max, max) } else { (16.0 * unit, 219.0 * unit, 224.0 * unit) };
        let (kr, kb) = rgb::weights(color.matrix);
        let fixed = |v: f32| (v * 255.0 * (1 << BITS) as f32).round() as i32;
        let (r, b) = (2.0 * (1.0 - kr) / c_range, 2.0 * (1.0 - kb) / c_range);
        let kg = 1.0 - kr - kb;
        Matrix {
            black: black as i32,
            half: (128.0 * unit) as i32,
            luma: fixed(1.0 / y_range),
            // Chroma comes with 4 more bits, from interpolation.
            red: fixed(r / 16.0),
            green: (fixed(kb * b / kg / 16.0), fixed(kr * r / kg / 16.0)),
            blue: fixed(b / 16.0),
        }
    }

    /// A pixel from luma and 16 times chroma less its middle.
    #[inline]
    fn pixel(&self, y: u16, cb: i32, cr: i32) -> u32 {
        let l = (i32::from(y) - self.black) * self.luma + (1 << (BITS - 1));
        let channel = |v: i32| (v >> BITS).clamp(0, 255) as u32;
        let r = channel(l + cr * self.red);
        let g = channel(l - cb * self.green.0 - cr * self.green.1);
        let b = channel(l + cb * self.blue);
        r << 16 | g << 8 | b
    }
}

/// The colour description to show a picture by: without one, films of high definition are BT.709, others BT.601.
pub fn shown_color(color: Color, height: usize) -> Color {
    if color.matrix == 2 && height >= 720 { Color { matrix: 1, ..color } } else { color }
}

/// Converts a picture, with the filter for chroma that decoding to an image has.
pub fn convert(picture: &Picture, color: Color) -> Image {
    let f = picture.format;
    let color = shown_color(color, f.height);
    let matrix = Matrix::new(color, f.bit_depth);
    let mut pixels = vec![0; f.width * f.height];
    pixels.par_chunks_exact_mut(f.width).enumerate().for_each_init(
        || (vec![0; f.width], vec![0; f.width]),
        |(cb, cr), (y, out)| {
            let luma = picture.planes[0].row(y);
            if f.chroma != ChromaFormat::Mono {
                chroma_row(picture, 1, y, matrix.half, cb);
                chroma_row(picture, 2, y, matrix.half, cr);
            }
            if color.matrix == 0 && f.chroma == ChromaFormat::Yuv444 {
                identity_row(picture, y, &matrix, out);
            } else {
                for (((o, &l), &cb), &cr) in out.iter_mut().zip(luma).zip(&*cb).zip(&*cr) {
                    *o = matrix.pixel(l, cb, cr);
                }
            }
        },
    );
    Image { width: f.width, height: f.height, pixels }
}

/// The planes are green, blue and red.
fn identity_row(picture: &Picture, y: usize, m: &Matrix, out: &mut [u32]) {
    let [g, b, r] = [0, 1, 2].map(|p| picture.planes[p].row(y));
    for (((o, &g), &b), &r) in out.iter_mut().zip(g).zip(b).zip(r) {
        let [r, g, b] = [r, g, b].map(|v| m.pixel(v, 0, 0) & 255);
        *o = r << 16 | g << 8 | b;
    }
}

/// 16 times one row of chroma at luma's resolution, less its middle.
fn chroma_row(picture: &Picture, p: usize, y: usize, half: i32, out: &mut [i32]) {
    let plane = &picture.planes[p];
    if picture.format.chroma == ChromaFormat::Yuv444 {
        out.iter_mut().zip(plane.row(y)).for_each(|(o, &v)| *o = 16 * (i32::from(v) - half));
        return;
    }
    let other =
        if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(plane.height() - 1) };
    let (near, far) = (plane.row(y / 2), plane.row(other));
    let at = |x: usize| 3 * i32::from(near[x]) + i32::from(far[x]) - 4 * half;
    let last = plane.width() - 1;
    let (mut before, mut here) = (at(0), at(0));
    for (x, pair) in out.chunks_mut(2).enumerate() {
        let after = at((x + 1).min(last));
        pair[0] = 3 * here + before;
        if let Some(odd) = pair.get_mut(1) {
            *odd = 3 * here + after;
        }
        (before, here) = (here, after);
    }
}

#[cfg(test)]
mod tests {
    use girih::Format;

    use super::*;

    #[test]
    fn pixels_are_those_of_decoded_images() {
        for (chroma, bit_depth) in [
            (ChromaFormat::Mono, 8),
            (ChromaFormat::Yuv420, 8),
            (ChromaFormat::Yuv420, 10),
            (ChromaFormat::Yuv444, 10),
        ] {
            for (matrix, full_range) in [(1, false), (2, false), (5, true), (9, false), (0, true)] {
                let mut p = Picture::new(Format { width: 37, height: 21, chroma, bit_depth });
                let max = usize::from(p.format.max_value());
                for (k, plane) in p.planes.iter_mut().enumerate() {
                    for y in 0..plane.height() {
                        let v = |x: usize| ((x * x * 7 + y * 31 + k * 55) % (max + 1)) as u16;
                        plane.row_mut(y).iter_mut().enumerate().for_each(|(x, s)| *s = v(x));
                    }
                }
                let color = Color { matrix, full_range, ..Color::default() };
                let image = convert(&p, color);
                if chroma == ChromaFormat::Mono {
                    assert!(image.pixels.iter().all(|&v| v & 255 == v >> 16));
                    continue;
                }
                if matrix == 0 && chroma != ChromaFormat::Yuv444 {
                    continue;
                }
                let expected = rgb::to_rgb(&p, color, 255);
                for (&v, e) in image.pixels.iter().zip(expected.chunks(3)) {
                    let got = [v >> 16, v >> 8 & 255, v & 255];
                    assert!(got.iter().zip(e).all(|(&a, &b)| a.abs_diff(b.into()) <= 1), "{got:?} {e:?}");
                }
            }
        }
    }

    #[test]
    fn films_of_high_definition_are_bt_709() {
        let unknown = Color::default();
        assert_eq!((shown_color(unknown, 1080).matrix, shown_color(unknown, 576).matrix), (1, 2));
        let known = Color { matrix: 5, ..unknown };
        assert_eq!(shown_color(known, 1080), known);
    }
}
