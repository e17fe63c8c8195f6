//! Inter trials: merge candidates, searched motion, bi-prediction.

use super::block::{TxList, consider};
use super::{Candidate, Search};
use crate::entropy::{BIT, BitCounter, symbol_cost};
use crate::kernel;
use crate::predict::inter::{self, Balance, Motion, Rect};
use crate::syntax::layout;
use crate::syntax::{
    Block, MERGE_CANDIDATES, code_prediction, for_each_tx, max_tx_depth, merge_candidates, tx_places,
};

/// Bits for each sample that the Hadamard difference of a merge candidate is worth, up to which a quick search leaves it
/// at that.
const CLOSE: f32 = 0.6;

impl Search {
    /// Tries inter prediction; returns the Hadamard cost of the best.
    pub(super) fn inter(&mut self, blank: &Block, size: usize, best: &mut Option<Candidate>) -> f32 {
        let (x, y) = (usize::from(blank.x), usize::from(blank.y));
        let list = merge_candidates(&self.f, (x, y, blank.w(), blank.h()), MERGE_CANDIDATES);
        let lambda = self.lambda.sqrt();
        // Rough order by Hadamard difference.
        let mut rough = self.rough_merges(blank, &list);
        rough.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut least = rough[0].0;
        rough.truncate(self.settings.merge_trials);
        for (cost, b) in std::mem::take(&mut rough) {
            if cost <= least * 1.2 + 2.0 * lambda {
                self.inter_trial(&b, best);
            }
        }
        // Where a merge leaves nothing worth coding, a searched vector hardly pays for itself.
        if best.as_ref().is_some_and(|c| c.block.skip && self.calm(c)) {
            return least;
        }
        // Large blocks that move as nothing around them does are rare, too.
        let close = CLOSE * lambda * (blank.w() * blank.h()) as f32;
        if self.settings.quick_motion && (size == 6 || least < close) {
            return least;
        }
        rough = self.rough_vectors(blank, &list, size);
        rough.sort_by(|a, b| a.0.total_cmp(&b.0));
        rough.truncate(self.settings.vector_trials);
        least = rough.iter().map(|r| r.0).fold(least, f32::min);
        for (cost, b) in rough {
            let most = if self.settings.quick_motion { least } else { least * 1.25 + 4.0 * lambda };
            if cost > most {
                continue;
            }
            self.inter_trial(&b, best);
        }
        least
    }

    /// Rough costs of the merge candidates.
    fn rough_merges(&mut self, blank: &Block, list: &[Motion]) -> Vec<(f32, Block)> {
        let lambda = self.lambda.sqrt();
        let first = Block { inter: true, merge: true, skip: true, ..*blank };
        let all = self.prediction_bits(&first);
        let index = |s: &Self, i: usize| symbol_cost(&s.f.ctx[layout::MERGE_INDEX.at(0)], i);
        let other = all - u64::from(index(self, 0));
        let mut rough = Vec::with_capacity(list.len());
        let most = if self.settings.quick_motion { 3 } else { list.len() };
        for (i, m) in list.iter().enumerate().take(most) {
            if list[..i].contains(m) {
                continue;
            }
            let b = Block { skip: false, merge_index: i as u8, ..first.moving(*m) };
            let satd = self.inter_satd(&b, m);
            let bits = (other + u64::from(index(self, i))) as f32 / BIT as f32;
            rough.push((satd + lambda * bits, b));
        }
        rough
    }

    /// Rough costs of searched motions.
    fn rough_vectors(&mut self, blank: &Block, list: &[Motion], size: usize) -> Vec<(f32, Block)> {
        let mut rough = Vec::new();
        for (satd, m) in self.searched(blank, list, size) {
            let b = self.vector_block(blank, list, m);
            rough.extend(self.rough_vector(b, satd));
        }
        if self.settings.balance {
            self.rough_balances(&mut rough);
        }
        rough
    }

    /// Adds rough costs of the best pair with uneven weights.
    fn rough_balances(&mut self, rough: &mut Vec<(f32, Block)>) {
        let pairs = rough.iter().filter(|r| r.1.motion().is_bi());
        let Some(&(_, best)) = pairs.min_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        for balance in [Balance::First, Balance::Second] {
            let b = Block { balance, ..best };
            let satd = self.inter_satd(&b, &b.motion());
            rough.extend(self.rough_vector(b, satd));
        }
    }

