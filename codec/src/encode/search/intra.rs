//! Intra trials.

use super::block::{TxList, consider};
use super::{Candidate, Search};
use crate::entropy::{BIT, BitCounter};
use crate::kernel;
use crate::picture::Plane;
use crate::predict::intra::{self, DC, Edges, FIRST_ANGLE, HORIZONTAL, INTRA_MODES, PAETH, PLANAR, VERTICAL};
use crate::syntax::layout::Contexts;
use crate::syntax::{
    Block, ChromaMode, TxPlace, code_luma_mode, max_tx_depth, neighbour_modes, tx_places, tx_size,
};

/// Rough costs of the intra modes of one transform block.
struct Judge<'a> {
    edges: Edges,
    /// What the bits of a mode depend on: the contexts, and the modes to the left and above.
    ctx: &'a mut Contexts,
    around: (u8, u8),
    /// Bits of the rest of the prediction.
    other: f32,
    source: &'a [u16],
    stride: usize,
    pred: &'a mut [u16],
    size: (usize, usize),
    scale: f32,
    lambda: f32,
    bit_depth: u8,
}

impl Judge<'_> {
    fn cost(&mut self, mode: u8) -> f32 {
        let (w, h) = self.size;
        intra::predict(&mut self.pred[..w * h], &self.edges, w, h, mode, true, self.bit_depth);
        let satd = kernel::satd(self.source, self.stride, self.pred, w, w, h) as f32 * self.scale;
        satd + self.lambda * (self.other + self.bits(mode))
    }

    fn bits(&mut self, mode: u8) -> f32 {
        let mut c = BitCounter::<false>::default();
        code_luma_mode(&mut c, self.ctx, self.around.0, self.around.1, mode);
        c.bits as f32 / BIT as f32
    }

    /// Adds every fourth direction, then those around the best.
    fn directions(&mut self, all: &mut Vec<(f32, u8)>) {
        for m in (FIRST_ANGLE..INTRA_MODES).step_by(4) {
            if all.iter().all(|a| a.1 != m) {
                all.push((self.cost(m), m));
            }
        }
        for reach in [2, 1] {
            let angles = all.iter().filter(|m| m.1 >= FIRST_ANGLE);
            let best = angles.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(DC, |m| m.1);
            for m in [best - reach.min(best), best + reach] {
                if (FIRST_ANGLE..INTRA_MODES).contains(&m) && all.iter().all(|a| a.1 != m) {
                    all.push((self.cost(m), m));
                }
            }
        }
    }
}

impl Search {
    /// Tries the most promising intra modes; `limit` is the cost (Hadamard) of the best inter prediction.
    pub(super) fn intra(&mut self, blank: &Block, limit: f32, best: &mut Option<Candidate>) {
        let mut b = Block { residual: true, ..*blank };
        let palette = self.palette(&b, 0);
        let limit = if palette.is_some() { f32::INFINITY } else { limit };
        let modes = self.rough_modes(&b, limit);
        let (_, tried) = self.settings.intra_reach;
        if modes.first().is_none_or(|m| m.0 > limit * tried) {
            return;
        }
        let trials = self.settings.intra_trials.min(modes.len());
        let mut luma: Option<(f32, Block, TxList)> = None;
        for &(rough, mode) in &modes[..trials] {
            if rough > modes[0].0 * 1.2 {
                break;
            }
            b.modes = [mode; 4];
            self.luma_trial(&b, &[0], vec![], &mut luma);
        }
        self.luma_palette(&b, palette, &mut luma);
        // Finer transforms and other types for the best mode only.
        if let Some((cost, winner, _)) = &luma {
            if best.as_ref().is_some_and(|c| *cost > c.cost * 1.2) {
                return;
            }
            let winner = *winner;
            let plain = winner.palette[0] == 0;
            let deepest = self.settings.intra_depth.min(max_tx_depth(b.lw.into(), b.lh.into()));
            if self.settings.intra_types && plain {
                self.luma_trial(&winner, &[3, 1, 2, 0], vec![], &mut luma);
            }
            for depth in (1..=deepest).filter(|_| plain) {
                let types = self.types();
                self.luma_trial(&Block { tx_depth: depth as u8, ..winner }, types, vec![], &mut luma);
            }
        }
        if self.settings.split4 && (b.lw, b.lh) == (3, 3) {
            self.split4(&mut b, &mut luma);
        }
        let Some((cost, mut b, mut list)) = luma else { return };
        if best.as_ref().is_some_and(|c| cost > c.cost) {
            return;
        }
        // Bring the winner's luma back: chroma may be derived from it.
        self.intra_luma_again(&b, &list);
        let before = self.prediction_rate(&b);
        let chroma = self.intra_chroma(&mut b);
        let after = self.prediction_rate(&b);
        let cost = cost + chroma.cost + after - before;
        b.palette_at = [0, list.palette.len() as u32];
        list.append(chroma);
        consider(best, list.into_candidate(b, cost));
    }

