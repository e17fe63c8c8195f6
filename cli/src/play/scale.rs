//! From the size of a picture to that of the window.

use girih::Rational;
use rayon::prelude::*;

use super::image::Image;

/// Where the picture lies in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// Size of a picture in square pixels: one side of it grows.
pub fn square(width: usize, height: usize, aspect: Rational) -> (usize, usize) {
    let (num, den) = (aspect.num as usize, aspect.den as usize);
    // What nobody means: unknown, and damaged headers.
    if num == 0 || den == 0 || num > den.saturating_mul(16) || den > num.saturating_mul(16) {
        return (width, height);
    }
    let grown = |v: usize, n: usize, d: usize| ((v as f64 * n as f64 / d as f64).round() as usize).max(1);
    if num >= den { (grown(width, num, den), height) } else { (width, grown(height, den, num)) }
}

/// The largest place in the window for a shape, in the middle.
pub fn fit(window: (usize, usize), shape: (usize, usize)) -> Place {
    let (w, h) = (window.0.max(1), window.1.max(1));
    let (sw, sh) = (shape.0.max(1), shape.1.max(1));
    let (width, height) = if w * sh <= h * sw {
        (w, ((w * sh) as f64 / sw as f64).round() as usize)
    } else {
        (((h * sw) as f64 / sh as f64).round() as usize, h)
    };
    let (width, height) = (width.clamp(1, w), height.clamp(1, h));
    Place { x: (w - width) / 2, y: (h - height) / 2, width, height }
}

/// Source samples and their weights, which sum to 256, for each of `n` samples of the destination: a triangle filter as wide as
/// the step.
fn taps(source: usize, n: usize) -> Vec<(usize, Vec<u32>)> {
    let step = source as f64 / n as f64;
    let reach = step.max(1.0);
    let one = |i: usize| {
        let center = (i as f64 + 0.5) * step - 0.5;
        let from = (center - reach).ceil().max(0.0) as usize;
        let to = ((center + reach).floor() as usize).min(source - 1);
        let weight = |k: usize| (1.0 - (k as f64 - center).abs() / reach).max(0.0);
        let sum: f64 = (from..=to).map(weight).sum();
        // Rounded so that they sum to the whole.
        let (mut exact, mut given) = (0.0, 0);
        let weights = (from..=to).map(|k| {
            exact += weight(k) / sum * 256.0;
            let w = exact.round() as u32 - given;
            given += w;
            w
        });
        (from, weights.collect())
    };
    (0..n).map(one).collect()
}

/// Draws the image into its place in a window of `width` pixels to a row; black around it.
pub fn draw(image: &Image, place: Place, window: &mut [u32], width: usize) {
    let inside = place.x..place.x + place.width;
    let same = (place.width, place.height) == (image.width, image.height);
    let (columns, rows) = if same {
        (Vec::new(), Vec::new())
    } else {
        (taps(image.width, place.width), taps(image.height, place.height))
    };
    window.par_chunks_exact_mut(width).enumerate().for_each_init(
        || vec![[0u32; 3]; image.width],
        |line, (y, out)| {
            if y < place.y || y >= place.y + place.height {
                out.fill(0);
                return;
            }
            out[..inside.start].fill(0);
            out[inside.end..].fill(0);
            let (y, out) = (y - place.y, &mut out[inside.clone()]);
            if same {
                out.copy_from_slice(&image.pixels[y * image.width..][..image.width]);
                return;
            }
            let (from, weights) = &rows[y];
            line.fill([0; 3]);
            for (k, &w) in weights.iter().enumerate() {
                let row = &image.pixels[(from + k) * image.width..][..image.width];
                for (l, &p) in line.iter_mut().zip(row) {
                    *l = [l[0] + (p >> 16) * w, l[1] + (p >> 8 & 255) * w, l[2] + (p & 255) * w];
                }
            }
            for (o, (from, weights)) in out.iter_mut().zip(&columns) {
                let mut sum = [0u32; 3];
                for (l, &w) in line[*from..].iter().zip(weights) {
                    sum = [sum[0] + l[0] * w, sum[1] + l[1] * w, sum[2] + l[2] * w];
                }
                let [r, g, b] = sum.map(|v| (v + (1 << 15)) >> 16);
                *o = r << 16 | g << 8 | b;
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_places() {
        assert_eq!(square(720, 576, Rational { num: 16, den: 15 }), (768, 576));
        assert_eq!(square(48, 80, Rational { num: 3, den: 4 }), (48, 107));
        assert_eq!(square(48, 80, Rational { num: 0, den: 1 }), (48, 80));
        assert_eq!(square(48, 80, Rational { num: u32::MAX, den: 1 }), (48, 80));
        assert_eq!(fit((100, 100), (200, 100)), Place { x: 0, y: 25, width: 100, height: 50 });
        assert_eq!(fit((300, 100), (50, 50)), Place { x: 100, y: 0, width: 100, height: 100 });
        assert_eq!(fit((1, 1), (9999, 1)), Place { x: 0, y: 0, width: 1, height: 1 });
        assert_eq!(fit((64, 48), (64, 48)), Place { x: 0, y: 0, width: 64, height: 48 });
    }

    #[test]
    fn scaling_keeps_flat_areas_and_letterboxes() {
        let image = Image { width: 8, height: 6, pixels: vec![0x204080; 48] };
        for size in [(8, 6), (24, 6), (5, 40), (3, 2), (100, 75)] {
            let place = fit(size, (8, 6));
            let mut window = vec![7; size.0 * size.1];
            draw(&image, place, &mut window, size.0);
            for (i, &p) in window.iter().enumerate() {
                let (x, y) = (i % size.0, i / size.0);
                let inside = (place.x..place.x + place.width).contains(&x)
                    && (place.y..place.y + place.height).contains(&y);
                assert_eq!(p, if inside { 0x204080 } else { 0 }, "{size:?} {x} {y}");
            }
        }
    }

    #[test]
    fn weights_sum_to_the_whole() {
        for (source, n) in [(1, 9), (9, 1), (640, 641), (1920, 700), (3, 1000)] {
            for (from, weights) in taps(source, n) {
                assert_eq!(weights.iter().sum::<u32>(), 256);
                assert!(from + weights.len() <= source);
            }
        }
    }
}
