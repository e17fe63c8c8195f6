//! Transform and quantisation trials.

use super::{Search, rate};
use crate::codebook::step;
use crate::encode::quantise::Quantiser;
use crate::entropy::symbol_cost;
use crate::kernel;
use crate::reconstruct::TX_TYPES;
use crate::syntax::layout;
use crate::syntax::{
    Block, TX_AREA, TxBlock, TxPlace, TxShape, coded_context, kind_of, reach, tx_type_context,
};
use crate::transform::forward;

/// The best way found to code one transform block.
#[derive(Clone, Debug)]
pub struct TxChoice {
    pub tx: TxBlock,
    pub tokens: Vec<u16>,
    pub values: Vec<i32>,
    pub cost: f32,
    /// The coefficients before quantisation, kept for training only.
    pub coeffs: Vec<i32>,
}

impl Search {
    /// Codes the difference between the source and the prediction that the frame holds at `t`, with the best of
    /// `types` or not at all. More than `limit` need not be looked at closely.
    pub(super) fn tx(&mut self, b: &Block, t: TxPlace, coded_u: bool, types: &[u8], limit: f32) -> TxChoice {
        let s = TxShape { lw: t.lw, lh: t.lh };
        let (w, h) = (s.w(), s.h());
        let bd = self.frame.format.bit_depth;
        let (src, rec) = (&self.source.planes[t.plane], &self.frame.planes[t.plane]);
        let (x, y) = (t.x as isize, t.y as isize);
        let residual = &mut self.scratch.residual[..w * h];
        let (from, pred) = (&src.data()[src.index(x, y)..], &rec.data()[rec.index(x, y)..]);
        let energy = kernel::residual(from, src.stride(), pred, rec.stride(), residual, w, h) as f32;
        let flag = layout::CODED.at(coded_context(b, t, coded_u));
        let typed = t.plane == 0 && t.lw <= 4 && t.lh <= 4;
        let zero = energy + rate(self.lambda, symbol_cost(&self.f.ctx[flag], 0).into());
        let mut best =
            TxChoice { tx: TxBlock::default(), tokens: vec![], values: vec![], cost: zero, coeffs: vec![] };
        // Less energy than a bit is worth cannot pay for a coefficient.
        if energy < 5.0 * self.lambda {
            return best;
        }
        let overhead = symbol_cost(&self.f.ctx[flag], 1);
        let offset = if t.plane == 0 { 0 } else { self.reconstructor.chroma_offset };
        let quantiser = Quantiser {
            f: &self.f,
            lookup: &self.lookup,
            step: step((i32::from(b.qi) + offset).clamp(0, 255) as u8),
            lambda: self.lambda,
            bit_depth: bd,
        };
        let types = if typed { types } else { &[0][..] };
        let n = w * h;
        let mut order = [(0f32, 0u8); 4];
        for (o, &ty) in order.iter_mut().zip(types) {
            let coeffs = &mut self.scratch.coeffs[usize::from(ty) * TX_AREA..][..n];
            forward(residual, coeffs, t.lw as u32, t.lh as u32, TX_TYPES[usize::from(ty)], bd);
            *o = (quantiser.weigh(&mut self.scratch.quant, ty.into(), coeffs), ty);
        }
        let order = &mut order[..types.len()];
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let least = order[0].0;
        // Only what may be better than what was found before is quantised.
        if least + rate(self.lambda, overhead.into()) > limit {
            return best;
        }
        for &(guess, ty) in order.iter().take(self.settings.type_trials) {
            if guess > least * 1.3 {
                break;
            }
            let coeffs = &self.scratch.coeffs[usize::from(ty) * TX_AREA..][..n];
            let quant = &mut self.scratch.quant;
            let kind = kind_of(t.plane, b.inter);
            let Some(q) = quantiser.quantise(quant, ty.into(), coeffs, kind, s, best.cost) else { continue };
            let mut bits = q.bits + u64::from(overhead);
            if typed {
                let at = layout::TX_TYPE.at(tx_type_context(b, t));
                bits += u64::from(symbol_cost(&self.f.ctx[at], ty.into()));
            }
            let cost = q.dist + rate(self.lambda, bits);
            if cost < best.cost {
                let (nz_w, nz_h) = reach(s, q.last);
                let tx = TxBlock { coded: true, tx_type: ty, last: q.last, nz_w, nz_h, ..TxBlock::default() };
                let coeffs = if self.observer.is_some() { coeffs.to_vec() } else { vec![] };
                let (tokens, values) = (quant.tokens().to_vec(), quant.values().to_vec());
                best = TxChoice { tx, tokens, values, cost, coeffs };
            }
        }
        best
    }
}