    /// Codes luma one way and keeps it if it is the best so far.
    pub(super) fn luma_trial(
        &mut self,
        b: &Block,
        types: &[u8],
        palette: Vec<u16>,
        luma: &mut Option<(f32, Block, TxList)>,
    ) {
        let rate = self.prediction_rate(b) + self.depth_rate(b) + self.palette_rate(b, &palette);
        let limit = luma.as_ref().map_or(f32::INFINITY, |l| l.0) - rate;
        let list = self.intra_luma(b, types, palette, limit);
        let cost = list.cost + rate;
        if luma.as_ref().is_none_or(|l| cost < l.0) {
            *luma = Some((cost, *b, list));
        }
    }

    /// Modes in order of their Hadamard cost on the whole block (or its first transform block); none if they are far
    /// from `limit`.
    fn rough_modes(&mut self, b: &Block, limit: f32) -> Vec<(f32, u8)> {
        let (lw, lh) = tx_size(b.lw.into(), b.lh.into(), 0);
        let t = TxPlace { plane: 0, x: b.x.into(), y: b.y.into(), lw, lh, part: 0 };
        let scale = ((b.w() * b.h()) >> (lw + lh)) as f32;
        let edges = self.reconstructor.edges(&self.frame, b, t);
        let (closer, _) = self.settings.intra_reach;
        let mut judge = self.judge(edges, b, t, scale);
        let simple = [PLANAR, DC, HORIZONTAL, VERTICAL];
        let mut all: Vec<(f32, u8)> = simple.iter().map(|&m| (judge.cost(m), m)).collect();
        // Judged by a part only: keep to modes that suit large areas.
        if scale == 1.0 {
            let least = all.iter().fold(f32::INFINITY, |a, m| a.min(m.0));
            if least > limit * closer {
                return Vec::new();
            }
            all.push((judge.cost(PAETH), PAETH));
            judge.directions(&mut all);
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }

    /// What tells the rough cost of the modes of a transform block with `edges`, whose Hadamard difference counts `scale` times.
    fn judge(&mut self, edges: Edges, b: &Block, t: TxPlace, scale: f32) -> Judge<'_> {
        let (left, above) = neighbour_modes(&self.f.cells, b.x.into(), b.y.into());
        let (left, above) = match t.part {
            0 => (left, above),
            1 => (b.modes[0], above),
            2 => (left, b.modes[0]),
            _ => (b.modes[2], b.modes[1]),
        };
        let all = self.prediction_bits(b);
        let source = &self.source.planes[0];
        let mut judge = Judge {
            edges,
            other: 0.0,
            ctx: &mut self.f.ctx,
            around: (left, above),
            source: &source.data()[source.index(t.x as isize, t.y as isize)..],
            stride: source.stride(),
            pred: &mut self.scratch.pred,
            size: (1 << t.lw, 1 << t.lh),
            scale,
            lambda: self.lambda.sqrt(),
            bit_depth: self.frame.format.bit_depth,
        };
        judge.other = all as f32 / BIT as f32 - judge.bits(b.modes[t.part]);
        judge
    }

