//! A picture at half size, in blocks, and the motion between two of them.

use crate::kernel;
use crate::picture::{Plane, Sample};
use crate::predict::inter::{Moved, Mv, Rect, fetch, predict_mean, predict_one};

/// Side of a block in reduced samples: 16 in the picture.
pub const BLOCK: usize = 8;
/// Border of the reduced picture.
const PAD: usize = 32;
/// Stride of an interpolated block.
const STRIDE: usize = 64;

/// Steps of n samples are not tried from where the cost of a block is less than n times this.
const GOOD: i32 = 10;

/// The eight places around one: the sides, then the corners.
const RING: [[(i32, i32); 4]; 2] = [[(-1, 0), (1, 0), (0, -1), (0, 1)], [(-1, -1), (1, 1), (-1, 1), (1, -1)]];

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
    /// What the search by whole samples came to.
    sad: i32,
}

/// The prediction of a whole picture from another.
pub struct Link {
    pub blocks: Vec<LinkBlock>,
}

impl Sketch {
    pub fn of(picture: &Plane<impl Sample>, bit_depth: u8) -> Self {
        let (w, h) = (picture.width().div_ceil(2), picture.height().div_ceil(2));
        let mut luma = Plane::new(w.next_multiple_of(BLOCK), h.next_multiple_of(BLOCK), PAD);
        let mut sums = vec![0u16; 2 * w];
        for y in 0..luma.height() {
            let from = |y: usize| picture.row(y.min(picture.height() - 1));
            let (a, b) = (from(2 * y.min(h - 1)), from(2 * y.min(h - 1) + 1));
            let add = |(a, b): (&_, &_)| Into::<u16>::into(*a) + Into::<u16>::into(*b);
            sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, pair)| *sum = add(pair));
            if picture.width() % 2 == 1 {
                sums[2 * w - 1] = sums[2 * w - 2];
            }
            let (to, beyond) = luma.row_mut(y).split_at_mut(w);
            for (to, [a, b]) in to.iter_mut().zip(sums.as_chunks::<2>().0) {
                *to = (a + b + 2) >> 2;
            }
            beyond.fill(to[w - 1]);
        }
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

    /// Motion of every block against `from`. `quick`: without a wide search where a neighbour's vector serves as well as it
    /// does there, and without quarters of a sample where no half is better.
    pub fn link(&self, from: &Sketch, quick: bool) -> Link {
        let mut blocks: Vec<LinkBlock> = Vec::with_capacity(self.columns * self.rows);
        let mut scratch = vec![0; STRIDE * BLOCK];
        for r in 0..self.rows {
            for c in 0..self.columns {
                let known = |dx: isize, up: usize| {
                    let column = c.checked_add_signed(dx).filter(|&c| c < self.columns)?;
                    Some(blocks[r.checked_sub(up)? * self.columns + column])
                };
                let (left, above) = (known(-1, 0), known(0, 1));
                let near = [None, left, above, known(1, 1)].map(|b| b.map_or(Mv::default(), |b| b.mv));
                let usual = left.zip(above).map_or(0, |(a, b)| a.sad.max(b.sad));
                let enough = if quick { usual } else { 0 };
                let b = self.search(from, (c * BLOCK, r * BLOCK), near, (quick, enough), &mut scratch);
                blocks.push(b);
            }
        }
        Link { blocks }
    }

    /// Motion of the block at (x, y); `near` are vectors to start from, the second that of the block to the left. A
    /// difference below `enough` needs no wide search.
    fn search(
        &self,
        from: &Sketch,
        (x, y): (usize, usize),
        near: [Mv; 4],
        (quick, enough): (bool, i32),
        pred: &mut [u16],
    ) -> LinkBlock {
        let own = &self.luma.data()[self.luma.index(x as isize, y as isize)..];
        let (w, h) = (self.luma.width() as i32, self.luma.height() as i32);
        let (x0, y0) = (x as i32, y as i32);
        let reach = BLOCK as i32 + 8;
        let inside =
            |dx: i32, dy: i32| (dx.clamp(-x0 - reach, w - x0 + 8 - 1), dy.clamp(-y0 - reach, h - y0 + 8 - 1));
        // The vectors of the neighbours agree in true motion: a difference from the left one costs a little.
        let better = |best: (i32, (i32, i32)), at: [(i32, i32); 4]| {
            let places = at.map(|(dx, dy)| from.luma.index((x0 + dx) as isize, (y0 + dy) as isize));
            let (stride, other) = (self.luma.stride(), &from.luma);
            let sads = kernel::sad4(own, stride, other.data(), places, other.stride(), BLOCK, BLOCK);
            at.into_iter().zip(sads).fold(best, |best, ((dx, dy), sad)| {
                let away = (dx - i32::from(near[1].x >> 3)).abs() + (dy - i32::from(near[1].y >> 3)).abs();
                let cost = sad as i32 + away.min(16);
                if cost < best.0 { (cost, (dx, dy)) } else { best }
            })
        };
        let starts = near.map(|mv| inside(i32::from(mv.x) >> 3, i32::from(mv.y) >> 3));
        let mut best = better((i32::MAX, (0, 0)), starts);
        for step in [8, 4, 2, 1, 1, 1] {
            if best.0 < step * GOOD || (step > 1 && best.0 < enough) {
                continue;
            }
            let (cx, cy) = best.1;
            for four in RING {
                best = better(best, four.map(|(px, py)| inside(cx + px * step, cy + py * step)));
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
            if quick && mv == center {
                break;
            }
        }
        LinkBlock { mv, cost: least, sad: best.0 }
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
