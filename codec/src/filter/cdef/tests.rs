use super::*;
use crate::filter::Price;
use crate::kernel::testing::{Rng, levels};
use crate::workers::Workers;

/// Planes and chroma shift of the layouts 4:0:0, 4:2:0, 4:4:4.
const LAYOUTS: [(usize, usize); 3] = [(1, 0), (3, 1), (3, 0)];
const SHAPES: [(usize, usize); 5] = [(8, 8), (16, 72), (136, 8), (72, 136), (128, 64)];

/// Stripes of several directions with noise.
fn planes(w: usize, h: usize, layout: (usize, usize), depth: u8, r: &mut Rng) -> Vec<Plane> {
    let max = (1 << depth) - 1;
    (0..layout.0)
        .map(|p| {
            let s = if p == 0 { 0 } else { layout.1 };
            let mut plane = Plane::new(w >> s, h >> s, 4);
            let (dx, dy) = (r.range(-4, 4), r.range(-4, 4));
            for y in 0..h >> s {
                for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                    let stripe = (x as i32 * dx + y as i32 * dy).rem_euclid(24) / 12 * 60 + 80;
                    *v = ((stripe + r.range(-6, 6)) << (depth - 8)).clamp(0, max) as u16;
                }
            }
            plane
        })
        .collect()
}

fn visible(p: &Plane) -> Vec<&[u16]> {
    (0..p.height()).map(|y| p.row(y)).collect()
}

fn random_skip(w: usize, h: usize, r: &mut Rng) -> Vec<bool> {
    (0..w * h / 64).map(|_| r.range(0, 3) == 0).collect()
}

/// The whole filter, sample by sample.
fn cdef_scalar(
    src: &[Plane],
    params: &CdefParams,
    choice: &[u8],
    skip: &[bool],
    shift: usize,
    depth: u8,
) -> Vec<Plane> {
    let (w, h) = (src[0].width(), src[0].height());
    let mut dst = src.to_vec();
    for block in (0..w * h / 64).filter(|&b| !skip[b]) {
        let (bx, by) = (block % (w / 8), block / (w / 8));
        let strengths = params.strengths[choice[by / 8 * w.div_ceil(64) + bx / 8] as usize];
        let mut luma = Window::new();
        luma.load(&src[0], bx * 8, by * 8, 8, 8, Outside::Repeat);
        let found = scalar::search(Wide::span(luma.data(), Window::at(0, 0)), depth);
        for (p, plane) in src.iter().enumerate() {
            let side = if p == 0 { 8 } else { 8 >> shift };
            let packed = if p == 0 { strengths.0 } else { strengths.1 };
            let mut s = Strength::new(packed, params.damping, p > 0, depth);
            if p == 0 {
                s = s.adapted(found.variance);
            }
            let mut window = Window::new();
            window.load(plane, bx * side, by * side, side, side, Outside::Mark(MARK));
            for y in 0..side {
                for x in 0..side {
                    dst[p].row_mut(by * side + y)[bx * side + x] =
                        scalar::filter(window.data(), Window::at(x, y), found.index, s);
                }
            }
        }
    }
    dst
}

#[test]
fn vectors_agree_with_scalars() {
    let mut r = Rng(1);
    let mut window = vec![0u16; Window::new().data().len()];
    for round in 0..400 {
        let depth = if round % 2 == 0 { 8 } else { 10 };
        let base = r.range(0, (1 << depth) - 1);
        for v in &mut window {
            let noise = r.range(-20, 20) << r.range(0, 3);
            let v16 = (base + noise).clamp(0, (1 << depth) - 1) as u16;
            *v = if r.range(0, 9) == 0 { MARK } else { v16 };
        }
        let at = Window::at(16, 16);
        for y in 0..8 {
            for v in &mut window[at + y * 80..][..8] {
                *v &= (1 << depth) - 1; // the block itself is inside the frame
            }
        }
        let s = Strength::new(r.range(0, 63) as u8, r.range(3, 6) as u8, round % 3 == 0, depth);
        let direction = r.range(0, 7) as u8;
        for level in levels() {
            let mut wide = [0u16; 64];
            let mut narrow = [0u16; 16];
            dispatch!(level, simd => {
                taps::filter::<_, Wide, _>(simd, &window, at, direction, s, &mut wide, 8);
                taps::filter::<_, Narrow, _>(simd, &window, at, direction, s, &mut narrow, 4);
            });
            let expected = |x, y| scalar::filter(&window, at + y * 80 + x, direction, s);
            assert!((0..64).all(|i| wide[i] == expected(i % 8, i / 8)), "{s:?} {level:?}");
            assert!((0..16).all(|i| narrow[i] == expected(i % 4, i / 4)), "{s:?} {level:?}");
        }
    }
}

