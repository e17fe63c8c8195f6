//! Mode decision: for every superblock the partition, prediction and residual of least cost
//! distortion + lambda * bits, with bits from the same syntax that codes them.

mod block;
mod board;
mod crew;
mod inter;
mod intra;
mod motion;
mod palette;
mod prune;
mod tx;

pub use board::Searched;
pub use crew::{Crew, Frame, Ticket};
pub use palette::suits_palettes;

use super::observe::{Observations, Seen};
use super::presets::Settings;
use super::quantise::QuantScratch;
use super::quantisers::Quantisers;
use crate::codebook::Lookup;
use crate::entropy::{BIT, BitCounter, Tally};
use crate::picture::Picture;
use crate::predict::inter::{InterScratch, Mv};
use crate::reconstruct::Reconstructor;
use crate::syntax::palette::{Colour, palette_tokens, remember};
use crate::syntax::{
    Block, FrameContext, History, Partition, Residuals, Superblock, TX_AREA, TxBlock, TxPlace, TxShape,
    allowed, code_partition, code_superblock, halves, kind_of, tx_places,
};
use std::sync::Arc;

/// Bits that four blocks must save against one: they leave the neighbours less to go by, and take a decoder time.
const SPLIT_BITS: f32 = 2.0;

/// A way to code one block.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub block: Block,
    pub res: Residuals,
    /// Coefficients in 1/16 step of each transform block, empty if not coded.
    pub values: Vec<Vec<i32>>,
    /// The coefficients before quantisation, kept for training only.
    pub coeffs: Vec<Vec<i32>>,
    pub cost: f32,
    /// Cost and tokens of the luma residual of an inter candidate.
    luma: (f32, usize),
}

/// A way to code a square.
struct Node {
    cost: f32,
    partitions: Vec<u8>,
    blocks: Vec<Candidate>,
}

/// State of the syntax that trials change.
#[derive(Clone)]
struct Snapshot {
    history: History,
    colours: [Vec<Colour>; 2],
    qi: u8,
    pending: bool,
}

/// The search over one frame.
pub struct Search {
    pub f: FrameContext,
    /// The frame as the decoder will have it before the filters.
    pub frame: Picture,
    /// The original, rounded up to the coded size.
    pub source: Picture,
    pub refs: Vec<Arc<Picture>>,
    pub reconstructor: Reconstructor,
    pub lookup: Arc<Lookup>,
    pub quantisers: Quantisers,
    pub settings: Settings,
    /// Quantiser index of the block at hand, and the cost of a bit in squared error there.
    pub qi: u8,
    pub lambda: f32,
    /// Cost of a bit in whole trees, whose blocks may differ in theirs.
    tree_lambda: f32,
    /// Statistics for training.
    pub observer: Option<Observations>,
    scratch: Scratch,
}

/// Cost of a number of 1/1024 bits.
fn rate(lambda: f32, bits: u64) -> f32 {
    lambda * bits as f32 / BIT as f32
}

/// Buffers reused from block to block.
struct Scratch {
    inter: InterScratch,
    pred: Vec<u16>,
    residual: Vec<i16>,
    /// Coefficients by transform type.
    coeffs: Vec<i32>,
    quant: QuantScratch,
    fixed: Vec<i16>,
    /// Best vector of each reference at the enclosing squares, by log2 size.
    parents: [[Mv; 4]; 7],
}

