//! Estimates of a superblock before anything of it is coded: which partition Hadamard differences and the bits of the
//! prediction lead to. Fast presets follow it, others leave out what it finds much worse.

use super::block::TxList;
use super::{Candidate, Search};
use crate::encode::presets::Planning;
use crate::predict::inter::Motion;
use crate::predict::intra::{DC, HORIZONTAL, PLANAR, VERTICAL};
use crate::syntax::{Block, SUPERBLOCK, TxPlace, merge_candidates, tx_size};

/// A square is not tried whole if its quarters are estimated to cost less than this share of it, and not split if it
/// costs less than this share of its quarters.
const SURELY_SPLIT: f32 = 0.85;
const SURELY_WHOLE: f32 = 0.92;

/// What is known of a square.
#[derive(Clone, Copy, Debug)]
struct Square {
    /// Estimated cost as one block and as four squares.
    whole: f32,
    split: f32,
    /// The best block, and the motions that were searched for it.
    block: Block,
    motions: [Motion; MOTIONS],
    found: usize,
}

/// Most motions that a search comes to.
const MOTIONS: usize = 3;
/// Squares of 64, 32, 16 and 8 samples in a superblock.
const SQUARES: usize = 1 + 4 + 16 + 64;

/// The squares of a superblock.
pub(super) struct Plan {
    squares: [Square; SQUARES],
}

impl Default for Plan {
    fn default() -> Self {
        let none = Motion::single(0, Default::default());
        let (whole, split) = (f32::INFINITY, f32::INFINITY);
        let square = Square { whole, split, block: Block::default(), motions: [none; MOTIONS], found: 0 };
        Plan { squares: [square; SQUARES] }
    }
}

impl Plan {
    fn at(&mut self, x: usize, y: usize, size: usize) -> &mut Square {
        let (x, y) = (x % SUPERBLOCK >> size, y % SUPERBLOCK >> size);
        let (start, across) = [(21, 8), (5, 4), (1, 2), (0, 1)][size - 3];
        &mut self.squares[start + y * across + x]
    }

    pub fn note_split(&mut self, x: usize, y: usize, size: usize, cost: f32) {
        self.at(x, y, size).split = cost;
    }

    /// The motions that were searched for a square, if it was looked at.
    pub fn motions(&mut self, b: &Block) -> Option<Vec<Motion>> {
        if b.lw != b.lh {
            return None;
        }
        let s = self.at(b.x.into(), b.y.into(), b.lw.into());
        (s.found > 0).then(|| s.motions[..s.found].to_vec())
    }

    pub fn note_motions(&mut self, b: &Block, motions: &[Motion]) {
        if b.lw == b.lh {
            let s = self.at(b.x.into(), b.y.into(), b.lw.into());
            s.found = motions.len().min(MOTIONS);
            s.motions[..s.found].copy_from_slice(&motions[..s.found]);
        }
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
        let s = *self.plan.at(x, y, size);
        match self.settings.plan {
            Planning::None => (true, true),
            Planning::Prunes => {
                #[allow(non_snake_case)]
                let (lo, hi) = (knob("LO", 0.85), knob("HI", 0.92));
                let whole = s.split >= s.whole * lo;
                (whole, !whole || s.whole >= s.split * hi)
            }
            Planning::Decides => { let k = knob("DK", 1.0); (s.whole * k <= s.split, s.whole * k > s.split) }
        }
    }

    /// The best block for a square by estimates; its cost is one, too.
    pub(super) fn estimate(&mut self, blank: &Block, size: usize) -> Candidate {
        let mut best = (f32::INFINITY, *blank);
        let mut keep = |found: Vec<(f32, Block)>| {
            for f in found {
                if f.0 < best.0 {
                    best = f;
                }
            }
        };
        if !self.f.key {
            let mut list = Vec::new();
            merge_candidates(&self.f, blank.x.into(), blank.y.into(), blank.w(), blank.h(), &mut list);
            keep(self.rough_merges(blank, &list));
            keep(self.rough_vectors(blank, &list, size));
        }
        keep(self.estimate_intra(blank));
        let (cost, block) = best;
        let square = self.plan.at(block.x.into(), block.y.into(), size);
        (square.whole, square.block) = (cost, block);
        TxList::default().into_candidate(block, cost)
    }

    /// Estimates of intra modes, predicted from the source.
    fn estimate_intra(&mut self, blank: &Block) -> Vec<(f32, Block)> {
        let (lw, lh) = tx_size(blank.lw.into(), blank.lh.into(), 0);
        let t = TxPlace { plane: 0, x: blank.x.into(), y: blank.y.into(), lw, lh, part: 0 };
        let b = Block { residual: true, modes: [DC; 4], ..*blank };
        let edges = self.reconstructor.edges(self.source, &b, t);
        let scale = ((b.w() * b.h()) >> (lw + lh)) as f32;
        let mut judge = self.judge(edges, &b, t, scale);
        let mut modes: Vec<(f32, u8)> =
            [PLANAR, DC, HORIZONTAL, VERTICAL].iter().map(|&m| (judge.cost(m), m)).collect();
        if scale == 1.0 && self.f.key {
            let edges = self.reconstructor.edges(self.source, &b, t);
            self.judge(edges, &b, t, scale).directions(&mut modes);
        }
        modes.into_iter().map(|(cost, m)| (cost, Block { modes: [m; 4], ..b })).collect()
    }

    /// Codes a square by the plan: its prediction is what the estimate found, or a merge that needs no residual.
    pub(super) fn follow_plan(&mut self, blank: &Block, size: usize) -> Candidate {
        let planned = self.plan.at(blank.x.into(), blank.y.into(), size).block;
        let mut best = None;
        if planned.inter {
            let mut list = Vec::new();
            merge_candidates(&self.f, blank.x.into(), blank.y.into(), blank.w(), blank.h(), &mut list);
            let m = planned.motion();
            let b = match list.iter().position(|&c| c == m) {
                Some(i) => Block { merge: true, merge_index: i as u8, refs: m.refs, mv: m.mv, ..*blank },
                None => self.vector_block(blank, &list, m),
            };
            self.inter_trial(&Block { inter: true, ..b }, &mut best);
        } else {
            self.intra(blank, f32::INFINITY, &mut best);
        }
        best.expect("either was tried")
    }
}

pub fn knob(name: &str, default: f32) -> f32 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}