#[test]
fn frames_agree_with_scalars() {
    let mut r = Rng(2);
    for (round, (w, h)) in SHAPES.into_iter().cycle().take(20).enumerate() {
        for layout in LAYOUTS {
            let depth = 8 + 2 * (round / 5 % 2) as u8;
            let src = planes(w, h, layout, depth, &mut r);
            let strengths = (0..4).map(|_| (r.range(0, 63) as u8, r.range(0, 63) as u8)).collect();
            let params = CdefParams { damping: 3 + (round % 4) as u8, strengths };
            let choice: Vec<u8> = (0..w.div_ceil(64) * h.div_ceil(64)).map(|_| r.range(0, 3) as u8).collect();
            let skip = random_skip(w, h, &mut r);
            let expected = cdef_scalar(&src, &params, &choice, &skip, layout.1, depth);
            let mut dst = src.clone();
            cdef(&mut dst, &params, &choice, &skip, layout.1, depth, &Workers::new(1 + round % 2));
            for (a, b) in dst.iter().zip(&expected) {
                assert!(visible(a) == visible(b), "{w}x{h} {layout:?}");
            }
            if depth == 8 {
                let mut narrow: Vec<_> = src.iter().map(Plane::to_bytes).collect();
                cdef(&mut narrow, &params, &choice, &skip, layout.1, depth, &Workers::default());
                assert!(narrow.iter().zip(&expected).all(|(a, b)| *a == b.to_bytes()), "{w}x{h} {layout:?}");
            }
        }
    }
}

#[test]
fn identity_where_nothing_is_to_be_done() {
    let mut r = Rng(3);
    for (w, h) in SHAPES {
        for layout in LAYOUTS {
            let src = planes(w, h, layout, 8, &mut r);
            let flat: Vec<Plane> = src.iter().map(|p| Plane::new(p.width(), p.height(), 3)).collect();
            let superblocks = w.div_ceil(64) * h.div_ceil(64);
            let zero = CdefParams { damping: 4, strengths: vec![(0, 0)] };
            let full = CdefParams { damping: 6, strengths: vec![(63, 63)] };
            let (none, all) = (vec![false; w * h / 64], vec![true; w * h / 64]);
            for (src, params, skip) in [(&src, &zero, &none), (&src, &full, &all), (&flat, &full, &none)] {
                let mut dst = src.clone();
                cdef(&mut dst, params, &vec![0; superblocks], skip, layout.1, 8, &Workers::default());
                assert!(dst.iter().zip(src).all(|(a, b)| visible(a) == visible(b)));
            }
        }
    }
}

/// Squared error of what the filter makes of `src`.
fn filtered_error(
    src: &[Plane],
    orig: &[Plane],
    found: &(CdefParams, Vec<u8>),
    skip: &[bool],
    shift: usize,
    depth: u8,
) -> u64 {
    let mut dst = src.to_vec();
    cdef(&mut dst, &found.0, &found.1, skip, shift, depth, &Workers::default());
    let pairs = dst.iter().zip(orig).flat_map(|(a, b)| (0..a.height()).map(move |y| (a.row(y), b.row(y))));
    pairs.flat_map(|(a, b)| a.iter().zip(b)).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum()
}

#[test]
fn the_search_finds_what_helps() {
    let mut r = Rng(4);
    for (w, h) in SHAPES {
        for layout in LAYOUTS {
            for depth in [8, 10] {
                let orig = planes(w, h, layout, depth, &mut r);
                let mut src = orig.clone();
                for p in &mut src {
                    for y in 0..p.height() {
                        for v in p.row_mut(y) {
                            *v = (i32::from(*v) + r.range(-9, 9)).clamp(0, (1 << depth) - 1) as u16;
                        }
                    }
                }
                let skip = random_skip(w, h, &mut r);
                let before = filtered_error(
                    &src,
                    &orig,
                    &(CdefParams { damping: 4, strengths: vec![(0, 0)] }, vec![]),
                    &skip,
                    layout.1,
                    depth,
                );
                let find = |price, fast| {
                    let (shift, workers) = (layout.1, Workers::default());
                    cdef_search(&src, &orig, &skip, 4, shift, depth, price, fast, &workers)
                };
                let full = find(Price::bits(1.0), false);
                let after = filtered_error(&src, &orig, &full, &skip, layout.1, depth);
                assert!(after <= before);
                assert!([1, 2, 4, 8].contains(&full.0.strengths.len()));
                assert!(full.1.iter().all(|&c| usize::from(c) < full.0.strengths.len()));
                // Each superblock has the best of the set: no other choice is better.
                if let Some(c) = full.1.first() {
                    let mut other = full.clone();
                    for k in (0..full.0.strengths.len()).filter(|&k| k != usize::from(*c)) {
                        other.1[0] = k as u8;
                        assert!(filtered_error(&src, &orig, &other, &skip, layout.1, depth) >= after);
                    }
                }
                assert_eq!(full, find(Price::bits(1.0), false));
                // Where bits or superblocks cost too much, there is no filter.
                for dear in [Price::bits(1e9), Price { bit: 1.0, superblock: 1e9 }] {
                    let found = find(dear, true);
                    assert_eq!(found.0.strengths, [(0, 0)]);
                }
            }
        }
    }
}