impl Search {
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        f: FrameContext,
        frame: Picture,
        source: Picture,
        refs: Vec<Arc<Picture>>,
        lookup: Arc<Lookup>,
        quantisers: Quantisers,
        settings: Settings,
        chroma_offset: i32,
    ) -> Self {
        let mut reconstructor = Reconstructor::new(f.size, frame.format);
        reconstructor.chroma_offset = chroma_offset;
        let scratch = Scratch {
            inter: InterScratch::default(),
            pred: vec![0; 64 * 64],
            residual: vec![0; 64 * 64],
            coeffs: vec![0; 4 * TX_AREA],
            quant: QuantScratch::default(),
            fixed: vec![0; 64 * 64],
            parents: Default::default(),
        };
        let qi = f.qi;
        let lambda = quantisers.lambda(qi);
        Search {
            f,
            frame,
            source,
            refs,
            reconstructor,
            lookup,
            quantisers,
            settings,
            qi,
            lambda,
            tree_lambda: lambda,
            observer: None,
            scratch,
        }
    }

    /// Forgets what is not carried from one row of superblocks to the next.
    fn start_row(&mut self) {
        self.f.start_row();
        self.scratch.parents = Default::default();
    }

    /// Decides one superblock, reconstructs it, and adapts the contexts to it.
    pub fn superblock(&mut self, x: usize, y: usize) -> Superblock {
        let start = self.snapshot();
        let node = self.node(x, y, 6, f32::INFINITY);
        let mut sb = Superblock { partitions: node.partitions, ..Superblock::default() };
        self.observe(&node.blocks);
        for c in node.blocks {
            sb.blocks.push(c.block);
            sb.res.tx.extend(c.res.tx);
            sb.res.tokens.extend(c.res.tokens);
        }
        self.restore(start);
        match &mut self.observer {
            Some(o) => {
                let mut tally = Tally::new(self.f.ctx.models(), &mut o.symbols);
                code_superblock(&mut tally, &mut self.f, &mut sb, x, y);
            }
            None => code_superblock(&mut BitCounter::<true>::default(), &mut self.f, &mut sb, x, y),
        }
        sb
    }

    /// Enters what was coded into the statistics.
    fn observe(&mut self, blocks: &[Candidate]) {
        let Some(o) = &mut self.observer else { return };
        let depth = 1 << (self.frame.format.bit_depth - 8);
        for c in blocks.iter().filter(|c| c.block.residual) {
            let places = tx_places(&c.block, self.f.chroma);
            let shift = self.f.chroma.shift();
            let palettes: usize = (0..2).map(|g| palette_tokens(&c.block, g, shift)).sum();
            let mut tokens = &c.res.tokens[palettes..];
            for (i, t) in places.into_iter().enumerate().filter(|&(i, _)| c.res.tx[i].coded) {
                let step = self.reconstructor.step(t.plane, c.block.qi);
                let used = o.residual(&Seen {
                    kind: kind_of(t.plane, c.block.inter),
                    shape: TxShape { lw: t.lw, lh: t.lh },
                    last: c.res.tx[i].last.into(),
                    thresholds: &self.f.thresholds,
                    books: &self.f.books,
                    tokens,
                    coeffs: &c.coeffs[i],
                    values: &c.values[i],
                    scale: 256.0 * 1024.0 / (step * depth) as f32,
                });
                tokens = &tokens[used..];
            }
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            history: self.f.history,
            colours: self.f.colours.clone(),
            qi: self.f.qi,
            pending: self.f.quant_pending,
        }
    }

    fn restore(&mut self, s: Snapshot) {
        (self.f.history, self.f.colours) = (s.history, s.colours);
        (self.f.qi, self.f.quant_pending) = (s.qi, s.pending);
    }

    /// Cost of a number of 1/1024 bits.
    fn rate(&self, bits: u64) -> f32 {
        rate(self.lambda, bits)
    }

    fn partition_cost(&mut self, x: usize, y: usize, size: usize, p: Partition) -> f32 {
        let mut c = BitCounter::<false>::default();
        code_partition(&mut c, &mut self.f, x, y, size, p);
        rate(self.tree_lambda, c.bits)
    }

    /// The best way to code a square; afterwards the frame and the cells hold it.
    fn node(&mut self, x: usize, y: usize, size: usize, limit: f32) -> Node {
        let ok = allowed(&self.f, x, y, size);
        let min = if self.f.key { 3 } else { self.settings.min_inter };
        let mut best: Option<Node> = None;
        let mut deeper = size > 3;
        let start = self.snapshot();
        if ok[0] && (size <= min || self.worth_whole(x, y, size)) {
            let none = self.unsplit(x, y, size, Partition::None, limit);
            let block = &none.blocks[0];
            // Nothing is left to gain below a block without residual whose error is under the quantiser's own.
            let settled = block.block.skip && self.cheap(&none, size);
            deeper = size > min && !settled && self.worth_split(block, none.cost, size);
            best = Some(none);
        }
        best = match best {
            Some(b) if !deeper => return b,
            other => other,
        };
        self.restore(start.clone());
        let split = self.split(x, y, size, best.as_ref().map_or(limit, |b| b.cost.min(limit)));
        let ratio = best.as_ref().map_or(1.0, |b| split.cost / b.cost);
        let mut held = true;
        if best.as_ref().is_none_or(|b| split.cost < b.cost) {
            best = Some(split);
        } else {
            held = false;
        }
        let close = (0.5..1.2).contains(&ratio) || !ok[0];
        for (i, p) in [(1, Partition::Horizontal), (2, Partition::Vertical)] {
            let wanted = self.settings.halves && close;
            if !ok[i] || size <= 3 || (ok[0] && !wanted) {
                continue;
            }
            let cost = best.as_ref().map_or(limit, |b| b.cost.min(limit));
            self.restore(start.clone());
            let n = self.unsplit(x, y, size, p, cost);
            held = n.cost < cost;
            if held {
                best = Some(n);
            }
        }
        let best = best.expect("at least the split was tried");
        if !held {
            self.restore(start);
            self.realise(&best);
        }
        best
    }

    fn cheap(&self, n: &Node, size: usize) -> bool {
        n.cost < self.tree_lambda * (6.0 + (1 << (2 * size)) as f32 / 16.0)
    }

    fn split(&mut self, x: usize, y: usize, size: usize, limit: f32) -> Node {
        let cost = self.partition_cost(x, y, size, Partition::Split) + self.tree_lambda * SPLIT_BITS;
        let mut n = Node { cost, partitions: vec![], blocks: vec![] };
        n.partitions.push(Partition::Split as u8);
        let half = 1 << size >> 1;
        for (dx, dy) in [(0, 0), (half, 0), (0, half), (half, half)] {
            if x + dx >= self.f.size.0 || y + dy >= self.f.size.1 {
                continue;
            }
            if n.cost >= limit {
                // Already worse than the alternative: what is left need not be right.
                n.cost = f32::INFINITY;
                return n;
            }
            let child = self.node(x + dx, y + dy, size - 1, f32::INFINITY);
            n.cost += child.cost;
            n.partitions.extend(child.partitions);
            n.blocks.extend(child.blocks);
        }
        n
    }

    fn unsplit(&mut self, x: usize, y: usize, size: usize, p: Partition, limit: f32) -> Node {
        let cost = self.partition_cost(x, y, size, p);
        let mut n = Node { cost, partitions: vec![p as u8], blocks: vec![] };
        let (places, count, lw, lh) = halves(p, x, y, size);
        for &(bx, by) in &places[..count] {
            if bx >= self.f.size.0 || by >= self.f.size.1 {
                continue;
            }
            if n.cost >= limit {
                n.cost = f32::INFINITY;
                return n;
            }
            self.enter(bx, by, lw, lh);
            let c = self.block(bx, by, lw, lh, size);
            self.realise_block(&c);
            n.cost += c.cost * (self.tree_lambda / self.lambda);
            n.blocks.push(c);
        }
        n
    }

    /// Sets the quantiser for a block: the one wanted, where the syntax allows a change.
    fn enter(&mut self, x: usize, y: usize, lw: usize, lh: usize) {
        let free = self.f.quant_pending || (x | y) & 31 == 0;
        self.qi = self.f.qi;
        if self.f.variable_quant && free {
            self.qi = self.quantisers.index(x, y, 1 << lw, 1 << lh);
        }
        self.lambda = self.quantisers.lambda(self.qi);
    }

    /// Puts a decision into the frame and the cells.
    fn realise(&mut self, n: &Node) {
        for c in &n.blocks {
            self.realise_block(c);
        }
    }

    fn realise_block(&mut self, c: &Candidate) {
        let b = &c.block;
        if b.x & 31 == 0 && b.y & 31 == 0 {
            self.f.quant_pending = true;
        }
        if b.inter {
            self.reconstructor.predict_inter(&mut self.frame, &self.refs, b, 0..self.f.chroma.planes());
        }
        if b.residual {
            if self.f.variable_quant && self.f.quant_pending {
                (self.f.qi, self.f.quant_pending) = (b.qi, false);
            }
            let places = tx_places(b, self.f.chroma);
            for ((t, tx), values) in places.into_iter().zip(&c.res.tx).zip(&c.values) {
                if !b.inter {
                    self.reconstructor.predict_intra(&mut self.frame, b, t, &c.res.tokens);
                }
                if tx.coded {
                    self.add_values(t, tx, b.qi, values);
                }
            }
        }
        if !b.inter {
            remember(&mut self.f, b, &c.res.tokens);
        }
        self.f.commit(b);
    }

    fn add_values(&mut self, t: TxPlace, tx: &TxBlock, qi: u8, values: &[i32]) {
        let step = self.reconstructor.step(t.plane, qi);
        self.reconstructor.add_residual(&mut self.frame, t, tx, step, (values, 1 << t.lw));
    }
}
