//! Pictures as pixels of a screen: red, green and blue of 8 bits, by integers.
//!
//! The same as [`still::rgb`](crate::still), which is exact, but for one step in 256 here and there. Each row is made by
//! itself, so that rows can be shared between threads.

use crate::api::Color;
use crate::picture::{ChromaFormat, Format, Picture, Plane};

/// Fractional bits of the matrix.
const BITS: u32 = 14;

/// Makes pixels of pictures of one format and colour description.
#[derive(Clone, Debug)]
pub struct Screen {
    format: Format,
    /// The planes are green, blue and red.
    identity: bool,
    /// Luma's black, and the middle of chroma.
    black: i32,
    half: i32,
    luma: i32,
    red: i32,
    green: [i32; 2],
    blue: i32,
}

/// What [`Screen::row`] works with.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Chroma at luma's resolution.
    chroma: [Vec<i32>; 2],
    /// A row of chroma at its own.
    column: Vec<i32>,
}

impl Screen {
    /// For pictures of this format whose samples mean `color`; if that does not tell the matrix, films of high
    /// definition are BT.709, others BT.601.
    pub fn new(format: Format, color: Color) -> Self {
        let matrix = if color.matrix == 2 && format.height >= 720 { 1 } else { color.matrix };
        let color = Color { matrix, ..color };
        let (black, y_range, c_range) = color.ranges(format.bit_depth);
        let (kr, kb) = color.weights();
        let fixed = |v: f32| (v * 255.0 * (1 << BITS) as f32).round() as i32;
        // Chroma comes with 4 more bits, from interpolation.
        let (r, b) = (2.0 * (1.0 - kr) / c_range / 16.0, 2.0 * (1.0 - kb) / c_range / 16.0);
        let kg = 1.0 - kr - kb;
        Screen {
            format,
            identity: matrix == 0 && format.chroma == ChromaFormat::Yuv444,
            black: black as i32,
            half: 1 << (format.bit_depth - 1),
            luma: fixed(1.0 / y_range),
            red: fixed(r),
            green: [fixed(kb * b / kg), fixed(kr * r / kg)],
            blue: fixed(b),
        }
    }

    /// Makes row `y` of a picture; `pixel` makes a pixel of red, green and blue.
    ///
    /// # Panics
    /// If the picture is of another format or has no such row.
    pub fn row<P>(
        &self,
        picture: &Picture,
        y: usize,
        row: &mut Row,
        out: &mut [P],
        pixel: impl Fn(u8, u8, u8) -> P,
    ) {
        assert!(picture.format == self.format);
        let luma = picture.planes[0].row(y);
        if self.identity {
            let level = |v: u16| channel(self.level(v));
            let colors = picture.planes[1].row(y).iter().zip(picture.planes[2].row(y));
            for ((out, &g), (&b, &r)) in out.iter_mut().zip(luma).zip(colors) {
                *out = pixel(level(r), level(g), level(b));
            }
            return;
        }
        let Row { chroma, column } = row;
        for (chroma, plane) in chroma.iter_mut().zip(1..) {
            chroma.resize(self.format.width.next_multiple_of(2), 0);
            if let Some(plane) = picture.planes.get(plane) {
                self.chroma(plane, y, column, chroma);
            }
        }
        let [cb, cr] = &*chroma;
        for ((out, &luma), (&cb, &cr)) in out.iter_mut().zip(luma).zip(cb.iter().zip(cr)) {
            let l = self.level(luma);
            let r = channel(l + cr * self.red);
            let g = channel(l - cb * self.green[0] - cr * self.green[1]);
            let b = channel(l + cb * self.blue);
            *out = pixel(r, g, b);
        }
    }

    /// Luma, with a half for rounding.
    // For every sample, and where code is made small it would stay a function.
    #[inline(always)]
    fn level(&self, y: u16) -> i32 {
        (i32::from(y) - self.black) * self.luma + (1 << (BITS - 1))
    }

