//! One block: prediction mode, motion, transform layout (SPEC.md, "Block").

use super::cells::{Cell, CellGrid, MotionField};
use super::intra::{code_luma_mode, neighbour_modes};
use super::layout::{self, Contexts};
use super::motion::{History, MERGE_CANDIDATES, code_mv, code_refs, merge_candidates, predictors};
use super::palette::{Colour, code_palettes, has_palette};
use super::residual::{MAGS, TxShape, code_tx, kind_of};
use crate::codebook::{CodebookSet, Thresholds};
use crate::entropy::SymbolCoder;
use crate::picture::ChromaFormat;
use crate::predict::inter::{Balance, Motion, Mv};
use crate::predict::intra;
use std::sync::Arc;

/// How often a block's transform may be halved.
pub const MAX_TX_DEPTH: usize = 2;

/// Chroma intra modes: as luma, fixed ones, or a linear map of the luma samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum ChromaMode {
    #[default]
    Luma,
    Planar,
    Dc,
    Horizontal,
    Vertical,
    FromLuma,
}

impl ChromaMode {
    pub const ALL: [ChromaMode; 6] = [
        ChromaMode::Luma,
        ChromaMode::Planar,
        ChromaMode::Dc,
        ChromaMode::Horizontal,
        ChromaMode::Vertical,
        ChromaMode::FromLuma,
    ];

    /// The intra mode that predicts chroma; from-luma starts from DC.
    pub fn intra_mode(self, luma: u8) -> u8 {
        match self {
            ChromaMode::Luma => luma,
            ChromaMode::Planar => intra::PLANAR,
            ChromaMode::Dc | ChromaMode::FromLuma => intra::DC,
            ChromaMode::Horizontal => intra::HORIZONTAL,
            ChromaMode::Vertical => intra::VERTICAL,
        }
    }
}

/// A leaf of the partition tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Position in luma samples and log2 of the size.
    pub x: u16,
    pub y: u16,
    pub lw: u8,
    pub lh: u8,
    pub skip: bool,
    pub inter: bool,
    pub merge: bool,
    pub merge_index: u8,
    /// References (-1: none) and motion vectors of an inter block.
    pub refs: [i8; 2],
    pub mv: [Mv; 2],
    pub balance: Balance,
    /// Which predictor each motion vector is coded from.
    pub predictor: [u8; 2],
    /// Whether vectors are coded in 1/8 instead of 1/4 sample.
    pub eighth: bool,
    /// Four luma modes for the quarters of an 8x8 intra block.
    pub split4: bool,
    pub modes: [u8; 4],
    pub chroma: ChromaMode,
    /// Slopes of chroma from luma for U and V in 1/8, -8..=7.
    pub cfl: [i8; 2],
    /// Colours of the palettes of luma and chroma, 0: none; and where their tokens begin.
    pub palette: [u8; 2],
    pub palette_at: [u32; 2],
    pub residual: bool,
    pub tx_depth: u8,
    /// Quantiser index in force.
    pub qi: u8,
}

impl Block {
    pub fn w(&self) -> usize {
        1 << self.lw
    }

    pub fn h(&self) -> usize {
        1 << self.lh
    }

    pub fn motion(&self) -> Motion {
        Motion { refs: self.refs, mv: self.mv, balance: self.balance }
    }

    /// The same block with the motion `m`.
    pub fn moving(self, m: Motion) -> Block {
        Block { refs: m.refs, mv: m.mv, balance: m.balance, ..self }
    }

    /// The cell this block leaves behind.
    pub fn cell(&self) -> Cell {
        Cell {
            inter: self.inter,
            skip: self.skip,
            palette: self.palette[0] > 0,
            mode: if self.inter { intra::DC } else { self.modes[3] },
            lw: self.lw,
            lh: self.lh,
            refs: if self.inter { self.refs } else { [-1; 2] },
            mv: self.mv,
            balance: self.balance,
        }
    }
}

