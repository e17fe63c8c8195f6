//! The direction of the structure in an 8x8 block.

use crate::filter::transpose;
use crate::filter::window::STRIDE;
use fearless_simd::{i16x8, i32x4, prelude::*, u16x8};

/// Samples of a window that an 8x8 block spans.
pub type Block = [u16; 7 * STRIDE + 8];

/// What the search found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// 0..7: from up-right (0) clockwise in steps of 22.5 degrees; 2 is horizontal, 6 vertical.
    pub index: u8,
    /// How much clearer this direction is than the one at right angles: contrast of the structure.
    pub variance: u32,
}

/// The best of the eight directions.
#[inline(always)]
pub fn pick(costs: [i32; 8]) -> Direction {
    let mut best = 0;
    for d in 1..8 {
        if costs[d] > costs[best] {
            best = d;
        }
    }
    let variance = (costs[best] - costs[(best + 4) & 7]) >> 10;
    Direction { index: best as u8, variance: variance as u32 }
}

/// The direction in which the block is best described by the means of its lines, that is, in which the sum of
/// the squared line sums divided by their lengths is largest; the first one wins a tie. Vectors are rows or
/// columns of the block; `scalar::search` says the same more plainly.
#[inline(always)]
pub fn search<S: Simd>(simd: S, block: &Block, bit_depth: u8) -> Direction {
    let shift = u32::from(bit_depth) - 8;
    let mut rows = [i16x8::splat(simd, 0); 8];
    for (i, row) in rows.iter_mut().enumerate() {
        let v = u16x8::from_slice(simd, &block[i * STRIDE..i * STRIDE + 8]) >> shift;
        *row = v.bitcast::<i16x8<S>>() - 128;
    }
    let columns = transpose(rows);
    let [up, down] = diagonals(simd, &rows);
    let (steep_left, steep_right, vertical) = steep(simd, &rows);
    let (flat_down, flat_up, horizontal) = steep(simd, &columns);
    let even = sum4([up, horizontal, down, vertical]);
    let odd = sum4([flat_up, flat_down, steep_left, steep_right]);
    let (e, o) = (even.to_array(), odd.to_array());
    pick([e[0], o[0], e[1], o[1], e[2], o[2], e[3], o[3]])
}

/// Adds up the lanes of each of four vectors.
#[inline(always)]
fn sum4<S: Simd>(v: [i32x4<S>; 4]) -> i32x4<S> {
    let a = v[0].zip_low(v[1]) + v[0].zip_high(v[1]);
    let b = v[2].zip_low(v[3]) + v[2].zip_high(v[3]);
    // a = (v0, v1, v0, v1), b likewise: 64-bit halves are exchanged through 32-bit zips.
    let low = a.zip_low(b); // v0 v2 v1 v3
    let high = a.zip_high(b);
    let sum = low + high;
    let swapped = sum.slide::<2>(sum); // v1 v3 v0 v2
    sum.zip_low(swapped)
}

/// `v` moved right by N of sixteen lanes, as two vectors.
#[inline(always)]
fn moved<S: Simd, const BACK: usize>(simd: S, v: i16x8<S>) -> (i16x8<S>, i16x8<S>) {
    let zero = i16x8::splat(simd, 0);
    (zero.slide::<BACK>(v), v.slide::<BACK>(zero))
}

/// Weighted squares of the lines, of which line k and line last - k have the weight of lane k.
#[inline(always)]
fn squares<S: Simd>(simd: S, low: i16x8<S>, mirrored: i16x8<S>, weights: [[i32; 4]; 2]) -> i32x4<S> {
    let (a, b) = (low.zip_low(mirrored), low.zip_high(mirrored));
    let (a, b) = (a.pairwise_dot_product(a), b.pairwise_dot_product(b));
    a * i32x4::simd_from(simd, weights[0]) + b * i32x4::simd_from(simd, weights[1])
}

