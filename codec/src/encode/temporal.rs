//! Motion-compensated temporal filter of the pictures that many others depend on: noise that the next pictures do not
//! repeat costs bits and predicts nothing (after Wennersten et al., "Encoder-side temporal filtering", JVET-O0549).

use crate::filter::band::{Band, SUPERBLOCK, bands};
use crate::kernel;
use crate::picture::Picture;
use crate::predict::inter::{Moved, Mv, Rect, predict_one};
use crate::reconstruct::Canvas;
use crate::workers::Workers;

/// Side of the luma blocks that move as one.
const BLOCK: usize = 8;
/// Stride of an interpolated block.
const STRIDE: usize = 64;

/// A neighbour in time: the picture, its distance in frames, and rough vectors of 16x16 blocks in 1/8 sample.
pub struct Neighbour {
    pub picture: Picture,
    pub distance: usize,
    pub vectors: Vec<Mv>,
}

/// Weight of a perfect neighbour at distance 1 against the picture itself.
const STRENGTH: f32 = 0.5;

/// `source` averaged with its neighbours where they agree with it within what quantiser index `qi` blurs anyway.
pub fn filter(source: &Picture, neighbours: &[Neighbour], qi: u8, workers: &Workers) -> Picture {
    let spread = 0.75 * (f32::from(qi) / 4.0 - 10.0).max(1.0);
    let mut out = source.clone();
    let format = source.format;
    let one = (1 << (format.bit_depth - 8)) as f32;
    let likeness: Vec<f32> =
        (0..1usize << format.bit_depth).map(|d| (-0.5 * (d as f32 / (one * spread)).powi(2)).exp()).collect();
    workers.each(bands(&mut out.planes, format.chroma.shift()), |mut band| {
        filter_band(source, neighbours, &mut band, &likeness);
    });
    out
}

/// Filters one row of superblocks; `likeness` weighs a sample by its difference.
fn filter_band(source: &Picture, neighbours: &[Neighbour], band: &mut Band<u16>, likeness: &[f32]) {
    let format = source.format;
    let one = (1 << (format.bit_depth - 8)) as f32;
    let (width, height) = (source.planes[0].width(), source.planes[0].height());
    let columns = width.div_ceil(16);
    let mut fetched = vec![[0; STRIDE * BLOCK]; neighbours.len()];
    let top = band.row * SUPERBLOCK;
    for y in (top..height.min(top + SUPERBLOCK)).step_by(BLOCK) {
        for x in (0..width).step_by(BLOCK) {
            let luma = Rect { x, y, w: BLOCK, h: BLOCK };
            let moved: Vec<(Mv, f32)> = neighbours
                .iter()
                .zip(&mut fetched)
                .map(|(n, f)| refine(source, n, f, luma, n.vectors[y / 16 * columns + x / 16]))
                .collect();
            let least = moved.iter().map(|m| m.1).fold(f32::INFINITY, f32::min);
            let level = one * one * (BLOCK * BLOCK) as f32;
            for p in 0..format.chroma.planes() {
                let s = if p == 0 { 0 } else { format.chroma.shift() };
                let r = Rect { x: x >> s, y: y >> s, w: BLOCK >> s, h: BLOCK >> s };
                let mut sums = [(0f32, 1f32); BLOCK * BLOCK];
                for ((n, f), &(mv, error)) in neighbours.iter().zip(&mut fetched).zip(&moved) {
                    predict_one(f, STRIDE, Moved::of(&n.picture, p, r, mv));
                    let trust = STRENGTH * (least + level) / (error + level) / (n.distance as f32).sqrt();
                    for i in 0..r.h {
                        let own = &source.planes[p].row(r.y + i)[r.x..][..r.w];
                        let row = &f[i * STRIDE..][..r.w];
                        for ((&o, &v), sum) in own.iter().zip(row).zip(&mut sums[i * BLOCK..]) {
                            let w = trust * likeness[usize::from(o.abs_diff(v))];
                            *sum = (sum.0 + w * f32::from(v), sum.1 + w);
                        }
                    }
                }
                let (samples, stride) = band.from(p, r.x, r.y);
                for (i, row) in samples.chunks_mut(stride).take(r.h).enumerate() {
                    for (o, sum) in row[..r.w].iter_mut().zip(&sums[i * BLOCK..]) {
                        *o = ((f32::from(*o) + sum.0) / sum.1 + 0.5) as u16;
                    }
                }
            }
        }
    }
}

/// The best vector near a rough one, and its squared error.
fn refine(source: &Picture, n: &Neighbour, f: &mut [u16], r: Rect, rough: Mv) -> (Mv, f32) {
    let plane = &source.planes[0];
    let own = &plane.data()[plane.index(r.x as isize, r.y as isize)..];
    let mut judge = |mv: Mv| {
        predict_one(f, STRIDE, Moved::of(&n.picture, 0, r, mv));
        kernel::ssd(own, plane.stride(), f, STRIDE, BLOCK, BLOCK) as f32
    };
    let mut best = (rough, judge(rough));
    for step in [8i16, 4, 2, 1] {
        let center = best.0;
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
            let mv = Mv { x: center.x + dx * step, y: center.y + dy * step };
            let error = judge(mv);
            if error < best.1 {
                best = (mv, error);
            }
        }
    }
    best
}