/// One transform block's residual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxBlock {
    pub coded: bool,
    /// Bit 0: sine transform vertically; bit 1: horizontally.
    pub tx_type: u8,
    /// Scan position of the last group with a coefficient.
    pub last: u8,
    /// First token and the one after the last; first coefficient (decoder).
    pub tokens: u32,
    pub end: u32,
    pub coeffs: u32,
    /// Region of coefficients that may be non-zero.
    pub nz_w: u8,
    pub nz_h: u8,
}

/// The residuals of a run of blocks: transform blocks in coding order and what they consist of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Residuals {
    pub tx: Vec<TxBlock>,
    /// Palettes, codeword indices, escape magnitudes and sign words in coding order.
    pub tokens: Vec<u16>,
    /// Decoded coefficients in 1/16 step, `nz_w` x `nz_h` for each coded transform block. Only a decoder fills it.
    pub coeffs: Vec<i32>,
}

/// Coefficients of a superblock that are worth giving back.
const MANY: usize = 512;

impl Residuals {
    pub fn clear(&mut self) {
        self.tx.clear();
        self.tokens.clear();
        self.coeffs.clear();
    }

    /// Gives back what many coefficients once took, if few are left.
    pub fn shrink(&mut self) {
        if self.coeffs.capacity() > MANY.max(4 * self.coeffs.len()) {
            self.coeffs = Vec::new();
        }
    }
}

/// What the syntax of a frame depends on beyond the bits.
#[derive(Clone, Debug)]
pub struct FrameContext {
    /// Coded luma size: multiples of 8.
    pub size: (usize, usize),
    pub chroma: ChromaFormat,
    pub key: bool,
    /// Display order of this frame and its references.
    pub order: i32,
    pub ref_orders: Vec<i32>,
    pub motion_field: Option<MotionField>,
    /// Whether blocks may have vectors of 1/8 sample.
    pub eighth_sample: bool,
    pub ctx: Contexts,
    pub cells: CellGrid,
    pub history: History,
    /// Whether blocks may have palettes; colours of those before, of luma and chroma.
    pub palette: bool,
    pub colours: [Vec<Colour>; 2],
    pub bit_depth: u8,
    /// Magnitudes of a transform block's coefficients; zero between blocks.
    pub mags: Box<[u8; MAGS]>,
    /// Quantiser index of the frame, the one in force; whether it may change within the frame, and at the next residual.
    pub base_qi: u8,
    pub qi: u8,
    pub variable_quant: bool,
    pub quant_pending: bool,
    /// Dering strengths to choose from in each superblock (0: filter off).
    pub cdef_choices: usize,
    /// Planes with the adaptive loop filter.
    pub alf: [bool; 3],
    pub books: Arc<CodebookSet>,
    pub thresholds: Thresholds,
    /// The control: scalar quantisation.
    pub scalar: bool,
}

impl FrameContext {
    /// Whether reference `r` comes before this frame in display order.
    #[inline]
    pub fn past(&self, r: i8) -> bool {
        self.ref_orders[r as usize] < self.order
    }

    /// Context number 0..=2 from a property of the left and above cells.
    fn neighbours(&self, x: usize, y: usize, has: impl Fn(&Cell) -> bool) -> usize {
        let f = |c: Option<&Cell>| usize::from(c.is_some_and(&has));
        f(self.cells.left(x, y)) + f(self.cells.above(x, y))
    }

    /// Forgets what is not carried from one row of superblocks to the next.
    pub fn start_row(&mut self) {
        self.history.clear();
        self.colours.iter_mut().for_each(Vec::clear);
        (self.qi, self.quant_pending) = (self.base_qi, true);
    }

    /// Remembers a decoded block for what follows.
    pub fn commit(&mut self, b: &Block) {
        self.cells.fill(b.x.into(), b.y.into(), b.w(), b.h(), b.cell());
        if b.inter {
            self.history.push(b.motion());
        }
    }
}

/// Largest transform of a block after `depth` halvings, as log2 sizes: the longer side is halved, a square in both.
pub const fn tx_size(lw: usize, lh: usize, depth: usize) -> (usize, usize) {
    let (mut w, mut h) = (if lw < 5 { lw } else { 5 }, if lh < 5 { lh } else { 5 });
    let mut i = 0;
    while i < depth {
        (w, h) = (w - (w >= h) as usize, h - (h >= w) as usize);
        i += 1;
    }
    (w, h)
}

