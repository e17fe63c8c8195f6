//! The filter and the direction search sample by sample: what the vectors are tested against.

use super::direction::{Block, Direction, pick};
use super::taps::{MARK, OFFSETS, Strength};
use crate::filter::window::STRIDE;

/// Contribution of a tap: the difference, limited.
fn limited(tap: u16, x: u16, strength: u16, falloff: u32) -> i32 {
    if tap == MARK || strength == 0 {
        return 0;
    }
    let d = i32::from(tap) - i32::from(x);
    let limit = (i32::from(strength) - (d.abs() >> falloff)).max(0);
    d.clamp(-limit, limit)
}

/// The filtered value of the sample at `at` of a window.
pub fn filter(window: &[u16], at: usize, direction: u8, s: Strength) -> u16 {
    let x = window[at];
    let (near, far) = s.primary_weights();
    let (mut sum, mut low, mut high) = (0, x, x);
    let mut tap = |offset: isize, weight: i16, strength: u16| {
        for at in [at.wrapping_add_signed(offset), at.wrapping_add_signed(-offset)] {
            let v = window[at];
            sum += i32::from(weight) * limited(v, x, strength, s.falloff(strength));
            if v != MARK && strength > 0 {
                (low, high) = (low.min(v), high.max(v));
            }
        }
    };
    let d = usize::from(direction);
    tap(OFFSETS[d][0], near, s.primary);
    tap(OFFSETS[d][1], far, s.primary);
    for d in [(d + 2) & 7, (d + 6) & 7] {
        tap(OFFSETS[d][0], 2, s.secondary);
        tap(OFFSETS[d][1], 1, s.secondary);
    }
    let y = i32::from(x) + ((8 + sum - i32::from(sum < 0)) >> 4);
    y.clamp(i32::from(low), i32::from(high)) as u16
}

/// 840 divided by the number of samples on a line, so that the weighted squares are all integers.
const WEIGHT: [i32; 9] = [0, 840, 420, 280, 210, 168, 140, 120, 105];

/// The direction in which the block is best described by the means of its lines, that is, in which the sum
/// of the squared line sums divided by their lengths is largest. The first one wins a tie.
pub fn search(block: &Block, bit_depth: u8) -> Direction {
    let mut sums = [[0i32; 15]; 8];
    let mut count = [[0usize; 15]; 8];
    for i in 0..8 {
        for j in 0..8 {
            let v = i32::from(block[i * STRIDE + j] >> (bit_depth - 8)) - 128;
            let lines = [i + j, i + j / 2, i, 3 + i - j / 2, 7 + i - j, 3 - i / 2 + j, j, i / 2 + j];
            for (d, &line) in lines.iter().enumerate() {
                sums[d][line] += v;
                count[d][line] += 1;
            }
        }
    }
    let costs =
        std::array::from_fn(|d| sums[d].iter().zip(&count[d]).map(|(&s, &n)| s * s * WEIGHT[n]).sum());
    pick(costs)
}
