//! The encoder's statistics: what is needed to find the best filter for any set of blocks.

use super::taps::{CHROMA_OFFSETS, CHROMA_TAPS, LUMA_OFFSETS, LUMA_TAPS, SCALE_BITS, TURNED};
use crate::filter::window::{load_4x4, part};
use fearless_simd::{i16x16, i32x8, prelude::*};

/// Sums of products over some blocks. The variables are a filter's n taps, each the sum of the two samples
/// minus twice the middle one, and, as the last, the wanted correction of the middle sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Taps.
    pub n: usize,
    /// Samples.
    count: f64,
    /// Sum of variable i times variable j, i <= j, at [`place`](i, j).
    sums: Vec<f64>,
}

/// Position of a pair of variables, i <= j.
const fn place(i: usize, j: usize) -> usize {
    j * (j + 1) / 2 + i
}

/// Taps of the larger filter.
pub const MOST_TAPS: usize = LUMA_TAPS;

const LUMA_SUMS: usize = place(LUMA_TAPS, LUMA_TAPS) + 1;
const CHROMA_SUMS: usize = place(CHROMA_TAPS, CHROMA_TAPS) + 1;

impl Moments {
    pub fn new(n: usize) -> Self {
        Moments { n, count: 0.0, sums: vec![0.0; place(n, n) + 1] }
    }

    pub fn add(&mut self, other: &Moments) {
        self.count += other.count;
        for (a, b) in self.sums.iter_mut().zip(&other.sums) {
            *a += b;
        }
    }

    /// Counts everything `times` times.
    pub fn scale(&mut self, times: f64) {
        self.count *= times;
        self.sums.iter_mut().for_each(|s| *s *= times);
    }

    /// Sum of the product of two taps.
    pub fn taps(&self, i: usize, j: usize) -> f64 {
        self.sums[place(i.min(j), i.max(j))]
    }

    /// Sum of the product of a tap and the wanted correction.
    pub fn wanted(&self, i: usize) -> f64 {
        self.sums[place(i, self.n)]
    }

    /// By how much a filter changes the squared error: negative is better. The error of rounding the result is
    /// estimated, limiting it to the sample range is left out of account.
    pub fn change(&self, filter: &[i8]) -> f64 {
        let c: Vec<f64> = filter.iter().map(|&c| f64::from(c) / f64::from(1 << SCALE_BITS)).collect();
        let (mut energy, mut gain) = (0.0, 0.0);
        for j in 0..self.n {
            let row: f64 = (0..j).map(|i| c[i] * self.taps(i, j)).sum();
            energy += c[j] * (2.0 * row + c[j] * self.taps(j, j));
            gain += 2.0 * c[j] * self.wanted(j);
        }
        // Rounding adds 1/12 per sample to large corrections; small ones, and what they gain, vanish.
        let rounding = self.count / 12.0;
        energy - gain + energy * rounding / (energy + rounding).max(1.0)
    }

    /// The least-squares filter, in units of 1, and the change of the squared error that it brings.
    pub fn solve(&self) -> ([f64; MOST_TAPS], f64) {
        let n = self.n;
        // A little is added to the diagonal, so that the matrix is definite even where blocks are flat.
        let trace: f64 = (0..n).map(|i| self.taps(i, i)).sum();
        let ridge = 1.0 + 1e-7 * trace;
        // Cholesky: the matrix is l times its transpose.
        let mut l = [[0.0; MOST_TAPS]; MOST_TAPS];
        for j in 0..n {
            for i in j..n {
                let dot: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
                let rest = self.taps(j, i) - dot;
                l[i][j] = if i == j { (rest + ridge).max(ridge).sqrt() } else { rest / l[j][j] };
            }
        }
        let mut c = [0.0; MOST_TAPS];
        for i in 0..n {
            let dot: f64 = (0..i).map(|k| l[i][k] * c[k]).sum();
            c[i] = (self.wanted(i) - dot) / l[i][i];
        }
        for i in (0..n).rev() {
            let dot: f64 = (i + 1..n).map(|k| l[k][i] * c[k]).sum();
            c[i] = (c[i] - dot) / l[i][i];
        }
        let gain: f64 = (0..n).map(|i| c[i] * self.wanted(i)).sum();
        (c, -gain)
    }
}

/// Moments of luma blocks with one class. A block is its position in the window and its turn. There may be
/// as many blocks as a superblock has: more could overflow the sums of 10-bit samples.
#[inline(always)]
pub fn luma<S: Simd>(simd: S, source: &[u16], wanted: &[u16], blocks: &[(usize, usize)]) -> Moments {
    let sums = sums::<S, LUMA_TAPS, LUMA_SUMS>(simd, source, wanted, &LUMA_OFFSETS, &TURNED, blocks);
    Moments { n: LUMA_TAPS, count: 16.0 * blocks.len() as f64, sums }
}