/// Most halvings that leave no side under 4.
pub const fn max_tx_depth(lw: usize, lh: usize) -> usize {
    let mut depth = MAX_TX_DEPTH;
    while depth > 0 {
        let (w, h) = tx_size(lw, lh, depth);
        if w >= 2 && h >= 2 {
            break;
        }
        depth -= 1;
    }
    depth
}

/// Codes a block's prediction; everything but the residual.
pub fn code_prediction<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, b: &mut Block) {
    let (x, y) = (usize::from(b.x), usize::from(b.y));
    if f.key {
        b.inter = false;
        b.skip = false;
    } else {
        let at = f.neighbours(x, y, |n| n.skip);
        b.skip = c.flag(&mut f.ctx[layout::SKIP.at(at)], b.skip);
        if b.skip {
            (b.inter, b.merge) = (true, true);
        } else {
            let at = f.neighbours(x, y, |n| n.inter);
            b.inter = c.flag(&mut f.ctx[layout::INTER.at(at)], b.inter);
        }
    }
    if b.inter { code_inter(c, f, b) } else { code_intra(c, f, b) }
}

fn code_inter<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, b: &mut Block) {
    let (x, y) = (usize::from(b.x), usize::from(b.y));
    if !b.skip {
        let at = f.neighbours(x, y, |n| n.skip);
        b.merge = c.flag(&mut f.ctx[layout::MERGE.at(at)], b.merge);
    }
    let place = (x, y, b.w(), b.h());
    if b.merge {
        let i = c.symbol(&mut f.ctx[layout::MERGE_INDEX.at(0)], usize::from(b.merge_index));
        b.merge_index = i as u8;
        let list = merge_candidates(f, place, i + 1);
        *b = b.moving(list[i]);
    } else {
        let list = merge_candidates(f, place, MERGE_CANDIDATES);
        b.refs = code_refs(c, f, x, y, b.refs);
        b.mv[1] = if b.refs[1] < 0 { Mv::default() } else { b.mv[1] };
        let pair = usize::from(b.refs[1] >= 0);
        b.balance = match pair {
            0 => Balance::Even,
            _ => {
                let at = f.neighbours(x, y, |n| n.balance != Balance::Even);
                Balance::ALL[c.symbol(&mut f.ctx[layout::BALANCE.at(at)], b.balance as usize)]
            }
        };
        b.eighth = f.eighth_sample && c.flag(&mut f.ctx[layout::EIGHTH.at(pair)], b.eighth);
        let shift = u32::from(!b.eighth);
        for i in 0..1 + pair {
            let base = predictors(f, &list, b.refs[i], shift);
            let p = c.symbol(&mut f.ctx[layout::PREDICTOR.at(0)], usize::from(b.predictor[i]));
            b.predictor[i] = p as u8;
            let which = if i == 0 { 2 * pair } else { 1 };
            b.mv[i] = code_mv(c, f, which, (base[p], shift), b.mv[i]);
        }
    }
    b.residual = if b.skip {
        false
    } else if b.merge {
        true
    } else {
        let at = usize::from(b.refs[1] >= 0);
        c.flag(&mut f.ctx[layout::RESIDUAL.at(at)], b.residual)
    };
}

