use super::apply::filter_scalar;
use super::classify::classify_scalar;
use super::taps::{CHROMA_OFFSETS, LUMA_OFFSETS};
use super::*;
use crate::kernel::testing::{Rng, levels};

/// Planes and chroma shift of the layouts 4:0:0, 4:2:0, 4:4:4.
pub const LAYOUTS: [(usize, usize); 3] = [(1, 0), (3, 1), (3, 0)];
pub const SHAPES: [(usize, usize); 5] = [(8, 8), (16, 72), (136, 8), (72, 136), (128, 64)];

/// Stripes that change from region to region, with noise.
pub fn planes(w: usize, h: usize, layout: (usize, usize), depth: u8, r: &mut Rng) -> Vec<Plane> {
    let max = (1 << depth) - 1;
    (0..layout.0)
        .map(|p| {
            let s = if p == 0 { 0 } else { layout.1 };
            let mut plane = Plane::new(w >> s, h >> s, 4);
            let kinds: Vec<[i32; 4]> = (0..64)
                .map(|_| [r.range(-4, 4), r.range(-4, 4), r.range(0, 100), r.range(-6, 9).max(0)])
                .collect();
            for y in 0..h >> s {
                for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                    let [dx, dy, height, noise] = kinds[(x / 24 + y / 24 * 7) % 64];
                    let stripe = (x as i32 * dx + y as i32 * dy).rem_euclid(24) / 12 * height + 60;
                    *v = ((stripe + r.range(-noise, noise)) << (depth - 8)).clamp(0, max) as u16;
                }
            }
            plane
        })
        .collect()
}

fn visible(p: &Plane) -> Vec<&[u16]> {
    (0..p.height()).map(|y| p.row(y)).collect()
}

fn random_params(r: &mut Rng) -> AlfParams {
    let n = r.range(1, 16);
    let wide = r.range(0, 1) == 0; // wild or plausible coefficients
    let mut c = || if wide { r.range(-128, 127) as i8 } else { r.range(-12, 12) as i8 };
    AlfParams {
        luma: (0..n).map(|_| std::array::from_fn(|_| c())).collect(),
        chroma: Some(std::array::from_fn(|_| c())),
        classes: std::array::from_fn(|_| r.range(0, n - 1) as u8),
    }
}

/// The whole filter, sample by sample.
fn alf_scalar(src: &[Plane], params: &AlfParams, flags: &[u8], shift: usize, depth: u8) -> Vec<Plane> {
    let mut dst = src.to_vec();
    let across = src[0].width().div_ceil(64);
    let max = (1 << depth) - 1;
    for (p, plane) in src.iter().enumerate() {
        let side = if p == 0 { 64 } else { 64 >> shift };
        for y in (0..plane.height()).step_by(4) {
            for x in (0..plane.width()).step_by(4) {
                if flags[y / side * across + x / side] >> p & 1 == 0 {
                    continue;
                }
                let mut window = Window::new();
                window.load(plane, x, y, 4, 4, Outside::Repeat);
                let (class, t) = class_and_turn(classify_scalar(&window, 0, 0, depth));
                let luma = turn(&params.luma[params.classes[class] as usize], t);
                for i in 0..16 {
                    let at = Window::at(i % 4, i / 4);
                    dst[p].row_mut(y + i / 4)[x + i % 4] = match p {
                        0 => filter_scalar(window.data(), at, &LUMA_OFFSETS, &luma, max),
                        _ => filter_scalar(window.data(), at, &CHROMA_OFFSETS, &params.chroma.unwrap(), max),
                    };
                }
            }
        }
    }
    dst
}

#[test]
fn frames_agree_with_scalars() {
    let mut r = Rng(1);
    for round in 0..6 {
        for (w, h) in SHAPES {
            for layout in LAYOUTS {
                let depth = 8 + 2 * (round % 2);
                let src = planes(w, h, layout, depth, &mut r);
                let params = random_params(&mut r);
                let flags: Vec<u8> =
                    (0..w.div_ceil(64) * h.div_ceil(64)).map(|_| r.range(0, 7) as u8).collect();
                let mut dst = src.clone();
                alf(&mut dst, &params, &flags, layout.1, depth, &Workers::new(1 + usize::from(round % 2)));
                let expected = alf_scalar(&src, &params, &flags, layout.1, depth);
                for (a, b) in dst.iter().zip(&expected) {
                    assert!(visible(a) == visible(b), "{w}x{h} {layout:?}");
                }
                if depth == 8 {
                    let mut narrow: Vec<_> = src.iter().map(Plane::to_bytes).collect();
                    alf(&mut narrow, &params, &flags, layout.1, depth, &Workers::default());
                    assert!(narrow.iter().zip(&expected).all(|(a, b)| *a == b.to_bytes()));
                }
            }
        }
    }
}

