use std::f64::consts::PI;

use super::*;
use crate::kernel::testing::{Rng, bytes, levels};

const KINDS: [TxKind; 2] = [TxKind::Dct, TxKind::Dst];

/// Every legal shape.
fn shapes() -> Vec<Shape> {
    let mut all = Vec::new();
    for (w_log2, h_log2) in (2..6).flat_map(|w| (2..6).map(move |h| (w, h))) {
        for (col, row) in KINDS.into_iter().flat_map(|c| KINDS.map(|r| (c, r))) {
            if (col == TxKind::Dct || h_log2 < 5) && (row == TxKind::Dct || w_log2 < 5) {
                all.extend([8, 10].map(|bd| Shape::new(w_log2, h_log2, TxType { col, row }, bd)));
            }
        }
    }
    all
}

fn orthonormal(kind: TxKind, n: usize, k: usize, i: usize) -> f64 {
    let (nf, kf, i) = (n as f64, k as f64, i as f64);
    match kind {
        TxKind::Dct if k == 0 => (1.0 / nf).sqrt(),
        TxKind::Dct => (2.0 / nf).sqrt() * (PI * (2.0 * i + 1.0) * kf / (2.0 * nf)).cos(),
        TxKind::Dst => {
            2.0 / (2.0 * nf + 1.0).sqrt() * (PI * (2.0 * kf + 1.0) * (i + 1.0) / (2.0 * nf + 1.0)).sin()
        }
    }
}

/// The orthonormal transform times 4, or its inverse.
fn reference(input: &[f64], shape: Shape, forward: bool) -> Vec<f64> {
    let (w, h) = (1 << shape.w_log2, 1 << shape.h_log2);
    let table = |kind, n: usize| -> Vec<f64> {
        (0..n * n)
            .map(|j| {
                if forward { orthonormal(kind, n, j / n, j % n) } else { orthonormal(kind, n, j % n, j / n) }
            })
            .collect()
    };
    let (mv, mh) = (table(shape.tx.col, h), table(shape.tx.row, w));
    let mut mid = vec![0.0; w * h];
    for (j, mid) in mid.iter_mut().enumerate() {
        *mid = (0..h).map(|i| mv[j / w * h + i] * input[i * w + j % w]).sum();
    }
    let gain = if forward { 4.0 } else { 0.25 };
    (0..w * h).map(|j| gain * (0..w).map(|i| mh[j % w * w + i] * mid[j / w * w + i]).sum::<f64>()).collect()
}

/// Residuals of the full range: noise, extremes, or a gradient.
fn residual(rng: &mut Rng, shape: Shape) -> Vec<i16> {
    let max = (1 << shape.bit_depth) - 1;
    let kind = rng.range(0, 2);
    let mut value = |j: usize| match kind {
        0 => rng.range(-max, max),
        1 => rng.range(0, 1) * 2 * max - max,
        _ => (j as i32 * 3 - max / 2).clamp(-max, max),
    };
    (0..shape.area()).map(|j| value(j) as i16).collect()
}

#[test]
fn matrix_entries_are_the_rounded_orthonormal_ones() {
    for n in [4, 8, 16, 32] {
        for kind in KINDS.into_iter().filter(|&kind| kind == TxKind::Dct || n < 32) {
            let (mut rows, mut columns) = (vec![0; n], vec![0; n]);
            for (k, i) in (0..n).flat_map(|k| (0..n).map(move |i| (k, i))) {
                let e = matrix::entry(kind, n, k, i);
                let exact = 256.0 * (n as f64).sqrt() * orthonormal(kind, n, k, i);
                assert_eq!(f64::from(e), exact.round(), "{kind:?} {n} [{k}][{i}]");
                rows[k] += i32::from(e.abs());
                columns[i] += i32::from(e.abs());
            }
            // What the overflow bounds rest on.
            assert!(rows.iter().chain(&columns).all(|&sum| sum <= 256 * n as i32), "{kind:?} {n}");
        }
    }
}

#[test]
fn forward_is_the_orthonormal_transform_times_four() {
    let mut rng = Rng(1);
    for shape in shapes() {
        for _ in 0..4 {
            let res = residual(&mut rng, shape);
            let mut coeffs = vec![0; shape.area()];
            scalar::forward(&res, &mut coeffs, shape.w_log2, shape.h_log2, shape.tx, shape.bit_depth);
            let exact = reference(&res.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), shape, true);
            // The entries' rounding errs in proportion to the signal, the shifts by a constant.
            let norm = exact.iter().map(|v| v * v).sum::<f64>().sqrt();
            for (c, e) in coeffs.iter().zip(&exact) {
                assert!((f64::from(*c) - e).abs() < 4.0 + norm / 400.0, "{shape:?}: {c} for {e}");
            }
            let limit = 1 << (shape.bit_depth + 7);
            assert!(coeffs.iter().all(|&c| (-limit..limit).contains(&c)), "{shape:?}: range");
        }
    }
}

