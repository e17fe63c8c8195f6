//! Structural similarity as FFmpeg's `ssim` filter measures it.
//!
//! The plane is cut into 4x4 blocks and four integer sums are kept of each: of both planes' samples, of
//! all squares and of the products. A window is 2x2 such blocks, so windows of 8x8 samples overlap in
//! steps of 4; its similarity follows from the four sums of its blocks. The result is the plain mean over
//! all windows. Samples beyond the last whole 4x4 block do not count.
//!
//! It equals the filter's portable code. The filter's x86 kernels (FFmpeg 5.1) mistake the last window of
//! a row when width / 4 leaves 2 modulo 4, which moves the mean by some 0.1 / (width / 4).

use crate::picture::Plane;

/// Sums over a block of samples of two planes.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Sum of the first plane's samples.
    a: i64,
    /// Sum of the second plane's samples.
    b: i64,
    /// Sum of the squares of both.
    squares: i64,
    /// Sum of the products.
    product: i64,
}

impl Sums {
    /// Adds one row of samples.
    #[inline]
    fn row(&mut self, a: &[u16], b: &[u16]) {
        for (&a, &b) in a.iter().zip(b) {
            let (a, b) = (i64::from(a), i64::from(b));
            self.a += a;
            self.b += b;
            self.squares += a * a + b * b;
            self.product += a * b;
        }
    }

    fn plus(self, o: Sums) -> Sums {
        Sums {
            a: self.a + o.a,
            b: self.b + o.b,
            squares: self.squares + o.squares,
            product: self.product + o.product,
        }
    }

    /// Similarity of a window of `n` samples; `max` is the largest sample value.
    fn similarity(self, n: i64, max: f64) -> f64 {
        // The stabilising constants, scaled and rounded as FFmpeg does; the first one by n, not by n
        // squared, which is a quirk of that implementation that all its published numbers share.
        let c1 = (0.01 * 0.01 * max * max * n as f64 + 0.5).floor();
        let c2 = (0.03 * 0.03 * max * max * (n * (n - 1).max(1)) as f64 + 0.5).floor();
        let means = (self.a * self.b) as f64;
        let mean_squares = (self.a * self.a + self.b * self.b) as f64;
        let variances = (self.squares * n - self.a * self.a - self.b * self.b) as f64;
        let covariance = (self.product * n - self.a * self.b) as f64;
        (2.0 * means + c1) * (2.0 * covariance + c2) / ((mean_squares + c1) * (variances + c2))
    }
}

/// Sums of the row of 4x4 blocks whose top is sample row `y`.
fn block_row(a: &Plane, b: &Plane, y: usize, out: &mut [Sums]) {
    out.fill(Sums::default());
    for y in y..y + 4 {
        let blocks = a.row(y).chunks_exact(4).zip(b.row(y).chunks_exact(4));
        for (s, (a, b)) in out.iter_mut().zip(blocks) {
            s.row(a, b);
        }
    }
}

/// Mean structural similarity of two planes of one size, 1 for identical ones. It agrees with FFmpeg's
/// `ssim` filter; planes under 8 samples in a direction, for which that has no answer, are one window.
pub fn ssim(a: &Plane, b: &Plane, bit_depth: u8) -> f64 {
    let (w, h) = (a.width().min(b.width()), a.height().min(b.height()));
    let max = f64::from((1u32 << bit_depth) - 1);
    if w == 0 || h == 0 {
        return 1.0;
    }
    if w < 8 || h < 8 {
        let mut s = Sums::default();
        for y in 0..h {
            s.row(&a.row(y)[..w], &b.row(y)[..w]);
        }
        return s.similarity((w * h) as i64, max);
    }
    let (bw, bh) = (w / 4, h / 4);
    let mut above = vec![Sums::default(); bw];
    let mut below = above.clone();
    block_row(a, b, 0, &mut above);
    let mut total = 0.0;
    for y in 1..bh {
        block_row(a, b, 4 * y, &mut below);
        total += above
            .windows(2)
            .zip(below.windows(2))
            .map(|(t, u)| t[0].plus(t[1]).plus(u[0]).plus(u[1]).similarity(64, max))
            .sum::<f64>();
        std::mem::swap(&mut above, &mut below);
    }
    total / ((bw - 1) * (bh - 1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A textured plane; `noise` is the amplitude of a pseudo-random disturbance.
    fn pattern(w: usize, h: usize, bit_depth: u8, noise: i32) -> Plane {
        let max = (1i32 << bit_depth) - 1;
        let mut plane = Plane::new(w, h, 5);
        let mut state = 12345u32;
        for y in 0..h {
            for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                let n = (state >> 16) as i32 % (2 * noise + 1) - noise;
                let texture = (x * x + 3 * x * y + 7 * y) % 97 + x / 16 * 5;
                *v = (((texture as i32) << (bit_depth - 8)) + n).clamp(0, max) as u16;
            }
        }
        plane
    }

    /// Expected values: `ffmpeg -cpuflags 0 ... -lavfi ssim` (5.1) on these planes as gray and gray10le.
    #[test]
    fn agrees_with_ffmpeg() {
        for (w, h, depth, noise, expected) in [
            (64, 48, 8, 9, 0.981760),
            (72, 48, 8, 30, 0.835243),
            (64, 50, 8, 30, 0.834746),
            (76, 48, 10, 80, 0.921799),
            (320, 200, 10, 25, 0.991593),
        ] {
            let found = ssim(&pattern(w, h, depth, 0), &pattern(w, h, depth, noise), depth);
            assert!((found - expected).abs() < 2e-6, "{w}x{h}: {found}, not {expected}");
        }
    }

    #[test]
    fn identical_planes_and_tiny_planes() {
        for (w, h) in [(8, 8), (1, 1), (5, 40), (33, 7)] {
            let p = pattern(w, h, 8, 3);
            assert!((ssim(&p, &p, 8) - 1.0).abs() < 1e-12);
        }
        assert!(ssim(&pattern(5, 5, 8, 0), &pattern(5, 5, 8, 60), 8) < 0.99);
    }
}
