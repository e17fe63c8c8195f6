//! The decoded samples around a transform block.

use super::EDGE;
use crate::picture::{Plane, Sample};

/// Samples above (left to right) and to the left (top to bottom); index 0 of both is the corner. Each holds
/// width + height samples beyond the corner; what is not decoded repeats its nearest neighbour.
#[derive(Clone, Debug)]
pub struct Edges {
    pub above: [u16; EDGE],
    pub left: [u16; EDGE],
}

/// Collects the edges of the `w` x `h` transform block at (x, y) from the plane under reconstruction, of which
/// `above` and `left` samples are decoded, counted from the corner.
pub fn gather<T: Sample>(
    plane: &Plane<T>,
    (x, y, w, h): (usize, usize, usize, usize),
    (above, left): (usize, usize),
    bit_depth: u8,
) -> Edges {
    let total = w + h;
    let mut e = Edges { above: [0; EDGE], left: [0; EDGE] };
    let data = plane.data();
    let stride = plane.stride();
    let at = plane.index(x as isize, y as isize);
    if above > 0 {
        let row = &data[at - stride..][..above];
        e.above[1..=above].iter_mut().zip(row).for_each(|(to, &v)| *to = v.into());
    }
    for i in 0..left {
        e.left[1 + i] = data[at + i * stride - 1].into();
    }
    let middle = 1u16 << (bit_depth - 1);
    let corner = match (above > 0, left > 0) {
        (true, true) => data[at - stride - 1].into(),
        (true, false) => e.above[1],
        (false, true) => e.left[1],
        (false, false) => middle,
    };
    if above == 0 {
        e.above[1] = corner;
    }
    if left == 0 {
        e.left[1] = corner;
    }
    let (a, l) = (above.max(1), left.max(1));
    let (last_a, last_l) = (e.above[a], e.left[l]);
    e.above[a + 1..=total].fill(last_a);
    e.left[l + 1..=total].fill(last_l);
    e.above[0] = corner;
    e.left[0] = corner;
    e
}