/// Costs of the two diagonals, up-right and down-right.
#[inline(always)]
fn diagonals<S: Simd>(simd: S, r: &[i16x8<S>; 8]) -> [i32x4<S>; 2] {
    const WEIGHTS: [[i32; 4]; 2] = [[840, 420, 280, 210], [168, 140, 120, 105]];
    #[inline(always)]
    fn one<S: Simd>(simd: S, r: [i16x8<S>; 8]) -> i32x4<S> {
        let shifted = [
            moved::<S, 7>(simd, r[1]),
            moved::<S, 6>(simd, r[2]),
            moved::<S, 5>(simd, r[3]),
            moved::<S, 4>(simd, r[4]),
            moved::<S, 3>(simd, r[5]),
            moved::<S, 2>(simd, r[6]),
            moved::<S, 1>(simd, r[7]),
        ];
        let (mut low, mut high) = (r[0], i16x8::splat(simd, 0));
        for (l, h) in shifted {
            low += l;
            high += h;
        }
        // Line 14 - k, in lane 6 - k of `high`, beside line k.
        let mirrored = high.reverse().slide::<1>(i16x8::splat(simd, 0));
        squares(simd, low, mirrored, WEIGHTS)
    }
    let [a, b, c, d, e, f, g, h] = *r;
    [one(simd, *r), one(simd, [h, g, f, e, d, c, b, a])]
}

/// Costs of the two directions next to the vertical one, left and right at the top, and of itself.
#[inline(always)]
fn steep<S: Simd>(simd: S, r: &[i16x8<S>; 8]) -> (i32x4<S>, i32x4<S>, i32x4<S>) {
    const WEIGHTS: [[i32; 4]; 2] = [[420, 210, 140, 105], [105; 4]];
    #[inline(always)]
    fn one<S: Simd>(simd: S, p: [i16x8<S>; 4]) -> i32x4<S> {
        let shifted = [moved::<S, 7>(simd, p[1]), moved::<S, 6>(simd, p[2]), moved::<S, 5>(simd, p[3])];
        let (mut low, mut high) = (p[0], i16x8::splat(simd, 0));
        for (l, h) in shifted {
            low += l;
            high += h;
        }
        // Line 10 - k, in lane 2 - k of `high`, beside line k.
        let mirrored = high.reverse().slide::<5>(i16x8::splat(simd, 0));
        squares(simd, low, mirrored, WEIGHTS)
    }
    let [a, b, c, d] = [r[0] + r[1], r[2] + r[3], r[4] + r[5], r[6] + r[7]];
    let straight = (a + b) + (c + d);
    let straight = straight.pairwise_dot_product(straight) * 105;
    (one(simd, [d, c, b, a]), one(simd, [a, b, c, d]), straight)
}

#[cfg(test)]
mod tests {
    use super::super::scalar;
    use super::*;
    use crate::kernel::testing::levels;
    use fearless_simd::dispatch;

    #[test]
    fn vectors_agree_with_scalars() {
        let mut state = 7u32;
        for round in 0..2000 {
            let depth = if round % 2 == 0 { 8 } else { 10 };
            let mut block = [0u16; 7 * STRIDE + 8];
            let (a, b) = (round / 16 % 9, round / 144 % 9);
            for (i, v) in block.iter_mut().enumerate() {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                let ramp = (i % STRIDE * a + i / STRIDE * b) as u32 * 3;
                let noise = if round < 16 { 0xffff } else { 0x1f };
                *v = ((ramp + ((state >> 13) & noise)) & ((1 << depth) - 1)) as u16;
            }
            let expected = scalar::search(&block, depth);
            for level in levels() {
                let found = dispatch!(level, simd => search(simd, &block, depth));
                assert_eq!(found, expected, "round {round}");
            }
        }
    }

    #[test]
    fn finds_lines() {
        // Stripes along the step (dx, dy) of the direction's second tap.
        for (index, (dx, dy)) in
            [(2, -2), (2, -1), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (-1, 2)].into_iter().enumerate()
        {
            let mut block = [0u16; 7 * STRIDE + 8];
            for y in 0..8 {
                for x in 0..8 {
                    let distance: i32 = x * dy - y * dx + 3;
                    block[y as usize * STRIDE + x as usize] =
                        if distance.rem_euclid(12) < 6 { 40 } else { 200 };
                }
            }
            let found = scalar::search(&block, 8);
            assert_eq!(found.index as usize, index);
            assert!(found.variance > 1000);
        }
        assert_eq!(scalar::search(&[90; 7 * STRIDE + 8], 8), Direction::default());
    }
}