    /// 16 times one row of chroma at luma's resolution, less its middle. Samples of 4:2:0 sit in the centre of 2x2 of luma;
    /// between them a triangle filter interpolates.
    fn chroma(&self, plane: &Plane, y: usize, column: &mut Vec<i32>, out: &mut [i32]) {
        let half = self.half;
        if self.format.chroma == ChromaFormat::Yuv444 {
            out.iter_mut().zip(plane.row(y)).for_each(|(o, &v)| *o = 16 * (i32::from(v) - half));
            return;
        }
        let other =
            if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(plane.height() - 1) };
        let rows = plane.row(y / 2).iter().zip(plane.row(other));
        let vertical = rows.map(|(&near, &far)| 3 * i32::from(near) + i32::from(far) - 4 * half);
        // With the first and the last one twice.
        column.clear();
        column.push(0);
        column.extend(vertical);
        column[0] = column[1];
        column.push(column[column.len() - 1]);
        for (pair, c) in out.chunks_exact_mut(2).zip(column.windows(3)) {
            pair[0] = 3 * c[1] + c[0];
            pair[1] = 3 * c[1] + c[2];
        }
    }
}

#[inline(always)]
fn channel(v: i32) -> u8 {
    (v >> BITS).clamp(0, 255) as u8
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;
    use crate::still::rgb;

    fn pixels(picture: &Picture, color: Color) -> Vec<[u8; 3]> {
        let Format { width, height, .. } = picture.format;
        let (screen, mut row) = (Screen::new(picture.format, color), Row::default());
        let mut out = vec![[0; 3]; width * height];
        for (y, out) in out.chunks_exact_mut(width).enumerate() {
            screen.row(picture, y, &mut row, out, |r, g, b| [r, g, b]);
        }
        out
    }

    fn pattern(format: Format) -> Picture {
        let mut p = Picture::new(format);
        let max = usize::from(format.max_value());
        for (k, plane) in p.planes.iter_mut().enumerate() {
            for y in 0..plane.height() {
                let v = |x: usize| ((x * x * 7 + y * 31 + k * 55) % (max + 1)) as u16;
                plane.row_mut(y).iter_mut().enumerate().for_each(|(x, s)| *s = v(x));
            }
        }
        p
    }

    #[test]
    fn pixels_are_those_of_decoded_images() {
        for (chroma, bit_depth) in [
            (ChromaFormat::Mono, 8),
            (ChromaFormat::Yuv420, 8),
            (ChromaFormat::Yuv420, 10),
            (ChromaFormat::Yuv444, 10),
        ] {
            for (matrix, full_range) in [(1, false), (2, false), (5, true), (9, false), (0, true)] {
                let p = pattern(Format { width: 37, height: 21, chroma, bit_depth });
                let color = Color { matrix, full_range, ..Color::default() };
                let found = pixels(&p, color);
                let expected = if chroma == ChromaFormat::Mono {
                    rgb::to_gray(&p, color, 255).into_iter().flat_map(|v| [v; 3]).collect()
                } else if matrix == 0 && chroma != ChromaFormat::Yuv444 {
                    continue;
                } else {
                    rgb::to_rgb(&p, color, 255)
                };
                for (f, e) in found.iter().zip(expected.chunks(3)) {
                    assert!(f.iter().zip(e).all(|(&a, &b)| b.abs_diff(a.into()) <= 1), "{f:?} {e:?}");
                }
            }
        }
    }

    #[test]
    fn films_of_high_definition_are_bt_709() {
        for (height, matrix) in [(720, 1), (576, 5)] {
            let p = pattern(Format { width: 4, height, chroma: ChromaFormat::Yuv420, bit_depth: 8 });
            let unknown = Color::default();
            assert!(pixels(&p, unknown) == pixels(&p, Color { matrix, ..unknown }));
            assert!(pixels(&p, unknown) != pixels(&p, Color { matrix: 9, ..unknown }));
        }
    }
}
