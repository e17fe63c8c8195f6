//! Kernels one by one: distortion, transforms, interpolation. Throughput is in samples.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use girih::kernel::interp::{self, Balance, Taps};
use girih::kernel::{residual, sad, sad4, satd, ssd, weigh};
use girih::transform::{self, TxKind, TxType};

const STRIDE: usize = 160;

/// Deterministic noise around a gradient.
fn plane(seed: u32, max: u32) -> Vec<u16> {
    let mut state = seed;
    let noise = move |i: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((i as u32 % 97 + (state >> 26)) % (max + 1)) as u16
    };
    (0..STRIDE * STRIDE).map(noise).collect()
}

fn distortion(c: &mut Criterion) {
    let (a, b) = (plane(1, 255), plane(2, 255));
    let mut out = vec![0; 64 * 64];
    let mut g = c.benchmark_group("distortion");
    for n in [4, 8, 16, 32, 64] {
        g.throughput(Throughput::Elements((n * n) as u64));
        g.bench_function(format!("sad {n}"), |t| {
            t.iter(|| sad(black_box(&a), STRIDE, black_box(&b[7..]), STRIDE, n, n))
        });
        g.bench_function(format!("sad of four {n}"), |t| {
            let at = [7, 8, 9, STRIDE];
            t.iter(|| sad4(black_box(&a), STRIDE, black_box(&b), at, STRIDE, n, n))
        });
        g.bench_function(format!("ssd {n}"), |t| {
            t.iter(|| ssd(black_box(&a), STRIDE, black_box(&b[7..]), STRIDE, n, n))
        });
        g.bench_function(format!("satd {n}"), |t| {
            t.iter(|| satd(black_box(&a), STRIDE, black_box(&b[7..]), STRIDE, n, n))
        });
        g.bench_function(format!("residual {n}"), |t| {
            t.iter(|| residual(black_box(&a), STRIDE, black_box(&b[7..]), STRIDE, &mut out, n, n))
        });
    }
    g.finish();
}

fn transforms(c: &mut Criterion) {
    let mut g = c.benchmark_group("transform");
    let dst = TxType { col: TxKind::Dst, row: TxKind::Dst };
    for (w, h, tx, name) in [
        (2, 2, TxType::DCT, "dct 4x4"),
        (3, 3, TxType::DCT, "dct 8x8"),
        (4, 3, TxType::DCT, "dct 16x8"),
        (4, 4, TxType::DCT, "dct 16x16"),
        (5, 5, TxType::DCT, "dct 32x32"),
        (2, 2, dst, "dst 4x4"),
        (4, 4, dst, "dst 16x16"),
    ] {
        let n = 1usize << (w + h);
        g.throughput(Throughput::Elements(n as u64));
        let res: Vec<i16> = plane(3, 255)[..n].iter().map(|&v| v as i16 - 100).collect();
        let mut coeffs = vec![0; n];
        g.bench_function(format!("forward {name}"), |t| {
            t.iter(|| transform::forward(black_box(&res), &mut coeffs, w, h, tx, 8))
        });
        let mut magnitudes = vec![0.0; n];
        g.bench_function(format!("weigh {name}"), |t| {
            t.iter(|| weigh(black_box(&coeffs), 0.1, 9.0, 60.0, &mut magnitudes))
        });
        let mut out = plane(4, 255);
        for (nz_w, nz_h) in [(1 << w, 1 << h), (1 << (w - 1), 1 << (h - 1)), (1, 1)] {
            let mut few = vec![0; n];
            for y in 0..nz_h {
                for x in 0..nz_w {
                    few[(y << w) + x] = coeffs[(y << w) + x] / 8;
                }
            }
            g.bench_function(format!("inverse {name} nz {nz_w}x{nz_h}"), |t| {
                t.iter(|| transform::inverse_add(black_box(&few), nz_w, nz_h, &mut out, STRIDE, w, h, tx, 8))
            });
        }
    }
    g.finish();
}

fn interpolation(c: &mut Criterion) {
    let mut g = c.benchmark_group("interp");
    let mut out = vec![0; 64 * 64];
    for (taps, bd) in [(Taps::Luma, 8), (Taps::Chroma, 8), (Taps::Luma, 10)] {
        let src = plane(5, (1 << bd) - 1);
        for n in [4, 8, 16, 64] {
            g.throughput(Throughput::Elements((n * n) as u64));
            for (fx, fy) in [(0, 0), (4, 0), (0, 4), (4, 4)] {
                g.bench_function(format!("{taps:?} {bd} bits {n} ({fx}, {fy})"), |t| {
                    t.iter(|| {
                        let pos = 8 * STRIDE + 9;
                        interp::interpolate(
                            black_box(&src),
                            pos,
                            STRIDE,
                            &mut out,
                            64,
                            n,
                            n,
                            fx,
                            fy,
                            taps,
                            bd,
                        );
                    })
                });
            }
        }
    }
    let (a, b) = (vec![9000; 64 * 64], vec![-3; 64 * 64]);
    let mut dst = plane(6, 255);
    for n in [4, 8, 16, 64] {
        g.throughput(Throughput::Elements((n * n) as u64));
        g.bench_function(format!("put {n}"), |t| {
            t.iter(|| interp::put(&mut dst, STRIDE, black_box(&a), 64, n, n, 8))
        });
        g.bench_function(format!("put_bi {n}"), |t| {
            t.iter(|| {
                interp::put_bi(&mut dst, STRIDE, black_box(&a), black_box(&b), Balance::Even, 64, n, n, 8)
            })
        });
    }
    g.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
}

criterion_group! { name = kernels; config = config(); targets = distortion, transforms, interpolation }
criterion_main!(kernels);