#[test]
fn inverse_is_the_orthonormal_inverse() {
    let mut rng = Rng(2);
    for shape in shapes() {
        for _ in 0..4 {
            // Coefficients of a residual, sparse and quantised: what a decoder sees.
            let res = residual(&mut rng, shape);
            let mut coeffs = vec![0; shape.area()];
            scalar::forward(&res, &mut coeffs, shape.w_log2, shape.h_log2, shape.tx, shape.bit_depth);
            coeffs.iter_mut().for_each(|c| *c = *c / 200 * 100);
            let exact = reference(&coeffs.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), shape, false);
            let (w, h) = (1 << shape.w_log2, 1 << shape.h_log2);
            let base = 1 << (shape.bit_depth - 1);
            let max = (1 << shape.bit_depth) - 1;
            let mut dst = vec![base as u16; w * h];
            inverse_add(&coeffs, w, h, &mut dst, w, shape.w_log2, shape.h_log2, shape.tx, shape.bit_depth);
            for (d, e) in dst.iter().zip(&exact) {
                let want = (e + f64::from(base)).clamp(0.0, f64::from(max));
                let bound = 1.5 + f64::from(max) / 120.0;
                assert!((f64::from(*d) - want).abs() < bound, "{shape:?}: {d} for {want}");
            }
        }
    }
}

#[test]
fn inverse_undoes_forward() {
    let mut rng = Rng(3);
    for shape in shapes() {
        let (w, h) = (1 << shape.w_log2, 1 << shape.h_log2);
        let src = rng.samples(w * h, shape.bit_depth);
        let pred = rng.samples(w * h, shape.bit_depth);
        let res: Vec<i16> = src.iter().zip(&pred).map(|(&a, &b)| a as i16 - b as i16).collect();
        let mut coeffs = vec![0; w * h];
        forward(&res, &mut coeffs, shape.w_log2, shape.h_log2, shape.tx, shape.bit_depth);
        let mut dst = pred.clone();
        inverse_add(&coeffs, w, h, &mut dst, w, shape.w_log2, shape.h_log2, shape.tx, shape.bit_depth);
        let worst = src.iter().zip(&dst).map(|(a, b)| a.abs_diff(*b)).max();
        // The integer matrices are orthogonal to about one part in 256.
        assert!(worst <= Some(2 << (shape.bit_depth - 8)), "{shape:?}: off by {worst:?}");
    }
}

#[test]
fn every_level_equals_the_scalar_twin() {
    let mut rng = Rng(4);
    for shape in shapes() {
        let Shape { w_log2, h_log2, tx, bit_depth } = shape;
        let (w, h) = (1usize << w_log2, 1usize << h_log2);
        let limit = 1 << (bit_depth + 7);
        for round in 0..12 {
            let res = residual(&mut rng, shape);
            let mut want = vec![0; w * h];
            scalar::forward(&res, &mut want, w_log2, h_log2, tx, bit_depth);
            for level in levels() {
                let mut got = vec![0; w * h];
                forward_at(level, &res, &mut got, shape);
                assert!(got == want, "forward {level:?} {shape:?}");
            }

            // Any part may be non-zero; now and then coefficients are as extreme as a hostile stream can make them.
            let nz = (rng.range(1, w as i32) as usize, rng.range(1, h as i32) as usize);
            let nz = if round == 0 { (1, 1) } else { nz };
            let (lo, hi) = if round % 3 == 0 { (-limit, limit - 1) } else { (-3000, 3000) };
            let extreme = round % 6 == 0;
            let mut coeffs = vec![0; w * h];
            for (y, x) in (0..nz.1).flat_map(|y| (0..nz.0).map(move |x| (y, x))) {
                coeffs[y * w + x] =
                    if extreme { [lo, hi][rng.range(0, 1) as usize] } else { rng.range(lo, hi) };
            }
            let stride = w + 7;
            let before = rng.samples(stride * h, bit_depth);
            let mut want = before.clone();
            scalar::inverse_add(&coeffs, nz.0, nz.1, &mut want, stride, w_log2, h_log2, tx, bit_depth);
            let mut whole = before.clone();
            scalar::inverse_add(&coeffs, w, h, &mut whole, stride, w_log2, h_log2, tx, bit_depth);
            assert!(whole == want, "zeros count: {shape:?} {nz:?}");
            for level in levels() {
                // The plane ends with the block.
                let mut got = before[..stride * (h - 1) + w].to_vec();
                inverse_at(level, &coeffs, nz, &mut got, stride, shape);
                assert!(got[..] == want[..got.len()], "inverse {level:?} {shape:?} {nz:?}");
                if bit_depth == 8 {
                    let mut narrow = bytes(&before[..got.len()]);
                    inverse_at(level, &coeffs, nz, &mut narrow, stride, shape);
                    assert!(narrow == bytes(&got), "bytes {level:?} {shape:?} {nz:?}");
                }
            }
        }
    }
}
