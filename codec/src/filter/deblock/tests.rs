use super::*;

struct Random(u32);

impl Random {
    fn next(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(1664525).wrapping_add(1013904223);
        (self.0 >> 8) as usize % n
    }
}

/// Chroma shift of the plane layouts: 4:0:0, 4:2:0, 4:4:4.
const LAYOUTS: [(usize, usize); 3] = [(1, 0), (3, 1), (3, 0)];
const SHAPES: [(usize, usize); 5] = [(8, 8), (16, 72), (136, 8), (72, 136), (200, 64)];

/// Planes of smooth ramps with noise and random steps between 8x8 blocks.
fn planes(w: usize, h: usize, layout: (usize, usize), depth: u8, r: &mut Random) -> Vec<Plane> {
    let max = (1usize << depth) - 1;
    (0..layout.0)
        .map(|p| {
            let s = if p == 0 { 0 } else { layout.1 };
            let mut plane = Plane::new(w >> s, h >> s, 8);
            let steps: Vec<usize> = (0..w * h / 16 + 1).map(|_| r.next(12 << (depth - 8))).collect();
            let rough = r.next(4);
            for y in 0..h >> s {
                for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                    let base = steps[(y / 8) * (w / 8) + x / 8] + x / 3 + y / 5;
                    *v = (base + if rough == 0 { r.next(max) } else { r.next(rough) }).min(max) as u16;
                }
            }
            plane
        })
        .collect()
}

/// A map of random well-formed edges: 64x64 regions are split at random and in each direction alone.
fn random_map(w: usize, h: usize, r: &mut Random) -> EdgeMap {
    let mut map = EdgeMap::new(w, h);
    for by in (0..map.rows).step_by(16) {
        for bx in (0..map.stride).step_by(16) {
            let (mut y, end) = (by, map.rows.min(by + 16));
            let log2_h = 2 + r.next(5);
            while y < end {
                let log2_w = 2 + r.next(5);
                for uy in y..end.min(y + (1 << (log2_h - 2))) {
                    for ux in bx..map.stride.min(bx + 16) {
                        let u = uy * map.stride + ux;
                        let (size_v, size_h) = (log2_w as u8, log2_h as u8);
                        map.vert[u] = if (ux - bx) % (1 << (log2_w - 2)) == 0 { r.next(3) as u8 } else { 0 };
                        map.horz[u] = if uy == y { r.next(3) as u8 } else { 0 };
                        map.units[u] = Unit { size_v, size_h, step: 120 + r.next(60) as u8, coded: false };
                    }
                }
                y += 1 << (log2_h - 2);
            }
        }
    }
    map
}

#[test]
fn flat_areas_and_frames_without_edges_stay() {
    let mut r = Random(1);
    for (w, h) in SHAPES {
        for layout in LAYOUTS {
            let map = random_map(w, h, &mut r);
            let mut flat = planes(w, h, layout, 8, &mut r);
            for p in &mut flat {
                p.data_mut().fill(77);
            }
            let before = flat.clone();
            deblock(&mut flat, &Settings::new(&map, layout.1, 8, 0), &Workers::default());
            assert_eq!(flat, before);
            let mut textured = planes(w, h, layout, 10, &mut r);
            let before = textured.clone();
            deblock(&mut textured, &Settings::new(&EdgeMap::new(w, h), layout.1, 10, 0), &Workers::default());
            assert_eq!(textured, before);
        }
    }
}

/// One pass over all rows of all planes.
fn pass_over(planes: &mut [Plane<impl Sample>], s: &Settings, pass: Pass) {
    for (p, plane) in planes.iter_mut().enumerate() {
        deblock_rows(&mut BandPlane::whole(plane), p, s, 0..s.map.rows, pass);
    }
}

#[test]
fn bands_give_the_frame() {
    let mut r = Random(2);
    for round in 0..4 {
        for (w, h) in SHAPES {
            for layout in LAYOUTS {
                let depth = 8 + 2 * (round % 2);
                let map = random_map(w, h, &mut r);
                let settings = Settings::new(&map, layout.1, depth, 4);
                let mut whole = planes(w, h, layout, depth, &mut r);
                let mut bands = whole.clone();
                pass_over(&mut whole, &settings, Pass::Vertical);
                pass_over(&mut whole, &settings, Pass::Horizontal);
                assert!(whole.iter().all(|p| p.data().iter().all(|&v| v < 1 << depth)));
                deblock(&mut bands, &settings, &Workers::new(1 + usize::from(round / 2)));
                assert!(whole == bands, "{w}x{h} {layout:?}");
            }
        }
    }
}

