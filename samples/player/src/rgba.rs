//! From YCbCr pictures to what a canvas takes, with chroma interpolated by a triangle filter as `girih decode` does
//! for images, but in 14-bit fixed point.

use girih::{ChromaFormat, Color, Picture, Plane};

const BITS: u32 = 14;

/// Factors of the conversion for one colour description and bit depth.
struct Matrix {
    black: i32,
    half: i32,
    luma: i32,
    red: i32,
    green: [i32; 2],
    blue: i32,
}

impl Matrix {
    fn new(color: Color, depth: u8) -> Self {
        // Luma weights of red and blue by the matrix coefficients' code point (ITU-T H.273).
        let (kr, kb) = match color.matrix {
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            7 => (0.212, 0.087),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        };
        let unit = f64::from(1u16 << (depth - 8));
        let full = 256.0 * unit - 1.0;
        let (black, y_range, c_range) =
            if color.full_range { (0.0, full, full) } else { (16.0 * unit, 219.0 * unit, 224.0 * unit) };
        let fixed = |v: f64| (v * 255.0 * f64::from(1 << BITS)).round() as i32;
        let (r, b) = (2.0 * (1.0 - kr), 2.0 * (1.0 - kb));
        let g = 1.0 - kr - kb;
        Matrix {
            black: black as i32,
            half: 128 << (depth - 8),
            luma: fixed(1.0 / y_range),
            red: fixed(r / c_range),
            green: [fixed(-kb * b / g / c_range), fixed(-kr * r / g / c_range)],
            blue: fixed(b / c_range),
        }
    }
}

fn clip(v: i32) -> u8 {
    ((v + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8
}

/// Writes the pixels R, G, B, 255 of a picture.
pub fn convert(picture: &Picture, color: Color, out: &mut Vec<u8>) {
    let format = picture.format;
    let m = Matrix::new(color, format.bit_depth);
    let (width, height) = (format.width, format.height);
    out.resize(width * height * 4, 255);
    let mut chroma = [vec![m.half; width + 1], vec![m.half; width + 1]];
    let mut column = Vec::new();
    for (y, out) in out.chunks_exact_mut(width * 4).enumerate() {
        for (plane, row) in picture.planes.iter().skip(1).zip(&mut chroma) {
            match format.chroma {
                ChromaFormat::Yuv420 => chroma_row(plane, y, &mut column, row),
                _ => row.iter_mut().zip(plane.row(y)).for_each(|(o, &v)| *o = v.into()),
            }
        }
        let [cb, cr] = &chroma;
        let luma = picture.planes[0].row(y);
        let pixels = out.chunks_exact_mut(4).zip(luma).zip(cb.iter().zip(cr));
        if color.matrix == 0 && format.chroma == ChromaFormat::Yuv444 {
            // Identity: the planes are green, blue and red, all in luma's range.
            for ((pixel, &g), (&b, &r)) in pixels {
                let rgb = [r, g.into(), b].map(|v| clip((v - m.black) * m.luma));
                pixel[..3].copy_from_slice(&rgb);
            }
            continue;
        }
        for ((pixel, &luma), (&cb, &cr)) in pixels {
            let (l, cb, cr) = ((i32::from(luma) - m.black) * m.luma, cb - m.half, cr - m.half);
            pixel[0] = clip(l + cr * m.red);
            pixel[1] = clip(l + cb * m.green[0] + cr * m.green[1]);
            pixel[2] = clip(l + cb * m.blue);
            pixel[3] = 255;
        }
    }
}

/// One row of chroma of 4:2:0 at luma's resolution; chroma samples sit in the centre of 2x2 luma samples.
fn chroma_row(plane: &Plane, y: usize, column: &mut Vec<i32>, out: &mut [i32]) {
    let far =
        if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(plane.height() - 1) };
    let rows = plane.row(y / 2).iter().zip(plane.row(far));
    column.clear();
    column.extend(rows.map(|(&near, &far)| 3 * i32::from(near) + i32::from(far)));
    let last = column.len() - 1;
    for (x, out) in out.chunks_exact_mut(2).enumerate().take(column.len()) {
        let near = 3 * column[x] + 8;
        out[0] = (near + column[x.saturating_sub(1)]) >> 4;
        out[1] = (near + column[(x + 1).min(last)]) >> 4;
    }
}
