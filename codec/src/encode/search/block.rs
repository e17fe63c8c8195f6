//! The best way to code one block: all kinds of prediction against each other.

use super::tx::TxChoice;
use super::{Candidate, Search};
use crate::entropy::BitCounter;
use crate::syntax::{Block, Residuals, TxPlace, code_prediction, code_tx_depth};

impl Search {
    /// Finds the best candidate for a block; `size` is the log2 size of the square it belongs to.
    pub(super) fn block(&mut self, x: usize, y: usize, lw: usize, lh: usize, size: usize) -> Candidate {
        let blank = Block {
            x: x as u16,
            y: y as u16,
            lw: lw as u8,
            lh: lh as u8,
            refs: [-1; 2],
            qi: self.qi,
            ..Block::default()
        };
        let mut best: Option<Candidate> = None;
        let mut inter_satd = f32::INFINITY;
        if !self.f.key {
            inter_satd = self.inter(&blank, size, &mut best);
            if let Some(b) = &mut best {
                self.refine_inter(b);
            }
        }
        // A skipped block that costs next to nothing needs no intra trial.
        let settled = best.as_ref().is_some_and(|b| {
            b.block.skip && b.cost < self.lambda * (b.block.w() * b.block.h()) as f32 / 16.0
        });
        if !settled {
            self.intra(&blank, inter_satd, &mut best);
        }
        best.expect("every block has at least an intra candidate")
    }

    /// Bits of everything but the residual.
    pub(super) fn prediction_bits(&mut self, b: &Block) -> u64 {
        let mut c = BitCounter::<false>::default();
        code_prediction(&mut c, &mut self.f, &mut b.clone());
        c.bits
    }

    /// Cost of everything but the residual.
    pub(super) fn prediction_rate(&mut self, b: &Block) -> f32 {
        let bits = self.prediction_bits(b);
        self.rate(bits)
    }

    /// Cost of the transform depth.
    pub(super) fn depth_rate(&mut self, b: &Block) -> f32 {
        let mut c = BitCounter::<false>::default();
        code_tx_depth(&mut c, &mut self.f, b);
        self.rate(c.bits)
    }

    /// Squared error of what the frame holds at a transform block's place.
    pub(super) fn error(&self, t: TxPlace) -> f32 {
        let (s, r) = (&self.source.planes[t.plane], &self.frame.planes[t.plane]);
        let (x, y) = (t.x as isize, t.y as isize);
        let (from, got) = (&s.data()[s.index(x, y)..], &r.data()[r.index(x, y)..]);
        crate::kernel::ssd(from, s.stride(), got, r.stride(), 1 << t.lw, 1 << t.lh) as f32
    }
}

/// Collects the transform blocks of a candidate.
#[derive(Clone, Debug, Default)]
pub(super) struct TxList {
    pub res: Residuals,
    /// Tokens of the palettes, which come before all others.
    pub palette: Vec<u16>,
    pub values: Vec<Vec<i32>>,
    pub coeffs: Vec<Vec<i32>>,
    pub cost: f32,
    pub coded: bool,
}

impl TxList {
    pub fn push(&mut self, c: TxChoice) {
        self.cost += c.cost;
        self.coded |= c.tx.coded;
        self.res.tx.push(c.tx);
        self.res.tokens.extend(c.tokens);
        self.values.push(c.values);
        self.coeffs.push(c.coeffs);
    }

    pub fn append(&mut self, other: TxList) {
        self.cost += other.cost;
        self.coded |= other.coded;
        self.res.tx.extend(other.res.tx);
        self.res.tokens.extend(other.res.tokens);
        self.palette.extend(other.palette);
        self.values.extend(other.values);
        self.coeffs.extend(other.coeffs);
    }

    pub fn into_candidate(mut self, block: Block, cost: f32) -> Candidate {
        self.res.tokens.splice(0..0, self.palette);
        Candidate { block, res: self.res, values: self.values, coeffs: self.coeffs, cost, luma: (0.0, 0) }
    }
}

/// Keeps the cheaper candidate.
pub(super) fn consider(best: &mut Option<Candidate>, c: Candidate) {
    if best.as_ref().is_none_or(|b| c.cost < b.cost) {
        *best = Some(c);
    }
}
