//! The filters' shapes: diamonds whose opposite taps share a coefficient.

use crate::filter::window::STRIDE;

/// Coefficients of a luma filter, besides the middle one that makes their sum 1.
pub const LUMA_TAPS: usize = 12;
/// The same of the chroma filter.
pub const CHROMA_TAPS: usize = 6;
/// Coefficients are in 1/128.
pub const SCALE_BITS: u32 = 7;

/// Coefficients of a luma filter.
pub type LumaFilter = [i8; LUMA_TAPS];
/// Coefficients of the chroma filter.
pub type ChromaFilter = [i8; CHROMA_TAPS];

/// Upper half of the 7x7 diamond as (x, y), in raster order.
const LUMA: [(isize, isize); LUMA_TAPS] = [
    (0, -3),
    (-1, -2),
    (0, -2),
    (1, -2),
    (-2, -1),
    (-1, -1),
    (0, -1),
    (1, -1),
    (2, -1),
    (-3, 0),
    (-2, 0),
    (-1, 0),
];

/// Upper half of the 5x5 diamond.
const CHROMA: [(isize, isize); CHROMA_TAPS] = [(0, -2), (-1, -1), (0, -1), (1, -1), (-2, 0), (-1, 0)];

const fn offsets<const N: usize>(taps: [(isize, isize); N]) -> [isize; N] {
    let mut out = [0; N];
    let mut k = 0;
    while k < N {
        out[k] = taps[k].1 * STRIDE as isize + taps[k].0;
        k += 1;
    }
    out
}

/// Distances in a window from a sample to its luma taps; the opposite taps lie at the negative distances.
pub const LUMA_OFFSETS: [isize; LUMA_TAPS] = offsets(LUMA);
pub const CHROMA_OFFSETS: [isize; CHROMA_TAPS] = offsets(CHROMA);

/// How a filter is turned for a block, so that one filter serves structures in four attitudes. Bit 0: the
/// diamond is transposed; bit 1: it is turned upside down (after that).
pub const TURNS: usize = 4;

/// `TURNED[t][k]` is the tap that has coefficient k when a filter is turned by t.
pub const TURNED: [[usize; LUMA_TAPS]; TURNS] = turned();

const fn turned() -> [[usize; LUMA_TAPS]; TURNS] {
    let mut out = [[0; LUMA_TAPS]; TURNS];
    let mut t = 0;
    while t < TURNS {
        let mut k = 0;
        while k < LUMA_TAPS {
            let (mut x, mut y) = LUMA[k];
            if t & 1 == 1 {
                (x, y) = (y, x);
            }
            if t & 2 == 2 {
                y = -y;
            }
            let mut i = 0;
            while i < LUMA_TAPS {
                let (a, b) = LUMA[i];
                if (a == x && b == y) || (a == -x && b == -y) {
                    out[t][k] = i;
                }
                i += 1;
            }
            k += 1;
        }
        t += 1;
    }
    out
}

/// Pairs of 16-bit coefficients as a vector multiplies them: the taps', then the middle one and the rounding
/// constant, and zeros up to a whole number of vectors.
pub type Packed<const VECTORS: usize> = [[i32; 4]; VECTORS];
pub const LUMA_PAIRS: usize = LUMA_TAPS / 2 + 1;
pub const CHROMA_PAIRS: usize = CHROMA_TAPS / 2 + 1;
/// Vectors that hold them.
pub const LUMA_VECTORS: usize = LUMA_PAIRS.div_ceil(4);
pub const CHROMA_VECTORS: usize = CHROMA_PAIRS.div_ceil(4);

/// Packs a filter.
pub fn pack<const VECTORS: usize>(filter: &[i8]) -> Packed<VECTORS> {
    let pair = |a: i16, b: i16| i32::from(a as u16) | i32::from(b) << 16;
    let mut packed = [[0; 4]; VECTORS];
    for (p, c) in packed.as_flattened_mut().iter_mut().zip(filter.chunks_exact(2)) {
        *p = pair(i16::from(c[0]), i16::from(c[1]));
    }
    let sum: i16 = filter.iter().map(|&c| i16::from(c)).sum();
    packed.as_flattened_mut()[filter.len() / 2] = pair((1 << SCALE_BITS) - 2 * sum, 1 << (SCALE_BITS - 1));
    packed
}

/// A luma filter's coefficients by tap when turned.
pub fn turn(filter: &LumaFilter, turn: usize) -> LumaFilter {
    let mut out = [0; LUMA_TAPS];
    for (&c, &tap) in filter.iter().zip(&TURNED[turn]) {
        out[tap] = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_permutations_and_undo_themselves() {
        for (t, taps) in TURNED.iter().enumerate() {
            let mut seen = [false; LUMA_TAPS];
            taps.iter().for_each(|&k| seen[k] = true);
            assert_eq!(seen, [true; LUMA_TAPS]);
            let filter = std::array::from_fn(|k| k as i8 * 7 - 30);
            assert_eq!(turn(&turn(&filter, t), t), filter);
        }
        assert_eq!(TURNED[0], std::array::from_fn(|k| k));
        // The vertical tap at distance 3 becomes the horizontal one.
        assert_eq!(TURNED[1][0], 9);
    }

    #[test]
    fn coefficients_sum_to_one() {
        let packed: Packed<LUMA_VECTORS> = pack(&[3, -4, 5, 6, -128, 127, 0, 1, 2, 3, 4, 5]);
        let halves = |v: i32| (v as i16, (v >> 16) as i16);
        let packed = packed.as_flattened();
        let taps: i16 = packed[..6].iter().map(|&v| halves(v).0 + halves(v).1).sum();
        let (middle, rounding) = halves(packed[6]);
        assert_eq!((2 * taps + middle, rounding), (128, 64));
    }
}
