use super::*;
use crate::kernel::testing::{Rng, bytes, levels};
use crate::predict::inter::Balance;

const STRIDE: usize = 96;
const SIZES: [usize; 10] = [2, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/// Request for a block, scalar result for it.
fn expected(q: &Request<u16>, taps: Taps) -> Vec<i16> {
    let mut out = vec![0; 64 * 64];
    let Request { src, pos, stride, w, h, fx, fy, bd } = *q;
    match taps {
        Taps::Luma => scalar::interpolate(src, pos, stride, &mut out, 64, w, h, fx, fy, &LUMA_TAPS, bd),
        Taps::Chroma => scalar::interpolate(src, pos, stride, &mut out, 64, w, h, fx, fy, &CHROMA_TAPS, bd),
    }
    out
}

#[test]
fn taps_sum_to_64() {
    for phase in 0..16 {
        assert_eq!(LUMA_TAPS[phase].iter().sum::<i16>(), 64);
        assert_eq!(CHROMA_TAPS[phase].iter().sum::<i16>(), 64);
    }
}

#[test]
fn every_level_equals_the_scalar_twin() {
    let mut rng = Rng(1);
    for bd in [8, 10] {
        for taps in [Taps::Luma, Taps::Chroma] {
            for w in SIZES {
                for (fx, fy) in [(0, 0), (8, 0), (0, 8), (8, 8), (1, 0), (0, 15), (5, 11), (13, 3)] {
                    let h = SIZES[rng.range(0, 9) as usize];
                    let src = rng.samples(STRIDE * STRIDE, bd);
                    let q = Request { src: &src, pos: 8 * STRIDE + 8, stride: STRIDE, w, h, fx, fy, bd };
                    let want = expected(&q, taps);
                    for level in levels() {
                        let mut out = vec![0; 64 * 64];
                        interpolate_at(level, &q, taps, &mut Intermediate { out: &mut out, stride: 64 });
                        assert!(out == want, "{level:?} {taps:?} {w}x{h} ({fx}, {fy}) {bd} bits");
                        if bd == 8 {
                            let q =
                                Request { src: &bytes(&src), pos: q.pos, stride: STRIDE, w, h, fx, fy, bd };
                            let mut out = vec![0; 64 * 64];
                            interpolate_at(level, &q, taps, &mut Intermediate { out: &mut out, stride: 64 });
                            assert!(out == want, "bytes {level:?} {taps:?} {w}x{h} ({fx}, {fy})");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn worst_overshoot_saturates() {
    // Samples follow the signs of the half-sample taps in both directions: the largest possible sum.
    for bd in [8u8, 10] {
        let sign = |i: usize| LUMA_TAPS[8][i] > 0;
        let src: Vec<u16> =
            (0..64).map(|i| if sign(i / 8) == sign(i % 8) { (1 << bd) - 1 } else { 0 }).collect();
        let mut out = [0];
        interpolate(&src, 3 * 8 + 3, 8, &mut out, 1, 1, 1, 8, 8, Taps::Luma, bd);
        assert_eq!(out[0], i16::MAX);
    }
}

#[test]
fn reads_nothing_beyond_the_filter() {
    // The plane ends with the last sample the filter needs.
    let mut rng = Rng(2);
    for w in SIZES {
        for (fx, fy) in [(0, 0), (8, 0), (0, 8), (8, 8)] {
            let rows = w + if fy > 0 { 7 } else { 0 };
            let cols = w + if fx > 0 { 7 } else { 0 };
            let src = rng.samples(rows * cols, 8);
            let pos = if fy > 0 { 3 * cols } else { 0 } + if fx > 0 { 3 } else { 0 };
            let q = Request { src: &src, pos, stride: cols, w, h: w, fx, fy, bd: 8 };
            let mut out = vec![0; 64 * 64];
            interpolate_at(level(), &q, Taps::Luma, &mut Intermediate { out: &mut out, stride: 64 });
            assert!(out == expected(&q, Taps::Luma), "{w}x{w} ({fx}, {fy})");
        }
    }
}

#[test]
fn rounding_equals_the_scalar_twin() {
    let mut rng = Rng(3);
    for bd in [8, 10] {
        for w in SIZES {
            let h = SIZES[rng.range(0, 9) as usize];
            let mut pred = || -> Vec<i16> { (0..64 * 64).map(|_| rng.range(-32768, 32767) as i16).collect() };
            let (a, b) = (pred(), pred());
            for level in levels() {
                let mut got = vec![0; STRIDE * 64];
                let mut want = got.clone();
                let mut check = |what: &str, scalar: &dyn Fn(&mut [u16]), fast: &dyn Fn(&mut Target<u16>)| {
                    scalar(&mut want);
                    fast(&mut Target {
                        dst: &mut got,
                        stride: STRIDE,
                        pred_stride: 64,
                        w,
                        h,
                        bd: u32::from(bd),
                    });
                    assert!(got == want, "{what} {level:?} {w}x{h} {bd} bits");
                };
                check("put", &|d| scalar::put(d, STRIDE, &a, 64, w, h, bd), &|t| {
                    dispatch!(level, simd => round::put(simd, t, &a));
                });
                for balance in Balance::ALL {
                    check("put_bi", &|d| scalar::put_bi(d, STRIDE, &a, &b, balance, 64, w, h, bd), &|t| {
                        dispatch!(level, simd => round::put_bi(simd, t, &a, &b, balance));
                    });
                }
            }
        }
    }
}

/// A block rounded at once: its means with another prediction of each balance, then alone.
fn outputs<T: Sample>(
    level: Level,
    q: &Request<T>,
    taps: Taps,
    other: &[i16],
    other_stride: usize,
) -> [Vec<T>; 4] {
    let mut got = [(); 4].map(|()| vec![T::of(7); STRIDE * 64]);
    let [even, first, second, single] = &mut got;
    let to = |dst| Samples { dst, stride: STRIDE, bd: u32::from(q.bd) };
    interpolate_at(level, q, taps, &mut to(single));
    for (dst, balance) in [even, first, second].into_iter().zip(Balance::ALL) {
        let mut mean = Mean { samples: to(dst), other, other_stride, balance };
        interpolate_at(level, q, taps, &mut mean);
    }
    got
}

#[test]
fn outputs_equal_rounding_afterwards() {
    let mut rng = Rng(4);
    for bd in [8, 10] {
        for taps in [Taps::Luma, Taps::Chroma] {
            for w in SIZES {
                for (fx, fy) in [(0, 0), (8, 0), (0, 8), (5, 11)] {
                    let h = SIZES[rng.range(0, 9) as usize];
                    let src = rng.samples(STRIDE * STRIDE, bd);
                    let q = Request { src: &src, pos: 8 * STRIDE + 8, stride: STRIDE, w, h, fx, fy, bd };
                    let pred = expected(&q, taps);
                    // Rows as far apart as they are long, and farther.
                    for other_stride in [w, 64] {
                        let other: Vec<i16> =
                            (0..h * other_stride).map(|_| rng.range(-2000, 20000) as i16).collect();
                        let mut wide = vec![0; 64 * 64];
                        for (to, from) in wide.chunks_mut(64).zip(other.chunks(other_stride)) {
                            to[..w].copy_from_slice(&from[..w]);
                        }
                        let mut want = [(); 4].map(|()| vec![7; STRIDE * 64]);
                        scalar::put(&mut want[3], STRIDE, &pred, 64, w, h, bd);
                        for (want, balance) in want.iter_mut().zip(Balance::ALL) {
                            scalar::put_bi(want, STRIDE, &wide, &pred, balance, 64, w, h, bd);
                        }
                        for level in levels() {
                            let what = format!("{level:?} {taps:?} {w}x{h} ({fx}, {fy}) {bd} bits");
                            assert!(outputs(level, &q, taps, &other, other_stride) == want, "{what}");
                            if bd == 8 {
                                let Request { pos, stride, .. } = q;
                                let q = Request { src: &bytes(&src), pos, stride, w, h, fx, fy, bd };
                                let narrow = outputs(level, &q, taps, &other, other_stride);
                                assert!(narrow == want.each_ref().map(|v| bytes(v)), "bytes {what}");
                            }
                        }
                    }
                }
            }
        }
    }
}
