//! The ordinary luma filter on eight lines, two segments, at once. Vectors run over the lines.

use super::luma::Segment;
use fearless_simd::{i16x8, mask16x8, prelude::*, u8x16, u64x2};

/// One value for each segment's four lines.
#[inline(always)]
fn both<S: Simd>(simd: S, a: i16, b: i16) -> i16x8<S> {
    const FOUR: u64 = 0x0001_0001_0001_0001;
    let spread = |v: i16| u64::from(v as u16) * FOUR;
    u64x2::simd_from(simd, [spread(a), spread(b)]).bitcast()
}

#[inline(always)]
fn both_masks<S: Simd>(simd: S, a: bool, b: bool) -> mask16x8<S> {
    both(simd, i16::from(a), i16::from(b)).simd_gt(0)
}

/// Each segment's first line in all its lanes.
#[inline(always)]
fn first<S: Simd>(simd: S, v: i16x8<S>) -> i16x8<S> {
    const LANES: [u8; 16] = [0, 1, 0, 1, 0, 1, 0, 1, 8, 9, 8, 9, 8, 9, 8, 9];
    v.swizzle_dyn(u8x16::simd_from(simd, LANES))
}

/// Each segment's last line in all its lanes.
#[inline(always)]
fn last<S: Simd>(simd: S, v: i16x8<S>) -> i16x8<S> {
    const LANES: [u8; 16] = [6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15];
    v.swizzle_dyn(u8x16::simd_from(simd, LANES))
}

#[inline(always)]
fn bend<S: Simd>(a: i16x8<S>, b: i16x8<S>, c: i16x8<S>) -> i16x8<S> {
    (a - b - b + c).abs()
}

#[inline(always)]
fn near<S: Simd>(old: i16x8<S>, new: i16x8<S>, limit: i16x8<S>) -> i16x8<S> {
    new.max(old - limit).min(old + limit)
}