fn code_intra<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, b: &mut Block) {
    let (x, y) = (usize::from(b.x), usize::from(b.y));
    b.residual = true;
    b.merge = false;
    b.refs = [-1; 2];
    let palette = b.palette;
    b.palette = [0; 2];
    if has_palette(f, b) {
        let size = usize::from(b.lw + b.lh - 6) / 2;
        let at = f.neighbours(x, y, |n| n.palette) * 3 + size;
        b.palette[0] = code_palette_size(c, &mut f.ctx, layout::PALETTE.at(at), 0, palette[0]);
    }
    if b.palette[0] > 0 {
        (b.split4, b.modes) = (false, [intra::DC; 4]);
    } else {
        code_luma_modes(c, f, b);
    }
    if f.chroma == ChromaFormat::Mono {
        return;
    }
    if has_palette(f, b) {
        let at = layout::PALETTE_CHROMA.at(usize::from(b.palette[0] > 0));
        b.palette[1] = code_palette_size(c, &mut f.ctx, at, 1, palette[1]);
    }
    if b.palette[1] > 0 {
        b.chroma = ChromaMode::Dc;
        return;
    }
    let class = intra::mode_class(b.modes[3]);
    let m = c.symbol(&mut f.ctx[layout::CHROMA_MODE.at(class)], b.chroma as usize);
    b.chroma = ChromaMode::ALL[m];
    if b.chroma == ChromaMode::FromLuma {
        for p in 0..2 {
            let v = c.symbol(&mut f.ctx[layout::CFL_ALPHA.at(p)], (b.cfl[p] + 8) as usize);
            b.cfl[p] = v as i8 - 8;
        }
    }
}

/// Codes how many colours a palette has, 0 for none.
fn code_palette_size<C: SymbolCoder>(c: &mut C, ctx: &mut Contexts, flag: usize, group: usize, n: u8) -> u8 {
    if !c.flag(&mut ctx[flag], n > 0) {
        return 0;
    }
    c.symbol(&mut ctx[layout::PALETTE_SIZE.at(group)], usize::from(n.saturating_sub(2))) as u8 + 2
}

fn code_luma_modes<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, b: &mut Block) {
    let (x, y) = (usize::from(b.x), usize::from(b.y));
    b.split4 = b.lw == 3 && b.lh == 3 && c.flag(&mut f.ctx[layout::SPLIT4.at(0)], b.split4);
    let (left, above) = neighbour_modes(&f.cells, x, y);
    b.modes[0] = code_luma_mode(c, &mut f.ctx, left, above, b.modes[0]);
    if b.split4 {
        b.modes[1] = code_luma_mode(c, &mut f.ctx, b.modes[0], above, b.modes[1]);
        b.modes[2] = code_luma_mode(c, &mut f.ctx, left, b.modes[0], b.modes[2]);
        b.modes[3] = code_luma_mode(c, &mut f.ctx, b.modes[2], b.modes[1], b.modes[3]);
    } else {
        b.modes = [b.modes[0]; 4];
    }
}

/// Codes the quantiser change that a block with residual may carry: once for each 32x32 area.
fn code_quant<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, qi: u8) -> u8 {
    if !(f.variable_quant && f.quant_pending) {
        return f.qi;
    }
    f.quant_pending = false;
    let delta = (i32::from(qi) - i32::from(f.qi)) / 2;
    let mag = c.symbol(&mut f.ctx[layout::QUANT_DELTA.at(0)], delta.unsigned_abs().min(7) as usize) as u32;
    let mag = if mag == 7 { 7 + c.exp_golomb(1, delta.unsigned_abs().saturating_sub(7)) } else { mag };
    let mag = mag.min(255) as i32;
    let negative = mag > 0 && c.raw(1, u32::from(delta < 0)) != 0;
    f.qi = (i32::from(f.qi) + if negative { -2 * mag } else { 2 * mag }).clamp(0, 255) as u8;
    f.qi
}

/// Codes how often the transform is halved.
pub fn code_tx_depth<C: SymbolCoder>(c: &mut C, f: &mut FrameContext, b: &Block) -> u8 {
    let (lw, lh) = (usize::from(b.lw), usize::from(b.lh));
    let most = max_tx_depth(lw, lh);
    if b.split4 {
        return 1;
    }
    let at = usize::from(b.inter) * 5 + (lw + lh - 6) / 2;
    c.symbol(&mut f.ctx[layout::TX_DEPTH.at(at)], usize::from(b.tx_depth)).min(most) as u8
}