#[test]
fn classes_are_the_same_on_all_levels() {
    let mut r = Rng(2);
    let mut seen = [false; 128];
    for round in 0..40 {
        let depth = 8 + 2 * (round % 2);
        let src = planes(72, 64, (1, 0), depth, &mut r);
        let mut window = Window::new();
        window.load(&src[0], 0, 0, 64, 64, Outside::Repeat);
        for level in levels() {
            let map = dispatch!(level, simd => classify::classify(simd, &window, 64, 64, depth));
            for (i, &found) in map.iter().enumerate() {
                assert_eq!(found, classify_scalar(&window, i % 16 * 4, i / 16 * 4, depth));
                seen[usize::from(found)] = true;
            }
        }
    }
    let seen = (0..128).filter(|i| seen[*i] && i % 32 < CLASSES).count();
    assert!(seen > 60, "only {seen} of 100");
}

#[test]
fn kernels_are_the_same_on_all_levels() {
    let mut r = Rng(3);
    for round in 0..60 {
        let depth = 8 + 2 * (round % 2);
        let window = r.samples(Window::new().data().len(), depth);
        let params = random_params(&mut r);
        let (a, b) = (params.luma[0], *params.luma.last().unwrap());
        let chroma = params.chroma.unwrap();
        let (at, max) = (Window::at(24, 16), (1 << depth) - 1);
        for level in levels() {
            let (mut luma, mut slim, mut area) = ([0; 64], [0; 32], [0; 48]);
            dispatch!(level, simd => {
                let filters = [&pack(&a), &pack(&b), &pack(&b), &pack(&a)];
                apply::luma_blocks::<_, i16x16<_>, _>(simd, &window, at, filters, max, &mut luma, 16);
                apply::luma_blocks::<_, i16x8<_>, _>(simd, &window, at, filters, max, &mut slim, 8);
                apply::chroma_area(simd, &window, at, &pack(&chroma), (12, 4), max, &mut area, 12);
            });
            let max = i32::from(max);
            for (i, &v) in luma.iter().enumerate() {
                let filter = if (4..12).contains(&(i % 16)) { b } else { a };
                let from = at + i / 16 * 80 + i % 16;
                assert_eq!(v, filter_scalar(&window, from, &LUMA_OFFSETS, &filter, max));
                if i % 16 < 8 {
                    assert_eq!(v, slim[i / 16 * 8 + i % 16]);
                }
            }
            for (i, &v) in area.iter().enumerate() {
                let from = at + i / 12 * 80 + i % 12;
                assert_eq!(v, filter_scalar(&window, from, &CHROMA_OFFSETS, &chroma, max));
            }
        }
    }
}

#[test]
fn identity_where_nothing_is_to_be_done() {
    let mut r = Rng(4);
    for (w, h) in SHAPES {
        for layout in LAYOUTS {
            let src = planes(w, h, layout, 8, &mut r);
            let mut flat = src.clone();
            flat.iter_mut().for_each(|p| p.data_mut().fill(200));
            let params = random_params(&mut r);
            let zero = AlfParams { luma: vec![[0; 12]], chroma: Some([0; 6]), ..AlfParams::default() };
            let all = vec![7; w.div_ceil(64) * h.div_ceil(64)];
            let cases = [
                (&src, &zero, &all),
                (&flat, &params, &all),
                (&src, &params, &vec![]),
                (&src, &AlfParams::default(), &all),
            ];
            for (src, params, flags) in cases {
                let mut dst = src.clone();
                alf(&mut dst, params, flags, layout.1, 8, &Workers::default());
                assert!(dst.iter().zip(src).all(|(a, b)| visible(a) == visible(b)));
            }
        }
    }
}
