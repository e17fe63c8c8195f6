//! Inter trials: merge candidates, searched motion, bi-prediction.

use super::block::{TxList, consider};
use super::{Candidate, Search};
use crate::entropy::BIT;
use crate::kernel;
use crate::predict::inter::{self, Motion, Rect};
use crate::syntax::{Block, for_each_tx, max_tx_depth, merge_candidates};

impl Search<'_> {
    /// Tries inter prediction; returns the Hadamard cost of the best.
    pub(super) fn inter(&mut self, blank: &Block, size: usize, best: &mut Option<Candidate>) -> f32 {
        let (x, y) = (usize::from(blank.x), usize::from(blank.y));
        let mut list = Vec::new();
        merge_candidates(&self.f, x, y, blank.w(), blank.h(), &mut list);
        let lambda = self.lambda.sqrt();
        // Rough order by Hadamard difference.
        let mut rough: Vec<(f32, Block)> = Vec::new();
        for (i, &m) in list.iter().enumerate() {
            if list[..i].contains(&m) {
                continue;
            }
            let b = Block { inter: true, merge: true, merge_index: i as u8, refs: m.refs, mv: m.mv, ..*blank };
            let satd = self.inter_satd(&b, &m);
            let bits = self.prediction_bits(&Block { skip: true, ..b }) as f32 / BIT as f32;
            rough.push((satd + lambda * bits, b));
        }
        rough.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut least = rough[0].0;
        rough.truncate(self.settings.merge_trials);
        let merges = rough.len();
        for m in self.searched(blank, &list, size) {
            let b = self.vector_block(blank, &list, m);
            let bits = self.prediction_bits(&b) as f32 / BIT as f32;
            let satd = self.inter_satd(&b, &m);
            rough.push((satd + lambda * bits, b));
        }
        rough[merges..].sort_by(|a, b| a.0.total_cmp(&b.0));
        rough.truncate(merges + 2);
        least = rough.iter().map(|r| r.0).fold(least, f32::min);
        for (cost, b) in rough {
            if cost > least * 1.25 + 4.0 * lambda {
                continue;
            }
            self.inter_trial(&b, best);
        }
        least
    }

    /// Hadamard difference of a motion's luma prediction.
    pub(super) fn inter_satd(&mut self, b: &Block, m: &Motion) -> f32 {
        let r = Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() };
        inter::predict(&mut self.scratch.pred, 64, &self.refs, m, 0, r, 0, &mut self.scratch.inter);
        let s = &self.source.planes[0];
        let from = &s.data()[s.index(r.x as isize, r.y as isize)..];
        kernel::satd(from, s.stride(), &self.scratch.pred, 64, r.w, r.h) as f32
    }

    /// Full trial of one motion, with and without residual.
    fn inter_trial(&mut self, b: &Block, best: &mut Option<Candidate>) {
        let planes = self.f.chroma.planes();
        self.reconstructor.predict_inter(&mut self.frame, &self.refs, b, 0..planes);
        let mut without = 0.0;
        for_each_tx(&Block { tx_depth: 0, ..*b }, self.f.chroma, |t| without += self.error(t));
        let plain = Block { skip: b.merge, residual: false, tx_depth: 0, ..*b };
        let cost = without + self.prediction_rate(&plain);
        consider(best, Candidate { block: plain, res: Default::default(), values: vec![], cost });
        let limit = best.as_ref().map_or(f32::INFINITY, |c| c.cost);
        let mut b = Block { residual: true, skip: false, ..*b };
        let rate = self.prediction_rate(&b);
        let chroma = self.chroma(&b, false);
        if chroma.cost + rate >= limit {
            return;
        }
        let deepest = self.settings.inter_depth.min(max_tx_depth(b.lw.into(), b.lh.into()));
        let types: &[u8] = if self.settings.inter_types { &[0, 3, 1, 2] } else { &[0] };
        let mut luma: Option<(f32, u8, TxList)> = None;
        for depth in 0..=deepest {
            b.tx_depth = depth as u8;
            let mut list = TxList { cost: self.depth_rate(&b), ..TxList::default() };
            let mut places = Vec::new();
            for_each_tx(&b, crate::ChromaFormat::Mono, |t| places.push(t));
            for t in places {
                let c = self.tx(&b, t, false, types);
                list.push(c);
                if luma.as_ref().is_some_and(|l| list.cost > l.0) {
                    break;
                }
            }
            // Finer transforms rarely help where the coarse one found nothing to code.
            let coded = list.coded;
            if luma.as_ref().is_none_or(|l| list.cost < l.0) {
                luma = Some((list.cost, depth as u8, list));
            } else if depth > 0 {
                break;
            }
            if !coded {
                break;
            }
        }
        let Some((cost, depth, mut list)) = luma else { return };
        b.tx_depth = depth;
        if !list.coded && !chroma.coded {
            return;
        }
        let cost = cost + chroma.cost + rate;
        list.append(chroma);
        consider(best, list.into_candidate(b, cost));
    }
}
