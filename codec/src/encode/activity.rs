//! Texture of a picture by area: the eye, and SSIM, forgive errors where there is much of it.

use super::quantisers::AREA;
use crate::kernel::level;
use crate::picture::{Plane, Sample};
use fearless_simd::dispatch;

/// Side of the blocks whose variance is taken.
const BLOCK: usize = 8;
/// Variance at 8 bits under which a block counts as flat: the stabiliser of SSIM's contrast term.
const FLAT: f32 = 58.5;

/// log2 of the variance in each area (mean over its 8x8 blocks), less the mean of the picture.
pub fn texture(luma: &Plane<impl Sample>, bit_depth: u8) -> Vec<f32> {
    dispatch!(level(), _ => texture_inline(luma, bit_depth))
}

/// The compiler makes vectors of it.
#[inline(always)]
fn texture_inline(luma: &Plane<impl Sample>, bit_depth: u8) -> Vec<f32> {
    let (columns, rows) = (luma.width().div_ceil(AREA), luma.height().div_ceil(AREA));
    let scale = 1.0 / (1u32 << (2 * (bit_depth - 8))) as f32;
    let mut areas = vec![(0.0, 0); columns * rows];
    let (mut all, mut n) = (0.0, 0);
    for y in (0..luma.height()).step_by(BLOCK) {
        for x in (0..luma.width()).step_by(BLOCK) {
            let log = (variance(luma, x, y) * scale + FLAT).log2();
            let area = &mut areas[y / AREA * columns + x / AREA];
            *area = (area.0 + log, area.1 + 1);
            (all, n) = (all + log, n + 1);
        }
    }
    let mean = all / n.max(1) as f32;
    areas.into_iter().map(|(sum, n)| sum / n.max(1) as f32 - mean).collect()
}

#[inline(always)]
fn variance(luma: &Plane<impl Sample>, x: usize, y: usize) -> f32 {
    // Of samples of 12 bits, 64 squares fit. Column by column, so that a row is done at once.
    let (mut sums, mut squares) = ([0u32; BLOCK], [0u32; BLOCK]);
    for row in y..(y + BLOCK).min(luma.height()) {
        let row = &luma.row(row)[x..(x + BLOCK).min(luma.width())];
        match row.first_chunk::<BLOCK>() {
            Some(whole) => add(whole, &mut sums, &mut squares),
            None => add(row, &mut sums, &mut squares),
        }
    }
    let (sum, squares) = (sums.iter().sum::<u32>(), squares.iter().sum::<u32>());
    let n = (BLOCK * BLOCK) as f32;
    (squares as f32 - sum as f32 * sum as f32 / n) / n
}

#[inline(always)]
fn add(row: &[impl Sample], sums: &mut [u32; BLOCK], squares: &mut [u32; BLOCK]) {
    for ((sum, square), &v) in sums.iter_mut().zip(squares).zip(row) {
        let v: u32 = v.into();
        *sum += v;
        *square += v * v;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::testing::levels;

    #[test]
    fn noise_has_more_texture_than_a_flat_area() {
        let mut p = Plane::new(64, 32, 0);
        for y in 0..32 {
            for (x, v) in p.row_mut(y).iter_mut().enumerate() {
                *v = if x < 32 { 100 } else { ((x * 37 + y * 91) % 200) as u16 };
            }
        }
        let t = texture(&p, 8);
        for level in levels() {
            assert_eq!(dispatch!(level, _ => texture_inline(&p, 8)), t, "{level:?}");
        }
        assert!(t[0] < -1.0 && t[1] > 1.0 && (t[0] + t[1]).abs() < 1e-3, "{t:?}");
    }
}