    /// Hadamard difference of a motion's luma prediction.
    fn inter_satd(&mut self, b: &Block, m: &Motion) -> f32 {
        let r = Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() };
        inter::predict(&mut self.scratch.pred, 64, &self.refs, m, (0, r), &mut self.scratch.inter);
        let s = &self.source.planes[0];
        let from = &s.data()[s.index(r.x as isize, r.y as isize)..];
        kernel::satd(from, s.stride(), &self.scratch.pred, 64, r.w, r.h) as f32
    }

    /// Rough cost of a block with vectors of its own and this Hadamard difference; `None` if its vectors are beyond what can
    /// be coded.
    fn rough_vector(&mut self, b: Block, satd: f32) -> Option<(f32, Block)> {
        let (mut c, mut coded) = (BitCounter::<false>::default(), b);
        code_prediction(&mut c, &mut self.f, &mut coded);
        let cost = satd + self.lambda.sqrt() * (c.bits as f32 / BIT as f32);
        (coded.motion() == b.motion()).then_some((cost, b))
    }

    /// Whether a block's cost is small for its area.
    fn calm(&self, c: &Candidate) -> bool {
        c.cost < self.lambda * (8.0 + (c.block.w() * c.block.h()) as f32 / 10.0)
    }

    /// Trial of one motion, without residual and with the largest cosine transforms.
    fn inter_trial(&mut self, b: &Block, best: &mut Option<Candidate>) {
        let planes = self.f.chroma.planes();
        self.reconstructor.predict_inter(&mut self.frame, &self.refs, b, 0..planes);
        let mut without = 0.0;
        for_each_tx(&Block { tx_depth: 0, ..*b }, self.f.chroma, |t| without += self.error(t));
        let plain = Block { skip: b.merge, residual: false, tx_depth: 0, ..*b };
        let cost = without + self.prediction_rate(&plain);
        consider(best, TxList::default().into_candidate(plain, cost));
        let limit = best.as_ref().map_or(f32::INFINITY, |c| c.cost);
        let b = Block { residual: true, skip: false, ..*b };
        let rate = self.prediction_rate(&b);
        let mut list = self.inter_luma(&b, limit - rate);
        if list.cost + rate >= limit {
            return;
        }
        let luma = (list.cost, list.res.tokens.len());
        list.append(self.chroma(&b, false, vec![]));
        if list.coded {
            let cost = list.cost + rate;
            consider(best, Candidate { luma, ..list.into_candidate(b, cost) });
        }
    }

    /// Codes the luma of the prediction in the frame; gives up beyond `limit`.
    fn inter_luma(&mut self, b: &Block, limit: f32) -> TxList {
        let mut list = TxList { cost: self.depth_rate(b), ..TxList::default() };
        let places = tx_places(b, crate::ChromaFormat::Mono);
        for t in places {
            let c = self.tx(b, t, false, &[0], limit - list.cost);
            list.push(c);
            if list.cost > limit {
                list.cost = f32::INFINITY;
                break;
            }
        }
        list
    }

    /// Tries finer transforms on the best inter candidate.
    pub(super) fn refine_inter(&mut self, best: &mut Candidate) {
        let b = best.block;
        let n = best.res.tx.len();
        let deepest = self.settings.inter_depth.min(max_tx_depth(b.lw.into(), b.lh.into()));
        if !b.residual || deepest == 0 || !best.res.tx.iter().any(|t| t.coded) {
            return;
        }
        self.reconstructor.predict_inter(&mut self.frame, &self.refs, &b, 0..1);
        let (base, tokens) = best.luma;
        let mut first = 0;
        for_each_tx(&b, crate::ChromaFormat::Mono, |_| first += 1);
        let rate = self.prediction_rate(&b);
        // The chroma of the candidate stays; its cost is what luma leaves.
        let chroma = best.cost - base - rate;
        let mut luma: Option<(u8, TxList)> = None;
        let mut least = base;
        for depth in 1..=deepest {
            let b = Block { tx_depth: depth as u8, ..b };
            let list = self.inter_luma(&b, least);
            if list.cost < least {
                least = list.cost;
                luma = Some((depth as u8, list));
            } else {
                break;
            }
        }
        let Some((depth, list)) = luma else { return };
        best.block.tx_depth = depth;
        let mut all = list;
        let mut tail = TxList { cost: chroma + rate, ..TxList::default() };
        tail.res.tx = best.res.tx.split_off(first);
        tail.res.tokens = best.res.tokens.split_off(tokens);
        tail.values = best.values.split_off(first);
        tail.coeffs = best.coeffs.split_off(first);
        debug_assert_eq!(n, first + tail.res.tx.len());
        all.append(tail);
        let cost = all.cost;
        *best = all.into_candidate(best.block, cost);
    }
}
