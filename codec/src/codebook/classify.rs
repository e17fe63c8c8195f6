//! From the neighbourhood of a vector to its dimension and class.

/// Most classes per dimension.
pub const CLASSES: usize = 9;

/// Neighbour sums from which the next smaller dimension is used, and from which the next class begins.
/// A sum counts magnitudes to the right and below: twice at distance 1 and on the diagonal, once at distance 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Sums of a 4x2 group from which dimensions 4, 2, 1 are used.
    pub dims: [u16; 3],
    /// Sums from which classes 1 to 8 begin, by dimension number.
    pub classes: [[u16; CLASSES - 1]; 4],
}

const NEVER: u16 = u16::MAX;

impl Thresholds {
    /// Vector quantisation: the dimension follows the energy.
    pub const VECTOR: Thresholds = Thresholds {
        dims: [5, 12, 27],
        classes: [
            [1, 2, 3, 4, NEVER, NEVER, NEVER, NEVER],
            [1, 2, 4, 6, 8, 12, 17, 24],
            [1, 2, 4, 6, 9, 13, 18, 26],
            [1, 2, 4, 6, 8, 11, 16, 24],
        ],
    };

    /// The control: scalars everywhere.
    pub const SCALAR: Thresholds =
        Thresholds { dims: [0, 0, 0], classes: [[NEVER; 8], [NEVER; 8], [NEVER; 8], [1, 2, 3, 4, 6, 9, 13, 20]] };

    /// Dimension number for the sum around a group.
    #[inline]
    pub fn dim(&self, sum: u32) -> usize {
        self.dims.iter().filter(|&&t| sum >= u32::from(t)).count()
    }

    /// Class for the sum around a vector.
    #[inline]
    pub fn class(&self, dim: usize, sum: u32) -> usize {
        self.classes[dim].iter().filter(|&&t| sum >= u32::from(t)).count()
    }
}

/// Width and height of a vector in its group, and the corners of the vectors of a group from high frequency to low.
pub struct Shape {
    pub w: usize,
    pub h: usize,
    pub corners: &'static [(usize, usize)],
}

/// Shapes by dimension number.
pub const SHAPES: [Shape; 4] = [
    Shape { w: 4, h: 2, corners: &[(0, 0)] },
    Shape { w: 2, h: 2, corners: &[(2, 0), (0, 0)] },
    Shape { w: 2, h: 1, corners: &[(2, 1), (2, 0), (0, 1), (0, 0)] },
    Shape {
        w: 1,
        h: 1,
        corners: &[(3, 1), (2, 1), (3, 0), (1, 1), (2, 0), (0, 1), (1, 0), (0, 0)],
    },
];

/// Sum of neighbour magnitudes of the `w` x `h` vector at (x, y). `mags` has rows of `stride` and is zero in two
/// columns to the right of the block and two rows below it.
#[inline]
pub fn neighbour_sum(mags: &[u8], stride: usize, x: usize, y: usize, w: usize, h: usize) -> u32 {
    let mut sum = 0u32;
    let right = y * stride + x + w;
    for r in 0..h {
        let row = &mags[right + r * stride..][..2];
        sum += 2 * u32::from(row[0]) + u32::from(row[1]);
    }
    let below = (y + h) * stride + x;
    let (near, far) = (&mags[below..][..w + 1], &mags[below + stride..][..w]);
    sum += near.iter().map(|&m| 2 * u32::from(m)).sum::<u32>();
    sum + far.iter().map(|&m| u32::from(m)).sum::<u32>()
}
