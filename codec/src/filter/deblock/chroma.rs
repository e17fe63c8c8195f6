//! The chroma filter: one sample on each side of strong edges.

use fearless_simd::{i16x8, prelude::*};

/// Filters the line p1 p0 | q0 q1 and returns the new p0 and q0, not yet limited to the sample range.
#[inline]
pub fn filter_line(p1: i32, p0: i32, q0: i32, q1: i32, tc: i32) -> (i32, i32) {
    let delta = ((((q0 - p0) << 2) + p1 - q1 + 4) >> 3).clamp(-tc, tc);
    (p0 + delta, q0 - delta)
}

/// The same on eight lines p3..p0 q0..q3, limited to 0..=`max`; lines with `tc` 0 stay.
#[inline(always)]
pub fn filter<S: Simd>(simd: S, lines: &mut [i16x8<S>; 8], tc: i16x8<S>, max: i16) {
    let [_, _, p1, p0, q0, q1, _, _] = *lines;
    let delta = (((q0 - p0) << 2) + p1 - q1 + 4) >> 3;
    let delta = delta.min(tc).max(-tc);
    let zero = i16x8::splat(simd, 0);
    lines[3] = (p0 + delta).max(zero).min(max);
    lines[4] = (q0 - delta).max(zero).min(max);
}