/// Vertical edges of a frame are horizontal edges of its transpose.
#[test]
fn directions_are_alike() {
    let mut r = Random(3);
    let turn = |p: &Plane| {
        let mut t = Plane::new(p.height(), p.width(), 8);
        for y in 0..p.width() {
            for x in 0..p.height() {
                t.row_mut(y)[x] = p.row(x)[y];
            }
        }
        t
    };
    let layout = (3, 1);
    let (w, h) = (136, 72);
    let map = random_map(w, h, &mut r);
    let mut turned = EdgeMap::new(h, w);
    for y in 0..w / 4 {
        for x in 0..h / 4 {
            let (to, from) = (y * turned.stride + x, x * map.stride + y);
            turned.horz[to] = map.vert[from];
            let unit = map.units[from];
            turned.units[to] = Unit { size_h: unit.size_v, ..unit };
        }
    }
    let mut upright = planes(w, h, layout, 8, &mut r);
    let mut lying: Vec<Plane> = upright.iter().map(turn).collect();
    pass_over(&mut upright, &Settings::new(&map, layout.1, 8, 0), Pass::Vertical);
    pass_over(&mut lying, &Settings::new(&turned, layout.1, 8, 0), Pass::Horizontal);
    let upright: Vec<Plane> = upright.iter().map(turn).collect();
    let changed = (0..136).any(|y| lying[0].row(y) != turn(&planes(w, h, layout, 8, &mut r)[0]).row(y));
    assert!(changed);
    for (a, b) in upright.iter().zip(&lying) {
        assert!((0..a.height()).all(|y| a.row(y) == b.row(y)));
    }
}

/// A small step between flat blocks is smoothed, a large one is kept.
#[test]
fn steps_are_judged_by_the_quantiser() {
    for (size, step, smoothed) in [(3, 6, true), (5, 6, true), (2, 6, true), (3, 150, false), (5, 150, false)]
    {
        let mut map = EdgeMap::new(64, 64);
        map.units.fill(Unit { size_v: size, size_h: 2, step: 148, coded: false });
        for y in 0..16 {
            map.vert[y * 16 + 8] = 2;
        }
        let mut plane: Plane = Plane::new(64, 64, 0);
        for y in 0..64 {
            plane.row_mut(y)[..32].fill(100);
            plane.row_mut(y)[32..].fill(100 + step);
        }
        let mut filtered = [plane.clone()];
        deblock(&mut filtered, &Settings::new(&map, 1, 8, 0), &Workers::default());
        let row = filtered[0].row(9);
        assert_eq!(row[32] - row[31] < step, smoothed, "size {size}, step {step}");
        let touched = row.iter().zip(plane.row(9)).filter(|(a, b)| a != b).count();
        let reach = if !smoothed { 0 } else { [2, 6, 14, 14][size as usize - 2] };
        assert!(touched <= reach, "{touched} of {reach}");
        assert!(row.windows(2).all(|w| w[0] <= w[1]), "monotone: {row:?}");
    }
}

/// Every pass against its scalar twin, over whole frames.
#[test]
fn vectors_agree_with_scalars() {
    let mut r = Random(6);
    for round in 0..6 {
        for (w, h) in SHAPES {
            for layout in LAYOUTS {
                let depth = 8 + 2 * (round % 2);
                let map = random_map(w, h, &mut r);
                let mut fast = planes(w, h, layout, depth, &mut r);
                let mut slow = fast.clone();
                let mut narrow: Vec<_> = fast.iter().map(Plane::to_bytes).collect();
                let table = Table::new(depth, 0);
                let max = (1 << depth) - 1;
                for pass in [Pass::Vertical, Pass::Horizontal] {
                    pass_over(&mut fast, &Settings::new(&map, layout.1, depth, 0), pass);
                    for (p, plane) in slow.iter_mut().enumerate() {
                        let plane = &mut BandPlane::whole(plane);
                        match p {
                            0 => scalar::luma_rows(plane, &map, 0..map.rows, pass, &table, max),
                            _ => scalar::chroma_rows(plane, &map, 0..map.rows, pass, layout.1, &table, max),
                        }
                    }
                    assert!(fast == slow, "{w}x{h} {layout:?} {pass:?}");
                    if depth == 8 {
                        pass_over(&mut narrow, &Settings::new(&map, layout.1, depth, 0), pass);
                        let slow: Vec<_> = slow.iter().map(Plane::to_bytes).collect();
                        assert!(narrow == slow, "bytes {w}x{h} {layout:?} {pass:?}");
                    }
                }
            }
        }
    }
}