/// Codes a whole block. With a decoder, transform blocks, tokens and coefficients are appended to `res`;
/// otherwise they are read from it, from position `next` on, which moves along.
pub fn code_block<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    b: &mut Block,
    res: &mut Residuals,
    next: &mut (usize, usize),
) {
    if b.x & 31 == 0 && b.y & 31 == 0 {
        f.quant_pending = true;
    }
    code_prediction(c, f, b);
    if !b.inter && b.palette != [0; 2] {
        code_palettes(c, f, b, res, &mut next.1);
    }
    if b.residual {
        b.qi = code_quant(c, f, b.qi);
        b.tx_depth = code_tx_depth(c, f, b);
        code_residual(c, f, b, res, next);
    } else {
        b.qi = f.qi;
        b.tx_depth = 0;
    }
    f.commit(b);
}

/// Codes all transform blocks of a block, luma in raster order, then U, then V.
fn code_residual<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    b: &Block,
    res: &mut Residuals,
    next: &mut (usize, usize),
) {
    let mut coded_u = false;
    for_each_tx(b, f.chroma, |t| {
        let mut tx = if C::DECODES { TxBlock::default() } else { res.tx[next.0] };
        tx.tokens = next.1 as u32;
        tx.coeffs = res.coeffs.len() as u32;
        let at = coded_context(b, t, coded_u);
        tx.coded = c.flag(&mut f.ctx[layout::CODED.at(at)], tx.coded);
        coded_u |= tx.coded && t.plane == 1;
        if tx.coded {
            if t.plane == 0 && t.lw <= 4 && t.lh <= 4 {
                let at = tx_type_context(b, t);
                tx.tx_type = c.symbol(&mut f.ctx[layout::TX_TYPE.at(at)], tx.tx_type.into()) as u8;
            } else {
                tx.tx_type = 0;
            }
            let kind = kind_of(t.plane, b.inter);
            let shape = TxShape { lw: t.lw, lh: t.lh };
            code_tx(c, f, kind, shape, &mut tx, res, &mut next.1);
        }
        tx.end = next.1 as u32;
        if C::DECODES {
            res.tx.push(tx);
        } else {
            res.tx[next.0] = tx;
        }
        next.0 += 1;
    });
}

/// Context of the residual-present flag.
pub fn coded_context(b: &Block, t: TxPlace, coded_u: bool) -> usize {
    let inter = usize::from(b.inter);
    match t.plane {
        0 => (inter * 2 + usize::from(b.tx_depth > 0)) * 4 + (t.lw + t.lh) / 2 - 2,
        1 => 16 + inter,
        _ => 18 + inter * 2 + usize::from(coded_u),
    }
}

/// Context of the transform type.
pub fn tx_type_context(b: &Block, t: TxPlace) -> usize {
    let class = if b.inter { 4 } else { intra::mode_class(b.modes[t.part]) };
    class * 3 + ((t.lw + t.lh) / 2 - 2).min(2)
}

/// Where a transform block lies: plane, position in samples of that plane, log2 size, and the quarter
/// of a split block it belongs to (0 otherwise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxPlace {
    pub plane: usize,
    pub x: usize,
    pub y: usize,
    pub lw: usize,
    pub lh: usize,
    pub part: usize,
}

/// The transform blocks of a block in coding order.
pub fn tx_places(b: &Block, chroma: ChromaFormat) -> Vec<TxPlace> {
    let mut places = Vec::new();
    for_each_tx(b, chroma, |t| places.push(t));
    places
}

/// Visits the transform blocks of a block in coding order.
pub fn for_each_tx(b: &Block, chroma: ChromaFormat, mut visit: impl FnMut(TxPlace)) {
    for plane in 0..chroma.planes() {
        let s = if plane == 0 { 0 } else { chroma.shift() };
        let (bw, bh) = (usize::from(b.lw) - s, usize::from(b.lh) - s);
        let depth = if plane == 0 { usize::from(b.tx_depth) } else { 0 };
        let (lw, lh) = tx_size(bw, bh, depth);
        let (x0, y0) = (usize::from(b.x) >> s, usize::from(b.y) >> s);
        let mut part = 0;
        for row in 0..1 << (bh - lh) {
            for column in 0..1 << (bw - lw) {
                visit(TxPlace { plane, x: x0 + (column << lw), y: y0 + (row << lh), lw, lh, part });
                part += usize::from(b.split4);
            }
        }
    }
}
