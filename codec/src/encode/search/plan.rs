//! Estimates of a superblock before anything of it is coded: which partition they lead to. Predictions are chosen by
//! Hadamard differences, blocks compared by what their coefficients would cost. Fast presets follow it.

use super::block::TxList;
use super::intra::HOPELESS;
use super::tx::energy;
use super::{Candidate, Scratch, Search};
use crate::ChromaFormat;
use crate::encode::quantise::Quantiser;
use crate::kernel;
use crate::predict::inter::{self, Balance, Motion, Mv, Rect};
use crate::predict::intra::{self, DC, HORIZONTAL, PLANAR, VERTICAL};
use crate::reconstruct::TX_TYPES;
use crate::syntax::{
    Block, MERGE_CANDIDATES, SUPERBLOCK, TX_AREA, TxPlace, for_each_tx, merge_candidates, tx_size,
};
use crate::transform::forward;

/// Coefficients cost so many times their estimate, by size of the transform.
const UNDERRATED: [f32; 4] = [1.25, 1.19, 1.1, 1.05];

/// Bits for each sample below which the Hadamard difference of inter prediction leaves nothing to be gained by intra.
const SETTLED: f32 = 0.25;

/// So many times that, a quick search leaves it at a merge candidate.
const CALM: f32 = 2.5;

/// What is known of a square.
#[derive(Clone, Copy, Debug)]
struct Square {
    /// Estimated cost as one block and as four squares.
    whole: f32,
    split: f32,
    /// The best motions of neighbours, the best of its own, and their rough costs.
    merges: Ideas,
    vectors: Ideas,
    /// The rough cost of the best intra mode.
    intra: f32,
}

/// Motions and their rough costs, the best first.
type Ideas = [(f32, Motion); 2];
const NO_IDEAS: Ideas = [(f32::INFINITY, NOWHERE); 2];
const NOWHERE: Motion = Motion { refs: [-1; 2], mv: [Mv { x: 0, y: 0 }; 2], balance: Balance::Even };

/// The best of rough candidates.
fn ideas(mut rough: Vec<(f32, Block)>) -> Ideas {
    rough.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = NO_IDEAS;
    for (to, (cost, b)) in best.iter_mut().zip(rough) {
        *to = (cost, b.motion());
    }
    best
}

/// Squares of 64, 32, 16 and 8 samples in a superblock.
const SQUARES: usize = 1 + 4 + 16 + 64;

/// The squares of a superblock.
pub(super) struct Plan {
    squares: [Square; SQUARES],
}

impl Default for Plan {
    fn default() -> Self {
        let (whole, split) = (f32::INFINITY, f32::INFINITY);
        let square = Square { whole, split, merges: NO_IDEAS, vectors: NO_IDEAS, intra: f32::INFINITY };
        Plan { squares: [square; SQUARES] }
    }
}

impl Plan {
    fn at(&mut self, x: usize, y: usize, size: usize) -> &mut Square {
        let (x, y) = ((x % SUPERBLOCK) >> size, (y % SUPERBLOCK) >> size);
        let (start, across) = [(21, 8), (5, 4), (1, 2), (0, 1)][size - 3];
        &mut self.squares[start + y * across + x]
    }

    pub fn note_split(&mut self, x: usize, y: usize, size: usize, cost: f32) {
        self.at(x, y, size).split = cost;
    }
}