    fn types(&self) -> &'static [u8] {
        if self.settings.intra_types { &[0, 3, 1, 2] } else { &[0] }
    }

    /// Codes the luma of an intra block; gives up beyond `limit`.
    fn intra_luma(&mut self, b: &Block, types: &[u8], palette: Vec<u16>, limit: f32) -> TxList {
        let places = tx_places(b, crate::ChromaFormat::Mono);
        let many = places.len() > 1;
        let mut list = TxList { palette, ..TxList::default() };
        for t in places {
            self.reconstructor.predict_intra(&mut self.frame, b, t, &list.palette);
            let c = self.tx(b, t, false, types, limit - list.cost);
            if many && c.tx.coded {
                self.add_values(t, &c.tx, b.qi, &c.values);
            }
            list.push(c);
            if list.cost > limit {
                list.cost = f32::INFINITY;
                break;
            }
        }
        list
    }

    fn intra_luma_again(&mut self, b: &Block, list: &TxList) {
        let places = tx_places(b, crate::ChromaFormat::Mono);
        for ((t, tx), values) in places.into_iter().zip(&list.res.tx).zip(&list.values) {
            self.reconstructor.predict_intra(&mut self.frame, b, t, &list.palette);
            if tx.coded {
                self.add_values(t, tx, b.qi, values);
            }
        }
    }

    /// Four modes for the quarters of an 8x8 block, one after the other.
    fn split4(&mut self, b: &mut Block, luma: &mut Option<(f32, Block, TxList)>) {
        let types = self.types();
        let mut b4 = Block { split4: true, tx_depth: 1, ..*b };
        let mut list = TxList::default();
        for part in 0..4 {
            let (x, y) = (usize::from(b.x) + part % 2 * 4, usize::from(b.y) + part / 2 * 4);
            let t = TxPlace { plane: 0, x, y, lw: 2, lh: 2, part };
            let edges = self.reconstructor.edges(&self.frame, &b4, t);
            let mut judge = self.judge(edges, &b4, t, 1.0);
            let mut rough: Vec<(f32, u8)> = (0..FIRST_ANGLE).map(|m| (judge.cost(m), m)).collect();
            judge.directions(&mut rough);
            rough.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut best: Option<(f32, u8, super::tx::TxChoice)> = None;
            for &(_, m) in &rough[..2] {
                b4.modes[part..].fill(m);
                self.reconstructor.predict_intra(&mut self.frame, &b4, t, &[]);
                let limit = best.as_ref().map_or(f32::INFINITY, |b| b.0);
                let c = self.tx(&b4, t, false, types, limit);
                let cost = c.cost + self.prediction_rate(&b4);
                if best.as_ref().is_none_or(|b| cost < b.0) {
                    best = Some((cost, m, c));
                }
            }
            let Some((_, m, c)) = best else { return };
            b4.modes[part..].fill(m);
            self.reconstructor.predict_intra(&mut self.frame, &b4, t, &[]);
            if c.tx.coded {
                self.add_values(t, &c.tx, b.qi, &c.values);
            }
            list.push(c);
            if luma.as_ref().is_some_and(|l| list.cost > l.0) {
                return;
            }
        }
        let cost = list.cost + self.prediction_rate(&b4);
        if luma.as_ref().is_none_or(|l| cost < l.0) {
            *luma = Some((cost, b4, list));
        }
    }

    /// Chooses the chroma mode and codes chroma; `b` gets the mode.
    fn intra_chroma(&mut self, b: &mut Block) -> TxList {
        let mut best: Option<(f32, Block, TxList)> = None;
        if self.f.chroma == crate::ChromaFormat::Mono {
            return TxList::default();
        }
        for (mode, cfl) in self.chroma_modes(b) {
            (b.chroma, b.cfl) = (mode, cfl);
            let rate = self.prediction_rate(b);
            let list = self.chroma(b, true, vec![]);
            let cost = list.cost + rate;
            if best.as_ref().is_none_or(|l| cost < l.0) {
                best = Some((cost, *b, list));
            }
        }
        if let Some((n, tokens)) = self.palette(b, 1) {
            let b = Block { palette: [b.palette[0], n], palette_at: [0; 2], chroma: ChromaMode::Dc, ..*b };
            let only = Block { palette: [0, n], ..b };
            let palette_rate = self.palette_rate(&only, &tokens);
            let rate = self.prediction_rate(&b) + palette_rate;
            let mut list = self.chroma(&b, true, tokens);
            list.cost += palette_rate;
            let cost = list.cost + rate - palette_rate;
            if best.as_ref().is_none_or(|l| cost < l.0) {
                best = Some((cost, b, list));
            }
        }
        match best {
            Some((_, block, list)) => {
                *b = block;
                list
            }
            None => TxList::default(),
        }
    }

    /// The chroma modes, with slopes over luma, that get a trial.
    fn chroma_modes(&mut self, b: &Block) -> Vec<(ChromaMode, [i8; 2])> {
        let mut modes: Vec<_> =
            [ChromaMode::Luma, ChromaMode::Dc, ChromaMode::Planar].map(|m| (m, [0; 2])).into();
        if self.settings.intra_trials > 1 {
            modes.extend([ChromaMode::Horizontal, ChromaMode::Vertical].map(|m| (m, [0; 2])));
        }
        let slopes = self.slopes(b);
        if slopes != [0; 2] {
            modes.push((ChromaMode::FromLuma, slopes));
        }
        if modes.len() > self.settings.chroma_trials {
            modes.sort_by_cached_key(|&(chroma, cfl)| self.rough_chroma(&Block { chroma, cfl, ..*b }));
            modes.truncate(self.settings.chroma_trials);
        }
        modes
    }

    /// Rough cost of an intra block's chroma by Hadamard difference, and of its modes. The frame holds the prediction then.
    fn rough_chroma(&mut self, b: &Block) -> u64 {
        let mut satd = 0;
        for t in tx_places(b, self.f.chroma).into_iter().filter(|t| t.plane > 0) {
            self.reconstructor.predict_intra(&mut self.frame, b, t, &[]);
            let (s, r) = (&self.source.planes[t.plane], &self.frame.planes[t.plane]);
            let at = |plane: &Plane| plane.index(t.x as isize, t.y as isize);
            let (from, got) = (&s.data()[at(s)..], &r.data()[at(r)..]);
            satd += kernel::satd(from, s.stride(), got, r.stride(), 1 << t.lw, 1 << t.lh);
        }
        let bits = self.prediction_bits(b) as f32;
        u64::from(satd) * u64::from(BIT) + (self.lambda.sqrt() * bits) as u64
    }

    /// Codes chroma from the prediction in the frame, or (intra) predicting it first.
    pub(super) fn chroma(&mut self, b: &Block, intra: bool, palette: Vec<u16>) -> TxList {
        let places = tx_places(b, self.f.chroma);
        let many = places.iter().filter(|t| t.plane == 1).count() > 1;
        let mut list = TxList { palette, ..TxList::default() };
        let mut coded_u = false;
        for t in places.into_iter().filter(|t| t.plane > 0) {
            if intra {
                self.reconstructor.predict_intra(&mut self.frame, b, t, &list.palette);
            }
            let c = self.tx(b, t, coded_u, &[0], f32::INFINITY);
            coded_u |= t.plane == 1 && c.tx.coded;
            if intra && many && c.tx.coded {
                self.add_values(t, &c.tx, b.qi, &c.values);
            }
            list.push(c);
        }
        list
    }

    /// Slopes of chroma over luma by least squares, in 1/8.
    fn slopes(&self, b: &Block) -> [i8; 2] {
        let s = self.f.chroma.shift();
        let (w, h) = (b.w() >> s, b.h() >> s);
        let (x, y) = (usize::from(b.x) >> s, usize::from(b.y) >> s);
        let luma = &self.frame.planes[0];
        let mut l = Vec::with_capacity(w * h);
        for j in 0..h {
            for i in 0..w {
                let at = |dx: usize, dy: usize| f32::from(luma.row(((y + j) << s) + dy)[((x + i) << s) + dx]);
                l.push(if s == 1 { (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0 } else { at(0, 0) });
            }
        }
        let mean = l.iter().sum::<f32>() / l.len() as f32;
        let variance: f32 = l.iter().map(|v| (v - mean).powi(2)).sum();
        [1, 2].map(|p| {
            let plane = &self.source.planes[p];
            let mut cov = 0.0;
            for j in 0..h {
                for (i, &c) in plane.row(y + j)[x..x + w].iter().enumerate() {
                    cov += (l[j * w + i] - mean) * f32::from(c);
                }
            }
            if variance < 1.0 { 0 } else { (8.0 * cov / variance).round().clamp(-8.0, 7.0) as i8 }
        })
    }
}