/// Filters p3..p0 q0..q3 of two segments as `scalar::filter_segment` does one, and limits the result to 0..=`max`; a segment with `tc` 0 is left alone. Returns false when nothing was done.
#[inline(always)]
pub fn filter<S: Simd>(simd: S, lines: &mut [i16x8<S>; 8], s: [Segment; 2], max: i16) -> bool {
    let [p3, p2, p1, p0, q0, q1, q2, q3] = *lines;
    let (beta, tc) = (both(simd, s[0].t.beta, s[1].t.beta), both(simd, s[0].t.tc, s[1].t.tc));
    let (bend_p, bend_q) = (bend(p2, p1, p0), bend(q2, q1, q0));
    let dp = first(simd, bend_p) + last(simd, bend_p);
    let dq = first(simd, bend_q) + last(simd, bend_q);
    let on = (dp + dq).simd_lt(beta) & tc.simd_gt(0);
    if on.all_false() {
        return false;
    }
    let wide_p = both_masks(simd, s[0].reach_p >= 3, s[1].reach_p >= 3);
    let wide_q = both_masks(simd, s[0].reach_q >= 3, s[1].reach_q >= 3);
    let flat = ((bend_p + bend_q) << 1).simd_lt(beta >> 2)
        & ((p3 - p0).abs() + (q0 - q3).abs()).simd_lt(beta >> 3)
        & (p0 - q0).abs().simd_lt((tc * 5 + 1) >> 1);
    let flat = flat.to_vector();
    let strong = (first(simd, flat) & last(simd, flat)).simd_lt(0) & on & wide_p & wide_q;
    let weak = on & !strong;
    if strong.any_true() {
        let limit = tc + tc;
        let edge = p0 + q0;
        let inner_p = p2 + p1 + edge;
        let inner_q = edge + q1 + q2;
        lines[1] = strong.select(near(p2, (p3 + p3 + p2 + p2 + inner_p + 4) >> 3, limit), p2);
        lines[2] = strong.select(near(p1, (inner_p + 2) >> 2, limit), p1);
        lines[3] = strong.select(near(p0, (inner_p + p1 + edge + q1 + 4) >> 3, limit), p0);
        lines[4] = strong.select(near(q0, (inner_q + q1 + edge + p1 + 4) >> 3, limit), q0);
        lines[5] = strong.select(near(q1, (inner_q + 2) >> 2, limit), q1);
        lines[6] = strong.select(near(q2, (inner_q + q2 + q2 + q3 + q3 + 4) >> 3, limit), q2);
    }
    if weak.any_true() {
        let (step, outer) = (q0 - p0, q1 - p1);
        let delta = ((step << 3) + step - outer - outer - outer + 8) >> 4;
        let weak = weak & delta.abs().simd_lt(tc * 10);
        let delta = delta.min(tc).max(-tc);
        let (half, side) = (tc >> 1, (beta + (beta >> 1)) >> 3);
        let follow = |a: i16x8<S>, b: i16x8<S>, mid: i16x8<S>, delta: i16x8<S>| {
            let change = (((a + b + 1) >> 1) - mid + delta) >> 1;
            mid + change.min(half).max(-half)
        };
        let zero = i16x8::splat(simd, 0);
        let range = |v: i16x8<S>| v.max(zero).min(max);
        lines[3] = weak.select(range(p0 + delta), lines[3]);
        lines[4] = weak.select(range(q0 - delta), lines[4]);
        let (also_p, also_q) = (weak & wide_p & dp.simd_lt(side), weak & wide_q & dq.simd_lt(side));
        lines[2] = also_p.select(range(follow(p2, p0, p1, delta)), lines[2]);
        lines[5] = also_q.select(range(follow(q2, q0, q1, -delta)), lines[5]);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::luma::reach;
    use super::super::scalar::filter_segment;
    use super::super::thresholds::Thresholds;
    use super::*;
    use crate::kernel::testing::{Rng, levels};
    use fearless_simd::dispatch;

    #[test]
    fn vectors_agree_with_scalars() {
        let mut r = Rng(5);
        let mut kinds = [0; 2];
        for round in 0..4000 {
            let max = if round % 2 == 0 { 255 } else { 1023 };
            let noise = [0, 1, 4, 300][round / 2 % 4];
            let segment = |r: &mut Rng| {
                let (tc, beta) = (r.range(0, 30), r.range(0, 90));
                let t = Thresholds { beta: beta as i16, tc: if r.range(0, 3) == 0 { 0 } else { tc as i16 } };
                let (reach_p, reach_q) = reach(r.range(2, 5) as u8, r.range(2, 5) as u8);
                Segment { t, reach_p, reach_q }
            };
            let s = [segment(&mut r), segment(&mut r)];
            let (left, step) = (r.range(0, max), r.range(-20, 20));
            let mut lines = [[[0i32; 8]; 4]; 2];
            for (k, v) in lines.as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
                let base = if k % 8 < 4 { left } else { left + step };
                *v = (base + r.range(-noise, noise)).clamp(0, max);
            }
            let input: [[i16; 8]; 8] =
                std::array::from_fn(|k| std::array::from_fn(|i| lines[i / 4][i % 4][k] as i16));
            for (lines, s) in lines.iter_mut().zip(s) {
                kinds[usize::from(filter_segment(lines, s))] += 1;
            }
            for level in levels() {
                let output = dispatch!(level, simd => {
                    let mut v = input.map(|l| i16x8::simd_from(simd, l));
                    filter(simd, &mut v, s, max as i16);
                    v.map(<[i16; 8]>::from)
                });
                for (k, found) in output.iter().enumerate() {
                    for (i, &found) in found.iter().enumerate() {
                        let expected = lines[i / 4][i % 4][k].clamp(0, max);
                        assert_eq!(i32::from(found), expected, "{s:?} {level:?} line {i} sample {k}");
                    }
                }
            }
        }
        assert!(kinds.iter().all(|&n| n > 500), "{kinds:?}");
    }
}