impl Search<'_> {
    /// Estimates all squares of the superblock at (x, y).
    pub(super) fn make_plan(&mut self, x: usize, y: usize) {
        self.plan = Plan::default();
        self.estimating = true;
        self.node(x, y, 6, f32::INFINITY);
        self.estimating = false;
    }

    /// Whether a square should be tried as one block, and whether split.
    pub(super) fn planned(&mut self, x: usize, y: usize, size: usize) -> (bool, bool) {
        let Some(margin) = self.settings.plan else { return (true, true) };
        let s = *self.plan.at(x, y, size);
        (s.whole <= s.split * margin, s.split < s.whole * margin)
    }

    /// The best block for a square by estimates; its cost is one, too.
    pub(super) fn estimate(&mut self, blank: &Block, size: usize) -> Candidate {
        let settled = SETTLED * self.lambda.sqrt() * (blank.w() * blank.h()) as f32;
        let (mut block, mut least) = (*blank, f32::INFINITY);
        let mut better = |rough: &[(f32, Block)]| {
            for r in rough {
                if r.0 < least {
                    (least, block) = *r;
                }
            }
            least
        };
        let (mut merges, mut vectors, mut intra) = (Vec::new(), Vec::new(), Vec::new());
        let mut inter = f32::INFINITY;
        if !self.f.key {
            let place = (blank.x.into(), blank.y.into(), blank.w(), blank.h());
            let list = merge_candidates(&self.f, place, MERGE_CANDIDATES);
            merges = self.rough_merges(blank, &list);
            inter = better(&merges);
            // Large blocks that move as nothing around them does are rare.
            if !self.settings.quick_motion || (size < 6 && inter >= CALM * settled) {
                vectors = self.rough_vectors(blank, &list, size);
                inter = better(&vectors);
            }
        }
        if inter > settled {
            intra = self.estimate_intra(blank, inter);
            better(&intra);
        }
        let cost = self.estimate_cost(&block);
        let square = self.plan.at(block.x.into(), block.y.into(), size);
        square.whole = cost;
        (square.merges, square.vectors) = (ideas(merges), ideas(vectors));
        square.intra = intra.iter().map(|i| i.0).fold(f32::INFINITY, f32::min);
        TxList::default().into_candidate(block, cost)
    }

    /// What coding a block would cost by its luma.
    fn estimate_cost(&mut self, b: &Block) -> f32 {
        self.predict_estimate(b);
        let stride = 64;
        let mut cost = self.prediction_rate(&Block { skip: b.merge, ..*b });
        let bit_depth = self.frame.format.bit_depth;
        let step = self.reconstructor.step(0, b.qi);
        let quantiser = Quantiser { f: &self.f, lookup: self.lookup, step, lambda: self.lambda, bit_depth };
        let source = &self.source.planes[0];
        for_each_tx(&Block { tx_depth: 0, ..*b }, ChromaFormat::Mono, |t| {
            let (w, h) = (1 << t.lw, 1 << t.lh);
            let from = &source.data()[source.index(t.x as isize, t.y as isize)..];
            let at = (t.y - usize::from(b.y)) * stride + t.x - usize::from(b.x);
            let residual = &mut self.scratch.residual[..w * h];
            kernel::residual(from, source.stride(), &self.scratch.pred[at..], stride, residual, w, h);
            let energy = energy(residual);
            cost += if energy < 5.0 * self.lambda {
                energy
            } else {
                let coeffs = &mut self.scratch.coeffs[..w * h];
                forward(residual, coeffs, t.lw as u32, t.lh as u32, TX_TYPES[0], bit_depth);
                energy.min(quantiser.estimate(coeffs) * UNDERRATED[(t.lw + t.lh) / 2 - 2] + 2.0 * self.lambda)
            };
        });
        cost
    }

    /// Predicts the luma of a block for an estimate, in rows of 64.
    fn predict_estimate(&mut self, b: &Block) {
        if b.inter {
            let r = Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() };
            let Scratch { pred, inter, .. } = &mut self.scratch;
            return inter::predict(pred, 64, &self.refs, &b.motion(), 0, r, 0, inter);
        }
        let (lw, lh) = tx_size(b.lw.into(), b.lh.into(), 0);
        let bit_depth = self.frame.format.bit_depth;
        for_each_tx(&Block { tx_depth: 0, ..*b }, ChromaFormat::Mono, |t| {
            let edges = self.reconstructor.edges(self.source, b, t);
            let mut out = [0; TX_AREA];
            intra::predict(&mut out, &edges, 1 << lw, 1 << lh, b.modes[0], true, bit_depth);
            let at = (t.y - usize::from(b.y)) * 64 + t.x - usize::from(b.x);
            for (to, from) in self.scratch.pred[at..].chunks_mut(64).zip(out.chunks(1 << lw)).take(1 << lh) {
                to[..1 << lw].copy_from_slice(from);
            }
        });
    }

    /// Estimates of intra modes, predicted from the source; `inter` is that of the best motion.
    fn estimate_intra(&mut self, blank: &Block, inter: f32) -> Vec<(f32, Block)> {
        let (lw, lh) = tx_size(blank.lw.into(), blank.lh.into(), 0);
        let t = TxPlace { plane: 0, x: blank.x.into(), y: blank.y.into(), lw, lh, part: 0 };
        let b = Block { residual: true, modes: [DC; 4], ..*blank };
        let edges = self.reconstructor.edges(self.source, &b, t);
        let scale = ((b.w() * b.h()) >> (lw + lh)) as f32;
        let directed = scale == 1.0 && self.f.key;
        let mut judge = self.judge(edges, &b, t, scale);
        let mut modes = vec![(judge.cost(PLANAR), PLANAR)];
        if modes[0].0 < inter * HOPELESS {
            modes.extend([DC, HORIZONTAL, VERTICAL].map(|m| (judge.cost(m), m)));
        }
        if directed {
            judge.directions(&mut modes);
        }
        modes.into_iter().map(|(cost, m)| (cost, Block { modes: [m; 4], ..b })).collect()
    }

    /// Codes a square by the plan: with the motions that the estimate found, or intra where that is near them.
    pub(super) fn follow_plan(&mut self, blank: &Block, size: usize, margin: f32) -> Candidate {
        let Square { merges, vectors, intra, .. } = *self.plan.at(blank.x.into(), blank.y.into(), size);
        let mut best = None;
        let inter = merges[0].0.min(vectors[0].0);
        if inter < intra * margin {
            let place = (blank.x.into(), blank.y.into(), blank.w(), blank.h());
            let list = merge_candidates(&self.f, place, MERGE_CANDIDATES);
            let mut tried = Vec::new();
            let merges = merges.iter().take(self.settings.merge_trials).enumerate();
            let vectors = vectors.iter().take(self.settings.vector_trials).map(|v| (1, v));
            for (i, &(cost, m)) in merges.chain(vectors) {
                if !cost.is_finite() || tried.contains(&m) || (i > 0 && cost > inter * margin) {
                    continue;
                }
                tried.push(m);
                let b = match list.iter().position(|&c| c == m) {
                    Some(i) => Block { inter: true, merge: true, merge_index: i as u8, ..blank.moving(m) },
                    None => self.vector_block(blank, &list, m),
                };
                // What the vectors are coded from may have moved out of their reach since.
                if b.merge || self.vector_bits(&b).is_some() {
                    self.inter_trial(&b, &mut best);
                }
            }
        }
        if let Some(b) = &mut best {
            self.refine_inter(b);
        }
        if best.is_none() || intra < inter * margin {
            let limit = if best.is_none() { f32::INFINITY } else { inter };
            self.intra(blank, limit, &mut best);
        }
        best.expect("every block has at least an intra candidate")
    }
}
