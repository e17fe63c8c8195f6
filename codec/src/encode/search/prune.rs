//! Which squares of inter frames are tried whole, and which split: a linear model of the log-odds that a trial pays.
//!
//! Key frames and screen content are searched in full. The weights are a logistic regression over 390,000 squares of films
//! (preset medium, crf 24 and 33), where both were tried. One that won counted as much as the bits it saved, one that lost as
//! much as the time it took: 0.06 bit for each 64 samples and each size that lies in it.

use super::{Candidate, Scratch, Search};
use crate::kernel;
use crate::predict::inter::{self, Rect};
use crate::syntax::Partition;

/// Weights of what is known of a 64x64 square before a trial of it whole: 1; bits by which a split's flag is dearer; how
/// many times the squares to the left, above, and at the same place of a reference are smaller (log2); log2 of lambda.
const WHOLE: [f32; 6] = [4.09, 0.22, -0.34, -0.51, -0.53, -0.33];

/// Weights of what is known after it, before a split: 1; log2 of the cost in bits for each 64 samples; skipped; bits by
/// which a split's flag is dearer; log2 of the tokens for each 64 samples; log2 of the largest Hadamard difference of a
/// quarter over the mean; how many times the squares at the same place of a reference are smaller (log2); log2 of lambda.
/// For 16x16 to 64x64; the last constant is 1.5 above the regression's, as one mistake there costs more than it shows.
const SPLIT: [[f32; 8]; 3] = [
    [-6.31, 1.57, -0.94, -0.59, 0.07, 1.79, 0.30, 0.29],
    [-3.23, 0.71, -1.47, -0.38, 0.27, 2.68, 0.79, 0.24],
    [-1.17, 0.36, -1.35, -0.22, 0.20, 1.54, 0.58, 0.14],
];

fn odds<const N: usize>(weights: &[f32; N], known: [f32; N]) -> f32 {
    weights.iter().zip(known).map(|(w, k)| w * k).sum()
}

impl Search {
    /// Whether a square is worth a trial as one block.
    pub(super) fn worth_whole(&mut self, x: usize, y: usize, size: usize) -> bool {
        if self.f.key || self.f.palette || size < 6 {
            return true;
        }
        let smaller = |lw: u8| size as f32 - f32::from(lw);
        let cells = &self.f.cells;
        let left = cells.left(x, y).map_or(0.0, |c| smaller(c.lw));
        let above = cells.above(x, y).map_or(0.0, |c| smaller(c.lw));
        let before = self.smaller_before(x, y, size);
        let known = [1.0, self.split_bits(x, y, size), left, above, before, self.log_lambda()];
        odds(&WHOLE, known) >= self.settings.least_odds
    }

    /// Whether a square of which one block is known, at a cost, is worth a trial as four.
    pub(super) fn worth_split(&mut self, c: &Candidate, cost: f32, size: usize) -> bool {
        if self.f.key || self.f.palette {
            return true;
        }
        let b = &c.block;
        let (x, y) = (b.x.into(), b.y.into());
        let each = 64.0 / (b.w() * b.h()) as f32;
        let known = [
            1.0,
            (cost / self.tree_lambda * each + 0.05).log2(),
            f32::from(u8::from(b.skip)),
            self.split_bits(x, y, size),
            (c.res.tokens.len() as f32 * each + 0.1).log2(),
            self.unevenness(c),
            self.smaller_before(x, y, size),
            self.log_lambda(),
        ];
        odds(&SPLIT[size - 4], known) >= self.settings.least_odds
    }

    /// Bits by which splitting a square is dearer than not to.
    fn split_bits(&mut self, x: usize, y: usize, size: usize) -> f32 {
        let [split, none] = [Partition::Split, Partition::None].map(|p| self.partition_cost(x, y, size, p));
        ((split - none) / self.tree_lambda).clamp(-8.0, 8.0)
    }

    fn log_lambda(&self) -> f32 {
        let depth = f32::from(self.frame.format.bit_depth - 8);
        self.tree_lambda.log2() - 2.0 * depth
    }

    /// How many times the squares are smaller, in log2, that covered the middles of a square's quarters in the reference
    /// whose motion is known.
    fn smaller_before(&self, x: usize, y: usize, size: usize) -> f32 {
        let Some(field) = &self.f.motion_field else { return 0.0 };
        let quarter = 1 << size >> 2;
        let mut sum = 0.0;
        for (dx, dy) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
            let x = (x + dx * quarter).min(field.grid.width * 8 - 1);
            let y = (y + dy * quarter).min(field.grid.height * 8 - 1);
            sum += size as f32 - f32::from(field.grid.at(x, y).lw);
        }
        sum / 4.0
    }

    /// log2 of the largest Hadamard difference of a quarter over the mean: of the prediction for an inter block, of what
    /// the frame holds for an intra block.
    fn unevenness(&mut self, c: &Candidate) -> f32 {
        let b = &c.block;
        let (x, y) = (usize::from(b.x), usize::from(b.y));
        let half = b.w() / 2;
        let Scratch { pred, inter, .. } = &mut self.scratch;
        let plane = &self.frame.planes[0];
        let (got, stride) = if b.inter {
            let r = Rect { x, y, w: b.w(), h: b.h() };
            inter::predict(pred, 64, &self.refs, &b.motion(), (0, r), inter);
            (&pred[..], 64)
        } else {
            (&plane.data()[plane.index(x as isize, y as isize)..], plane.stride())
        };
        let source = &self.source.planes[0];
        let from = &source.data()[source.index(x as isize, y as isize)..];
        let (mut most, mut sum) = (0, 0);
        for (dx, dy) in [(0, 0), (half, 0), (0, half), (half, half)] {
            let (from, got) = (&from[dy * source.stride() + dx..], &got[dy * stride + dx..]);
            let quarter = kernel::satd(from, source.stride(), got, stride, half, half);
            most = most.max(quarter);
            sum += quarter;
        }
        (most as f32 / (sum as f32 / 4.0 + 1.0) + 0.01).log2()
    }
}
