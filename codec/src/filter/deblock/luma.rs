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
fn bend(a: i32, b: i32, c: i32) -> i32 {
    (a - 2 * b + c).abs()
}

/// Filters four lines p3..p0 q0..q3. Returns false when the edge is left alone.
pub fn filter_segment(lines: &mut [[i32; 8]; 4], s: Segment) -> bool {
    let (beta, tc) = (i32::from(s.t.beta), i32::from(s.t.tc));
    let p_bend = |l: &[i32; 8]| bend(l[1], l[2], l[3]);
    let q_bend = |l: &[i32; 8]| bend(l[6], l[5], l[4]);
    let (first, last) = (&lines[0], &lines[3]);
    let (dp, dq) = (p_bend(first) + p_bend(last), q_bend(first) + q_bend(last));
    if tc == 0 || dp + dq >= beta {
        return false;
    }
    let flat = |l: &[i32; 8]| {
        2 * (p_bend(l) + q_bend(l)) < beta >> 2
            && (l[0] - l[3]).abs() + (l[4] - l[7]).abs() < beta >> 3
            && (l[3] - l[4]).abs() < (5 * tc + 1) >> 1
    };
    if s.reach_p >= 3 && s.reach_q >= 3 && flat(first) && flat(last) {
        lines.iter_mut().for_each(|l| strong(l, tc));
    } else {
        let side = (beta + (beta >> 1)) >> 3;
        let (wide_p, wide_q) = (s.reach_p >= 3 && dp < side, s.reach_q >= 3 && dq < side);
        lines.iter_mut().for_each(|l| normal(l, tc, wide_p, wide_q));
    }
    true
}

/// Smooths three samples on each side.
fn strong(l: &mut [i32; 8], tc: i32) {
    let [p3, p2, p1, p0, q0, q1, q2, q3] = *l;
    let near = |old: i32, new: i32| new.clamp(old - 2 * tc, old + 2 * tc);
    l[1] = near(p2, (2 * p3 + 3 * p2 + p1 + p0 + q0 + 4) >> 3);
    l[2] = near(p1, (p2 + p1 + p0 + q0 + 2) >> 2);
    l[3] = near(p0, (p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4) >> 3);
    l[4] = near(q0, (p1 + 2 * p0 + 2 * q0 + 2 * q1 + q2 + 4) >> 3);
    l[5] = near(q1, (p0 + q0 + q1 + q2 + 2) >> 2);
    l[6] = near(q2, (p0 + q0 + q1 + 3 * q2 + 2 * q3 + 4) >> 3);
}

/// Moves the two sides towards each other; the second sample follows where its side is smooth.
fn normal(l: &mut [i32; 8], tc: i32, wide_p: bool, wide_q: bool) {
    let [_, p2, p1, p0, q0, q1, q2, _] = *l;
    let delta = (9 * (q0 - p0) - 3 * (q1 - p1) + 8) >> 4;
    if delta.abs() >= 10 * tc {
        return; // a step this large is in the picture itself
    }
    let delta = delta.clamp(-tc, tc);
    let half = tc >> 1;
    l[3] = p0 + delta;
    l[4] = q0 - delta;
    if wide_p {
        l[2] = p1 + ((((p2 + p0 + 1) >> 1) - p1 + delta) >> 1).clamp(-half, half);
    }
    if wide_q {
        l[5] = q1 + ((((q2 + q0 + 1) >> 1) - q1 - delta) >> 1).clamp(-half, half);
    }
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
