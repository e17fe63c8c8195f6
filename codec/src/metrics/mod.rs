//! Measures of quality (MSE, PSNR, SSIM) and of efficiency (BD-rate).

mod bdrate;
mod ssim;

pub use bdrate::bd_rate;
pub use ssim::ssim;

use crate::picture::Plane;
use fearless_simd::{Level, dispatch};

/// Mean squared error over the samples that both planes have (borders do not count).
pub fn mse(a: &Plane, b: &Plane) -> f64 {
    let (w, h) = (a.width().min(b.width()), a.height().min(b.height()));
    if w == 0 || h == 0 {
        return 0.0;
    }
    let level = Level::new();
    let sum: u64 = (0..h)
        .map(|y| {
            let (ra, rb) = (&a.row(y)[..w], &b.row(y)[..w]);
            dispatch!(level, _simd => row_error(ra, rb))
        })
        .sum();
    sum as f64 / (w * h) as f64
}

/// Sum of squared differences of two rows.
#[inline(always)]
fn row_error(a: &[u16], b: &[u16]) -> u64 {
    a.iter().zip(b).map(|(&a, &b)| u64::from(u32::from(a.abs_diff(b)).pow(2))).sum()
}

/// Peak signal-to-noise ratio in dB of a mean squared error. An error below 1e-4 counts as 1e-4, so
/// that identical pictures have a finite value.
pub fn psnr(mse: f64, bit_depth: u8) -> f64 {
    let max = f64::from((1u32 << bit_depth) - 1);
    10.0 * (max * max / mse.max(1e-4)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(w: usize, h: usize, f: impl Fn(usize, usize) -> u16) -> Plane {
        let mut p = Plane::new(w, h, 3);
        for y in 0..h {
            for (x, v) in p.row_mut(y).iter_mut().enumerate() {
                *v = f(x, y);
            }
        }
        p
    }

    #[test]
    fn mse_counts_every_sample_once() {
        let a = plane(37, 11, |x, y| (x * 7 + y * 3) as u16);
        let b = plane(37, 11, |x, y| (x * 7 + y * 3) as u16 + if x == 36 { 5 } else { 0 });
        assert!((mse(&a, &b) - 25.0 / 37.0).abs() < 1e-12);
        assert_eq!(mse(&a, &a), 0.0);
    }

    #[test]
    fn mse_survives_extreme_samples() {
        let (a, b) = (plane(4096, 2, |_, _| 0), plane(4096, 2, |_, _| u16::MAX));
        assert_eq!(mse(&a, &b), 65535.0 * 65535.0);
    }

    #[test]
    fn psnr_of_known_errors() {
        assert!((psnr(1.0, 8) - 48.130_803_608_679_1).abs() < 1e-9);
        assert!((psnr(1.0, 10) - 60.197_508_266_131_2).abs() < 1e-3);
        assert_eq!(psnr(0.0, 8), psnr(1e-4, 8));
    }
}
