//! Finds the weights of references in fades.

use crate::picture::{Picture, Plane};
use crate::stream::weight::{UNIT, Weight, Weights};

/// Rows from one that is looked at to the next.
const STRIDE: usize = 16;

/// Rows of two planes at the same place.
fn rows<'a>(a: &'a Plane, b: &'a Plane) -> impl Iterator<Item = (&'a [u16], &'a [u16])> {
    (0..a.height().min(b.height())).step_by(STRIDE).map(|y| (a.row(y), b.row(y)))
}

/// Mean and standard deviation.
fn moments<'a>(rows: impl Iterator<Item = &'a [u16]>) -> (f64, f64) {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for row in rows {
        n += row.len() as f64;
        sum += f64::from(row.iter().map(|&v| u32::from(v)).sum::<u32>());
        squares += row.iter().map(|&v| u64::from(u32::from(v) * u32::from(v))).sum::<u64>() as f64;
    }
    let mean = sum / f64::max(n, 1.0);
    (mean, (squares / f64::max(n, 1.0) - mean * mean).max(0.0).sqrt())
}

/// The weight that gives a plane of the reference the mean and spread of the source.
fn weight(source: &Plane, reference: &Plane, depth: u8) -> Weight {
    let one = f64::from(1u32 << (depth - 8));
    let (mean, spread) = moments(rows(source, reference).map(|p| p.0));
    let (old_mean, old_spread) = moments(rows(source, reference).map(|p| p.1));
    let ratio = if old_spread < one { 1.0 } else { (spread / old_spread).clamp(0.0, 3.9) };
    let scale = (ratio * f64::from(UNIT)).round();
    let offset = (mean - old_mean * scale / f64::from(UNIT)) / one;
    Weight { scale: scale as i32, offset: offset.round().clamp(-128.0, 127.0) as i32 }
}

/// Weights for predicting `source` from `reference`; `None` unless the brightness changed and they help clearly.
pub fn find(source: &Picture, reference: &Picture) -> Option<Weights> {
    let depth = source.format.bit_depth;
    let (luma, old) = (&source.planes[0], &reference.planes[0]);
    let first = weight(luma, old, depth);
    if first == Weight::default() {
        return None;
    }
    let (mut plain, mut better) = (0u64, 0u64);
    for (a, b) in rows(luma, old).flat_map(|(a, b)| a.iter().zip(b)) {
        plain += u64::from(a.abs_diff(*b));
        better += u64::from(a.abs_diff(first.apply(*b, depth)));
    }
    if better * 10 >= plain * 9 {
        return None;
    }
    let mut weights = Weights::default();
    for ((w, a), b) in weights.iter_mut().zip(&source.planes).zip(&reference.planes) {
        *w = weight(a, b, depth);
    }
    Some(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{ChromaFormat, Format};

    #[test]
    fn a_fade_is_found() {
        let format = Format { width: 64, height: 64, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
        let mut bright = Picture::new(format);
        for plane in &mut bright.planes {
            for y in 0..plane.height() {
                plane.row_mut(y).iter_mut().enumerate().for_each(|(x, v)| *v = (x * y % 200) as u16 + 20);
            }
        }
        assert_eq!(find(&bright, &bright), None);
        let half = Weight { scale: 32, offset: 8 };
        let mut dark = bright.clone();
        dark.planes.iter_mut().flat_map(|p| p.data_mut()).for_each(|v| *v = half.apply(*v, 8));
        let found = find(&dark, &bright).expect("half the brightness");
        for w in found {
            assert!(w.scale.abs_diff(32) <= 1 && w.offset.abs_diff(8) <= 2, "{w:?}");
        }
    }
}
