//! A first look at the coefficients of a transform block.

use fearless_simd::{Level, dispatch};

use super::level;

/// What a block's coefficients look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// Rough cost of coding them, in squares of the magnitudes' unit.
    pub cost: f32,
    /// Largest magnitude.
    pub most: f32,
}

/// Writes `scale` times the magnitudes of `coeffs` (a multiple of 8 of them, below 2^24) to `out`. In the cost, a
/// magnitude below `reach` counts as an error, others as 3 bits and a twentieth for each unit; `bit` is the cost of a bit.
pub fn weigh(coeffs: &[i32], scale: f32, reach: f32, bit: f32, out: &mut [f32]) -> Weight {
    weigh_at(level(), coeffs, scale, reach, bit, out)
}

fn weigh_at(level: Level, coeffs: &[i32], scale: f32, reach: f32, bit: f32, out: &mut [f32]) -> Weight {
    dispatch!(level, _ => lanes(coeffs, scale, reach, bit, out))
}

/// Eight lanes, of which the compiler makes vectors.
#[inline(always)]
fn lanes(coeffs: &[i32], scale: f32, reach: f32, bit: f32, out: &mut [f32]) -> Weight {
    let (mut sums, mut most) = ([0f32; 8], [0f32; 8]);
    for (coeffs, out) in coeffs.as_chunks::<8>().0.iter().zip(out.as_chunks_mut::<8>().0) {
        for k in 0..8 {
            let a = coeffs[k].unsigned_abs() as i32 as f32 * scale;
            out[k] = a;
            sums[k] += if a < reach { a * a } else { bit * (3.0 + a * 0.05) };
            most[k] = if a > most[k] { a } else { most[k] };
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    Weight { cost: ((a + b) + (c + d)) + ((e + f) + (g + h)), most: most.into_iter().fold(0.0, f32::max) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::testing::{Rng, levels};

    /// The plain twin.
    fn scalar(coeffs: &[i32], scale: f32, reach: f32, bit: f32, out: &mut [f32]) -> Weight {
        let mut sums = [0f32; 8];
        for (i, (&c, out)) in coeffs.iter().zip(out.iter_mut()).enumerate() {
            *out = c.abs() as f32 * scale;
            sums[i % 8] += if *out < reach { *out * *out } else { bit * (3.0 + *out * 0.05) };
        }
        let fours = [0, 4].map(|i| (sums[i] + sums[i + 1]) + (sums[i + 2] + sums[i + 3]));
        Weight { cost: fours[0] + fours[1], most: out.iter().copied().fold(0.0, f32::max) }
    }

    #[test]
    fn every_level_equals_the_scalar_twin() {
        let mut rng = Rng(3);
        for n in [16, 64, 128, 1024] {
            let coeffs: Vec<i32> = (0..n).map(|i| rng.range(-1, 1) * rng.range(0, 1 << (i % 18))).collect();
            let mut want = vec![0.0; n];
            let weight = scalar(&coeffs, 0.37, 9.0, 55.5, &mut want);
            for level in levels() {
                let mut got = vec![1.0; n];
                assert_eq!(weigh_at(level, &coeffs, 0.37, 9.0, 55.5, &mut got), weight, "{level:?} {n}");
                assert!(got == want, "{level:?} {n}");
            }
        }
    }
}