/// Moments of chroma blocks.
#[inline(always)]
pub fn chroma<S: Simd>(simd: S, source: &[u16], wanted: &[u16], blocks: &[(usize, usize)]) -> Moments {
    const UPRIGHT: [[usize; CHROMA_TAPS]; 1] = [[0, 1, 2, 3, 4, 5]];
    let sums = sums::<S, CHROMA_TAPS, CHROMA_SUMS>(simd, source, wanted, &CHROMA_OFFSETS, &UPRIGHT, blocks);
    Moments { n: CHROMA_TAPS, count: 16.0 * blocks.len() as f64, sums }
}

#[inline(always)]
fn sums<S: Simd, const TAPS: usize, const SUMS: usize>(
    simd: S,
    source: &[u16],
    wanted: &[u16],
    offsets: &[isize; TAPS],
    turned: &[[usize; TAPS]],
    blocks: &[(usize, usize)],
) -> Vec<f64> {
    let mut totals = [i32x8::splat(simd, 0); SUMS];
    for &(at, turn) in blocks {
        let x = load_4x4(simd, part(source, at));
        let goal = load_4x4(simd, part(wanted, at)) - x;
        let twice = x + x;
        let mut taps = [i16x16::splat(simd, 0); TAPS];
        for (tap, &k) in taps.iter_mut().zip(&turned[turn]) {
            let a = load_4x4(simd, part(source, at.wrapping_add_signed(offsets[k])));
            let b = load_4x4(simd, part(source, at.wrapping_add_signed(-offsets[k])));
            *tap = a + b - twice;
        }
        for j in 0..TAPS {
            for i in 0..=j {
                totals[place(i, j)] += taps[i].pairwise_dot_product(taps[j]);
            }
            totals[place(j, TAPS)] += taps[j].pairwise_dot_product(goal);
        }
        totals[place(TAPS, TAPS)] += goal.pairwise_dot_product(goal);
    }
    totals.iter().map(|t| t.as_slice().iter().map(|&v| f64::from(v)).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::window::Window;
    use crate::kernel::testing::{Rng, levels};
    use fearless_simd::{Level, dispatch};

    /// Sums of products sample by sample.
    fn scalar(source: &[u16], wanted: &[u16], blocks: &[(usize, usize)]) -> Vec<f64> {
        let mut sums = vec![0.0; LUMA_SUMS];
        for &(at, turn) in blocks {
            for i in 0..16 {
                let at = at + i / 4 * 80 + i % 4;
                let x = f64::from(source[at]);
                let tap = |k: usize| {
                    let offset = LUMA_OFFSETS[TURNED[turn][k]];
                    let ends = [at.wrapping_add_signed(offset), at.wrapping_add_signed(-offset)];
                    ends.iter().map(|&e| f64::from(source[e]) - x).sum()
                };
                let mut v: Vec<f64> = (0..LUMA_TAPS).map(tap).collect();
                v.push(f64::from(wanted[at]) - x);
                for j in 0..v.len() {
                    (0..=j).for_each(|i| sums[place(i, j)] += v[i] * v[j]);
                }
            }
        }
        sums
    }

    #[test]
    fn vectors_agree_with_scalars() {
        let mut r = Rng(9);
        let size = Window::new().data().len();
        let blocks: Vec<_> = (0..256).map(|i| (Window::at(i % 16 * 4, i / 16 * 4), i / 3 % 4)).collect();
        for round in 0..6 {
            let (source, wanted) = (r.samples(size, 10), r.samples(size, 10));
            let blocks = if round == 0 { &blocks[..] } else { &blocks[..round * 7] };
            let expected = scalar(&source, &wanted, blocks);
            for level in levels() {
                let found = dispatch!(level, simd => luma(simd, &source, &wanted, blocks));
                assert_eq!(found.sums, expected);
            }
        }
    }

    #[test]
    fn the_solution_is_the_best() {
        let mut r = Rng(10);
        let size = Window::new().data().len();
        let blocks: Vec<_> = (0..64).map(|i| (Window::at(i % 8 * 4, i / 8 * 4), 0)).collect();
        let (source, wanted) = (r.samples(size, 8), r.samples(size, 8));
        let m = dispatch!(Level::new(), simd => luma(simd, &source, &wanted, &blocks));
        let (c, change) = m.solve();
        assert!(change < 0.0);
        for i in 0..LUMA_TAPS {
            let slope: f64 = (0..LUMA_TAPS).map(|j| c[j] * m.taps(i, j)).sum::<f64>() - m.wanted(i);
            assert!(slope.abs() < 1e-4 * m.taps(i, i), "{i}: {slope}");
        }
        assert_eq!(m.change(&[0; LUMA_TAPS]), 0.0);
        assert_eq!(Moments::new(LUMA_TAPS).solve(), ([0.0; MOST_TAPS], -0.0));
    }
}
