//! From the neighbourhood of a vector to its dimension and class.

/// Most classes per dimension.
pub const CLASSES: usize = 9;

/// Neighbour sums from which the next smaller dimension is used, and from which the next class begins.
/// A sum counts magnitudes to the right and below: twice at distance 1 and on the diagonal, once at distance 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Dimension number by neighbour sum.
    dims: [u8; SUMS],
    /// Class by dimension number and neighbour sum.
    classes: [[u8; SUMS]; 4],
}

/// Neighbour sums are told apart up to this one.
const SUMS: usize = 32;
const NEVER: usize = usize::MAX;

/// For each sum, how many of `from` it reaches.
const fn ranks<const N: usize>(from: [usize; N]) -> [u8; SUMS] {
    let mut t = [0; SUMS];
    let mut s = 0;
    while s < SUMS {
        let mut i = 0;
        while i < N {
            t[s] += (s >= from[i]) as u8;
            i += 1;
        }
        s += 1;
    }
    t
}

impl Thresholds {
    /// Vector quantisation: the dimension follows the energy.
    pub const VECTOR: Thresholds = Thresholds {
        dims: ranks([5, 12, 27]),
        classes: [
            ranks([1, 2, 3, 4]),
            ranks([1, 2, 4, 6, 8, 12, 17, 24]),
            ranks([1, 2, 4, 6, 9, 13, 18, 26]),
            ranks([1, 2, 4, 6, 8, 11, 16, 24]),
        ],
    };

    /// The control: scalars everywhere.
    pub const SCALAR: Thresholds = Thresholds {
        dims: ranks([0, 0, 0]),
        classes: [ranks([NEVER]), ranks([NEVER]), ranks([NEVER]), ranks([1, 2, 3, 4, 6, 9, 13, 20])],
    };

    /// Dimension number for the sum around a group.
    #[inline]
    pub fn dim(&self, sum: u32) -> usize {
        usize::from(self.dims[(sum as usize).min(SUMS - 1)])
    }

    /// Class for the sum around a vector.
    #[inline]
    pub fn class(&self, dim: usize, sum: u32) -> usize {
        usize::from(self.classes[dim & 3][(sum as usize).min(SUMS - 1)])
    }
}

/// Width of a vector in its group, and the corners of the vectors of a group from high frequency to low.
pub struct Shape {
    pub w: usize,
    pub corners: &'static [(usize, usize)],
}

/// Shapes by dimension number.
pub const SHAPES: [Shape; 4] = [
    Shape { w: 4, corners: &[(0, 0)] },
    Shape { w: 2, corners: &[(2, 0), (0, 0)] },
    Shape { w: 2, corners: &[(2, 1), (2, 0), (0, 1), (0, 0)] },
    Shape { w: 1, corners: &[(3, 1), (2, 1), (3, 0), (1, 1), (2, 0), (0, 1), (1, 0), (0, 0)] },
];

/// Corners of the two halves of a vector, from high frequency to low; a scalar has none.
pub const HALVES: [[(usize, usize); 2]; 3] = [[(2, 0), (0, 0)], [(0, 1), (0, 0)], [(1, 0), (0, 0)]];

/// Sum of neighbour magnitudes of the vector of dimension number `dim` at (x, y). `mags` has rows of `stride` and is zero in two
/// columns to the right of the block and two rows below it.
#[inline]
pub fn neighbour_sum(mags: &[u8], stride: usize, x: usize, y: usize, dim: usize) -> u32 {
    let at = y * stride + x;
    match dim {
        0 => sum_around::<4, 2>(mags, stride, at),
        1 => sum_around::<2, 2>(mags, stride, at),
        2 => sum_around::<2, 1>(mags, stride, at),
        _ => sum_around::<1, 1>(mags, stride, at),
    }
}

#[inline(always)]
fn sum_around<const W: usize, const H: usize>(mags: &[u8], stride: usize, at: usize) -> u32 {
    // One slice, one check: everything lies within the rows of the vector and the two below.
    let m = &mags[at..at + (H + 1) * stride + W + 2];
    let v = |i: usize| u32::from(m[i]);
    let mut sum = 2 * v(H * stride + W);
    for r in 0..H {
        sum += 2 * v(r * stride + W) + v(r * stride + W + 1);
    }
    for k in 0..W {
        sum += 2 * v(H * stride + k) + v((H + 1) * stride + k);
    }
    sum
}
