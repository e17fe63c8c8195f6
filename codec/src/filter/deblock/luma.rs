//! The luma filters of one edge segment: four lines across an edge. Samples of a line are numbered
//! p(n-1)..p1 p0 | q0 q1..q(n-1) away from the edge.

use super::thresholds::Thresholds;

/// What may be done at an edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub t: Thresholds,
    /// Samples that may change on the p side: 1 or 3 (7 on both sides: the long filter may be used).
    pub reach_p: u8,
    /// Samples that may change on the q side.
    pub reach_q: u8,
}

/// Samples that an edge may change on a side whose transform is `1 << log2` wide. With this, no edge reads
/// what another one of the same direction changes, so that the order of edges does not matter.
#[inline]
pub fn reach(log2_p: u8, log2_q: u8) -> (u8, u8) {
    if log2_p >= 5 && log2_q >= 5 {
        (7, 7)
    } else {
        (if log2_p >= 3 { 3 } else { 1 }, if log2_q >= 3 { 3 } else { 1 })
    }
}

/// Second difference: zero on a slope, large on texture.
pub fn bend(a: i32, b: i32, c: i32) -> i32 {
    (a - 2 * b + c).abs()
}

/// Weights in 1/64 of the middle value against the far value, by distance from the edge.
const LONG_WEIGHT: [i32; 7] = [59, 50, 41, 32, 23, 14, 5];
/// How many times tc the sample at a distance may change.
const LONG_LIMIT: [i32; 7] = [6, 5, 4, 3, 2, 1, 1];

/// Filters four lines p7..p0 q0..q7 between two large transforms if both sides are flat: a ramp over seven
/// samples on each side. Returns false, having done nothing, when the ordinary filter should be tried.
pub fn filter_long(lines: &mut [[i32; 16]; 4], t: Thresholds) -> bool {
    let (beta, tc) = (i32::from(t.beta), i32::from(t.tc));
    // Bend near the edge averaged with that three samples farther.
    let p_bend = |l: &[i32; 16]| (bend(l[5], l[6], l[7]) + bend(l[2], l[3], l[4]) + 1) >> 1;
    let q_bend = |l: &[i32; 16]| (bend(l[10], l[9], l[8]) + bend(l[13], l[12], l[11]) + 1) >> 1;
    let both = |l: &[i32; 16]| p_bend(l) + q_bend(l);
    let (first, last) = (&lines[0], &lines[3]);
    if tc == 0 || both(first) + both(last) >= beta {
        return false;
    }
    let flat = |l: &[i32; 16]| {
        let tilt = ((l[4] - l[7]).abs() + (l[0] - l[4]).abs() + 1) >> 1;
        let tilt_q = ((l[11] - l[8]).abs() + (l[15] - l[11]).abs() + 1) >> 1;
        2 * both(l) < beta >> 4 && tilt + tilt_q < (3 * beta) >> 5 && (l[7] - l[8]).abs() < (5 * tc + 1) >> 1
    };
    if !(flat(first) && flat(last)) {
        return false;
    }
    for l in lines {
        let middle = (l[1..15].iter().sum::<i32>() + l[7] + l[8] + 8) >> 4;
        let (far_p, far_q) = ((l[0] + l[1] + 1) >> 1, (l[15] + l[14] + 1) >> 1);
        for (i, (&w, &limit)) in LONG_WEIGHT.iter().zip(&LONG_LIMIT).enumerate() {
            for (k, far) in [(7 - i, far_p), (8 + i, far_q)] {
                let new = (middle * w + far * (64 - w) + 32) >> 6;
                l[k] = new.clamp(l[k] - limit * tc, l[k] + limit * tc);
            }
        }
    }
    true
}
