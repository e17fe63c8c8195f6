//! The quantiser step (SPEC.md, "Dequantisation").

use crate::kernel::rows::{Rows, RowsMut};

/// Steps per doubling of the quantiser step.
const OCTAVE: usize = 24;

/// 2^14 * 2^((i/4 - 4) / 6) for i in 0..24, rounded.
const STEPS: [u32; OCTAVE] = [
    10321, 10624, 10935, 11255, 11585, 11925, 12274, 12634, 13004, 13385, 13777, 14181, 14596, 15024, 15464,
    15918, 16384, 16864, 17358, 17867, 18390, 18929, 19484, 20055,
];

/// Quantiser step for index `qi` (0..=255) in units of 2^-10 coefficient (orthonormal, times 4, at 8 bits):
/// 4096 * 2^((qi / 4 - 4) / 6).
#[inline]
pub fn step(qi: u8) -> u32 {
    let qi = usize::from(qi);
    ((STEPS[qi % OCTAVE] << (qi / OCTAVE)) + 2) >> 2
}

/// A coefficient from its value in 1/16 step, clamped to `bit_depth` + 8 signed bits.
#[inline]
pub fn dequantise(value: i32, step: u32, bit_depth: u8) -> i32 {
    let shift = 14 - (u32::from(bit_depth) - 8);
    let mag = (i64::from(value.unsigned_abs()) * i64::from(step) + (1 << (shift - 1))) >> shift;
    let limit = 1i64 << (bit_depth + 7);
    if value < 0 { -(mag.min(limit) as i32) } else { mag.min(limit - 1) as i32 }
}

/// [`dequantise`] of `w` x `h` values to coefficients, each with the length of its rows. Without branches and in 32 bits
/// unless a value is so large that it needs more.
#[inline]
pub fn dequantise_block(
    (values, stride): (&[i32], usize),
    (w, h): (usize, usize),
    step: u32,
    bit_depth: u8,
    (out, out_stride): (&mut [i32], usize),
) {
    let shift = 14 - (u32::from(bit_depth) - 8);
    let round = 1u32 << (shift - 1);
    let limit = 1u32 << (bit_depth + 7);
    let (mut from, mut to) = (Rows::new(values, stride), RowsMut::new(out, out_stride));
    for _ in 0..h {
        let (values, out) = (&from.next_row()[..w], &mut to.next_row()[..w]);
        // No magnitude is larger than all their bits together.
        let bits = values.iter().fold(0, |bits, v| bits | v.unsigned_abs());
        if u64::from(bits) * u64::from(step) + u64::from(round) > u64::from(u32::MAX) {
            for (c, &v) in out.iter_mut().zip(values) {
                *c = dequantise(v, step, bit_depth);
            }
            continue;
        }
        for (c, &v) in out.iter_mut().zip(values) {
            let sign = v >> 31;
            let mag = (v.unsigned_abs() * step + round) >> shift;
            let mag = mag.min(limit - 1 + (sign & 1) as u32) as i32;
            *c = (mag ^ sign) - sign;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_dequantised_as_single_values() {
        let values = [0, 1, -1, 16, -16, 248, -250, 4000, -4000, 70000, -70000, 1_048_560, -1_048_560];
        for qi in [0, 16, 100, 148, 200, 255] {
            for depth in [8, 10] {
                for n in 1..=values.len() {
                    let mut out = [7; 2 * 16];
                    let rows = (&values.repeat(2)[..], values.len());
                    dequantise_block(rows, (n, 2), step(qi), depth, (&mut out, 16));
                    for (i, &c) in out.iter().enumerate() {
                        let want = values[..n].get(i % 16).map_or(7, |&v| dequantise(v, step(qi), depth));
                        assert_eq!(c, want, "{i} of {n} {qi} {depth}");
                    }
                }
            }
        }
    }

    #[test]
    fn steps_double_every_24_and_match_the_formula() {
        for qi in 0..=255u8 {
            let exact = 4096.0 * ((f64::from(qi) / 4.0 - 4.0) / 6.0).exp2();
            assert!((f64::from(step(qi)) / exact - 1.0).abs() < 4e-4, "{qi}");
        }
        assert_eq!(dequantise(16, step(16), 8), 4);
        assert_eq!(dequantise(-16, step(16), 10), -16);
        assert_eq!(dequantise(i32::MIN + 1, step(255), 8), -32768);
    }
}
