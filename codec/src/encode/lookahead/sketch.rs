//! A picture at half size, in blocks, and the motion between two of them.

use crate::kernel;
use crate::picture::Plane;
use crate::predict::inter::{Moved, Mv, Rect, fetch, predict_mean, predict_one};

/// Side of a block in reduced samples: 16 in the picture.
pub const BLOCK: usize = 8;
/// Border of the reduced picture.
const PAD: usize = 32;
/// Stride of an interpolated block.
const STRIDE: usize = 64;

/// Steps of n samples are not tried from where the cost of a block is less than n times this.
const GOOD: i32 = 10;

/// Half-size luma and what each block costs without reference to other pictures.
pub struct Sketch {
    pub luma: Plane,
    pub columns: usize,
    pub rows: usize,
    pub intra: Vec<f32>,
    bit_depth: u8,
}

/// A block's prediction from another picture: vector in 1/8 reduced sample and Hadamard cost.
#[derive(Clone, Copy, Debug)]
pub struct LinkBlock {
    pub mv: Mv,
    pub cost: f32,
}

/// The prediction of a whole picture from another.
pub struct Link {
    pub blocks: Vec<LinkBlock>,
}

impl Sketch {
    pub fn of(picture: &Plane, bit_depth: u8) -> Self {
        let (w, h) = (picture.width().div_ceil(2), picture.height().div_ceil(2));
        let mut half = Plane::new(w, h, 0);
        let mut sums = vec![0u16; 2 * w];
        for y in 0..h {
            let (a, b) = (picture.row(2 * y), picture.row((2 * y + 1).min(picture.height() - 1)));
            sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum = a + b);
            if picture.width() % 2 == 1 {
                sums[2 * w - 1] = sums[2 * w - 2];
            }
            for (to, [a, b]) in half.row_mut(y).iter_mut().zip(sums.as_chunks::<2>().0) {
                *to = (a + b + 2) >> 2;
            }
        }
        let mut luma = Plane::new(w.next_multiple_of(BLOCK), h.next_multiple_of(BLOCK), PAD);
        luma.copy_extended(&half);
        luma.extend_border();
        let (columns, rows) = (luma.width() / BLOCK, luma.height() / BLOCK);
        let mut s = Sketch { luma, columns, rows, intra: Vec::new(), bit_depth };
        s.intra =
            (0..columns * rows).map(|i| s.intra_cost(i % columns * BLOCK, i / columns * BLOCK)).collect();
        s
    }

    fn satd(&self, x: usize, y: usize, pred: &[u16], stride: usize) -> f32 {
        let own = &self.luma.data()[self.luma.index(x as isize, y as isize)..];
        kernel::satd(own, self.luma.stride(), pred, stride, BLOCK, BLOCK) as f32
    }

    /// The least cost of a few predictions from the samples around the block.
    fn intra_cost(&self, x: usize, y: usize) -> f32 {
        let (x0, y0) = (x as isize, y as isize);
        let data = self.luma.data();
        let top = &data[self.luma.index(x0, y0 - 1)..][..BLOCK];
        let left: Vec<u16> = (0..BLOCK as isize).map(|r| data[self.luma.index(x0 - 1, y0 + r)]).collect();
        let sum: u32 = top.iter().chain(&left).map(|&v| u32::from(v)).sum();
        let mean = (sum / (2 * BLOCK as u32)) as u16;
        let mut pred = [mean; BLOCK * BLOCK];
        let mut best = self.satd(x, y, &pred, BLOCK);
        for row in pred.chunks_exact_mut(BLOCK) {
            row.copy_from_slice(top);
        }
        best = best.min(self.satd(x, y, &pred, BLOCK));
        for (row, &l) in pred.chunks_exact_mut(BLOCK).zip(&left) {
            row.fill(l);
        }
        best = best.min(self.satd(x, y, &pred, BLOCK));
        for (i, row) in pred.chunks_exact_mut(BLOCK).enumerate() {
            for (j, p) in row.iter_mut().enumerate() {
                let (i, j) = (i as u32 + 1, j as u32 + 1);
                let n = BLOCK as u32 + 1;
                let across = (n - j) * u32::from(left[i as usize - 1]) + j * u32::from(top[BLOCK - 1]);
                let down = (n - i) * u32::from(top[j as usize - 1]) + i * u32::from(left[BLOCK - 1]);
                *p = ((across + down + n) / (2 * n)) as u16;
            }
        }
        best.min(self.satd(x, y, &pred, BLOCK))
    }

    /// Motion of every block against `from`.
    pub fn link(&self, from: &Sketch) -> Link {
        let mut blocks: Vec<LinkBlock> = Vec::with_capacity(self.columns * self.rows);
        let mut scratch = vec![0; STRIDE * BLOCK];
        for r in 0..self.rows {
            for c in 0..self.columns {
                let at = |dx: usize, dy: usize| {
                    blocks.get((r * self.columns + c).wrapping_sub(dy * self.columns + dx))
                };
                let mut near = [Mv::default(); 4];
                if c > 0 {
                    near[1] = at(1, 0).map_or(near[0], |b| b.mv);
                }
                if r > 0 {
                    near[2] = at(0, 1).map_or(near[0], |b| b.mv);
                    if c + 1 < self.columns {
                        near[3] = blocks[(r - 1) * self.columns + c + 1].mv;
                    }
                }
                let b = self.search(from, c * BLOCK, r * BLOCK, near, &mut scratch);
                blocks.push(b);
            }
        }
        Link { blocks }
    }

    fn search(&self, from: &Sketch, x: usize, y: usize, near: [Mv; 4], pred: &mut [u16]) -> LinkBlock {
        let own = &self.luma.data()[self.luma.index(x as isize, y as isize)..];
        let (w, h) = (self.luma.width() as i32, self.luma.height() as i32);
        let (x0, y0) = (x as i32, y as i32);
        let reach = BLOCK as i32 + 8;
        let inside =
            |dx: i32, dy: i32| (dx.clamp(-x0 - reach, w - x0 + 8 - 1), dy.clamp(-y0 - reach, h - y0 + 8 - 1));
        // The vectors of the neighbours agree in true motion: a difference from the left one costs a little.
        let cost = |(dx, dy): (i32, i32)| {
            let other = &from.luma.data()[from.luma.index((x0 + dx) as isize, (y0 + dy) as isize)..];
            let away = (dx - i32::from(near[1].x >> 3)).abs() + (dy - i32::from(near[1].y >> 3)).abs();
            kernel::sad(own, self.luma.stride(), other, from.luma.stride(), BLOCK, BLOCK) as i32
                + away.min(16)
        };
        let mut best = (i32::MAX, (0, 0));
        for mv in near {
            let p = inside(i32::from(mv.x) >> 3, i32::from(mv.y) >> 3);
            let c = cost(p);
            if c < best.0 {
                best = (c, p);
            }
        }
        for step in [8, 4, 2, 1, 1, 1] {
            if best.0 < step * GOOD {
                continue;
            }
            let (cx, cy) = best.1;
            for (px, py) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
                let p = inside(cx + px * step, cy + py * step);
                let c = cost(p);
                if c < best.0 {
                    best = (c, p);
                }
            }
            if step == 1 && best.1 == (cx, cy) {
                break;
            }
        }
        let rect = Rect { x, y, w: BLOCK, h: BLOCK };
        let mut judge = |mv: Mv| {
            predict_one(pred, STRIDE, Moved::luma(&from.luma, rect, mv, self.bit_depth));
            self.satd(x, y, pred, STRIDE)
        };
        let mut mv = Mv { x: (best.1.0 * 8) as i16, y: (best.1.1 * 8) as i16 };
        let mut least = judge(mv);
        for step in [4i16, 2] {
            let center = mv;
            for (px, py) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                let m = Mv { x: center.x + px * step, y: center.y + py * step };
                let c = judge(m);
                if c < least {
                    (least, mv) = (c, m);
                }
            }
        }
        LinkBlock { mv, cost: least }
    }

    /// Cost of each block predicted by the mean of two others' predictions.
    pub fn pair_costs(&self, (a, to_a): (&Sketch, &Link), (b, to_b): (&Sketch, &Link)) -> Vec<f32> {
        let (mut first, mut pred) = (vec![0; STRIDE * BLOCK], vec![0; STRIDE * BLOCK]);
        let vectors = to_a.blocks.iter().zip(&to_b.blocks).map(|(a, b)| (a.mv, b.mv));
        vectors
            .enumerate()
            .map(|(at, (mv_a, mv_b))| {
                let (x, y) = (at % self.columns * BLOCK, at / self.columns * BLOCK);
                let rect = Rect { x, y, w: BLOCK, h: BLOCK };
                fetch(&mut first, Moved::luma(&a.luma, rect, mv_a, self.bit_depth));
                predict_mean(&mut pred, STRIDE, &first, Moved::luma(&b.luma, rect, mv_b, self.bit_depth));
                self.satd(x, y, &pred, STRIDE)
            })
            .collect()
    }
}
