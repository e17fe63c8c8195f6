//! The residual of a transform block: vectors of coefficients as codeword indices (SPEC.md, "Residual").

use super::block::{FrameContext, Residuals, TxBlock};
use super::layout::{self, Contexts, POSITIONS, TX_CLASSES};
use crate::codebook::{CodebookSet, DIMS, HALVES, SHAPES, Thresholds, book_index, neighbour_sum};
use crate::entropy::{BIT, SymbolCoder, symbol_cost};
use std::sync::LazyLock;

/// Samples of the largest transform.
pub const TX_AREA: usize = 32 * 32;
/// Groups are 4 coefficients wide and 2 high.
pub const GROUP: (usize, usize) = (4, 2);
/// Index ranges: coded directly, then in three buckets; the last symbol splits the vector.
const DIRECT: usize = 12;
const BUCKET_B: usize = DIRECT + 16;
const BUCKET_C: usize = BUCKET_B + 64;
const SPLIT: usize = 15;

/// log2 of a transform block's sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxShape {
    pub lw: usize,
    pub lh: usize,
}

impl TxShape {
    pub fn w(self) -> usize {
        1 << self.lw
    }

    pub fn h(self) -> usize {
        1 << self.lh
    }

    /// Size class 0..4 for contexts.
    pub fn class(self) -> usize {
        (self.lw + self.lh) / 2 - 2
    }

    /// Groups in the block.
    pub fn groups(self) -> usize {
        1 << (self.lw + self.lh - 3)
    }
}

/// Residual kind: 0 luma intra, 1 luma inter, 2 chroma.
pub fn kind_of(plane: usize, inter: bool) -> usize {
    if plane > 0 { 2 } else { usize::from(inter) }
}

/// Corner of each group in scan order, lowest frequency first.
pub type GroupScan = Vec<(u8, u8)>;

static SCANS: LazyLock<Vec<GroupScan>> = LazyLock::new(|| {
    let scan = |i: usize| {
        let (lw, lh) = (i / 4 + 2, i % 4 + 2);
        let mut v: GroupScan =
            (0..1 << lh).step_by(2).flat_map(|y| (0..1 << lw).step_by(4).map(move |x| (x, y))).collect();
        // Frequency relative to the block's sides; ties go row by row.
        v.sort_by_key(|&(x, y)| ((u32::from(x) << lh) + (u32::from(y) << lw), y));
        v
    };
    (0..16).map(scan).collect()
});

fn shape_number(s: TxShape) -> usize {
    (s.lw - 2) * 4 + s.lh - 2
}

/// The scan of a transform shape.
#[inline]
pub fn scan_of(s: TxShape) -> &'static GroupScan {
    &SCANS[shape_number(s)]
}

/// [`reach`] for each shape, by the last group in scan order.
static REACHES: LazyLock<Vec<GroupScan>> = LazyLock::new(|| {
    let reach = |scan: &GroupScan| {
        let mut far = (0, 0);
        let next = |&(x, y): &(u8, u8)| {
            far = (far.0.max(x + GROUP.0 as u8), far.1.max(y + GROUP.1 as u8));
            far
        };
        scan.iter().map(next).collect()
    };
    SCANS.iter().map(reach).collect()
});

/// Width and height of the region that the groups up to a last one cover.
#[inline]
pub fn reach(s: TxShape, last: u8) -> (u8, u8) {
    REACHES[shape_number(s)][usize::from(last)]
}

/// Position class of a vector whose corner is at (x, y).
#[inline]
pub fn position_class(x: usize, y: usize) -> usize {
    match x + y {
        0 => 0,
        1..4 => 1,
        4..8 => 2,
        8..16 => 3,
        _ => 4,
    }
}

/// Position of the model for the first part of an index.
#[inline]
pub fn index_model(book: usize, position: usize) -> usize {
    layout::INDEX.at(book * POSITIONS + position)
}

/// First symbol of an index (`words` stands for the escape or split), and the group and value of the second, if it
/// has one.
#[inline]
pub fn split_index(dim: usize, words: usize, i: usize) -> (usize, Option<(layout::Group, usize)>) {
    match i {
        _ if DIMS[dim] == 1 => (i, None),
        _ if i == words => (SPLIT, None),
        0..DIRECT => (i, None),
        DIRECT..BUCKET_B => (DIRECT, Some((layout::INDEX_A, i - DIRECT))),
        BUCKET_B..BUCKET_C => (DIRECT + 1, Some((layout::INDEX_B, (i - BUCKET_B) >> 4))),
        _ => (DIRECT + 2, Some((layout::INDEX_C, (i - BUCKET_C) >> 5))),
    }
}

/// Codes a codeword index of `book`; `words` of them, and one more for the escape or split.
#[inline]
fn code_index<C: SymbolCoder>(
    c: &mut C,
    ctx: &mut Contexts,
    (book, dim): (usize, usize),
    model: usize,
    words: usize,
    i: usize,
) -> usize {
    let first = c.symbol(&mut ctx[model], split_index(dim, words, i).0);
    let i = if DIMS[dim] == 1 || first < DIRECT {
        first
    } else if first == DIRECT {
        DIRECT + c.symbol(&mut ctx[layout::INDEX_A.at(book)], i.wrapping_sub(DIRECT) & 15)
    } else if first == DIRECT + 1 {
        let rest = i.wrapping_sub(BUCKET_B);
        let high = c.symbol(&mut ctx[layout::INDEX_B.at(book)], rest >> 4 & 3);
        BUCKET_B + high * 16 + c.raw(4, rest as u32 & 15) as usize
    } else if first < SPLIT {
        let rest = i.wrapping_sub(BUCKET_C);
        let high = c.symbol(&mut ctx[layout::INDEX_C.at(book)], rest >> 5 & 15);
        BUCKET_C + high * 32 + c.raw(5, rest as u32 & 31) as usize
    } else {
        words
    };
    i.min(words)
}

/// Cost of a codeword index in 1/1024 bit, as [`code_index`] codes it.
#[inline]
pub fn index_cost(ctx: &Contexts, book: usize, dim: usize, words: usize, model: usize, i: usize) -> u32 {
    let m = &ctx[model];
    if DIMS[dim] == 1 || i < DIRECT.min(words) {
        symbol_cost(m, i)
    } else if i == words {
        symbol_cost(m, SPLIT)
    } else if i < BUCKET_B {
        symbol_cost(m, DIRECT) + symbol_cost(&ctx[layout::INDEX_A.at(book)], i - DIRECT)
    } else if i < BUCKET_C {
        symbol_cost(m, DIRECT + 1)
            + symbol_cost(&ctx[layout::INDEX_B.at(book)], (i - BUCKET_B) >> 4)
            + 4 * BIT
    } else {
        symbol_cost(m, DIRECT + 2)
            + symbol_cost(&ctx[layout::INDEX_C.at(book)], (i - BUCKET_C) >> 5)
            + 5 * BIT
    }
}

/// Codes the scan position of the last group: its log2 bucket, one modelled bit, raw bits.
fn code_last<C: SymbolCoder>(c: &mut C, ctx: &mut Contexts, kind: usize, s: TxShape, last: usize) -> usize {
    let v = last + 1;
    let area = s.lw + s.lh - 4;
    let bucket = c.symbol(&mut ctx[layout::LAST_BUCKET.at(kind * 7 + area)], v.ilog2() as usize) as u32;
    let mut rest = v as u32 & ((1 << bucket) - 1);
    if bucket > 0 {
        let high = c.symbol(
            &mut ctx[layout::LAST_HIGH.at(kind * 8 + bucket as usize)],
            (rest >> (bucket - 1)) as usize,
        );
        let low = c.raw(bucket - 1, rest & ((1 << (bucket - 1)) - 1));
        rest = (high as u32) << (bucket - 1) | low;
    }
    (((1 << bucket) | rest) as usize - 1).min(s.groups() - 1)
}

/// Cost of the last group's position in 1/1024 bit, as [`code_last`] codes it.
pub fn last_cost(ctx: &Contexts, kind: usize, s: TxShape, last: usize) -> u32 {
    let v = last + 1;
    let bucket = v.ilog2();
    let mut cost = symbol_cost(&ctx[layout::LAST_BUCKET.at(kind * 7 + s.lw + s.lh - 4)], bucket as usize);
    if bucket > 0 {
        let high = v >> (bucket - 1) & 1;
        cost +=
            symbol_cost(&ctx[layout::LAST_HIGH.at(kind * 8 + bucket as usize)], high) + (bucket - 1) * BIT;
    }
    cost
}

/// Codes by how much a magnitude exceeds the largest codeword.
fn code_escape<C: SymbolCoder>(c: &mut C, ctx: &mut Contexts, kind: usize, mag: u32) -> u32 {
    let v = c.symbol(&mut ctx[layout::ESCAPE.at(kind)], mag.min(15) as usize) as u32;
    if v < 15 { v } else { (15 + c.exp_golomb(2, mag.saturating_sub(15))).min(u32::from(u16::MAX)) }
}

/// Cost of what [`code_escape`] codes.
pub fn escape_cost(ctx: &Contexts, kind: usize, mag: u32) -> u32 {
    let first = symbol_cost(&ctx[layout::ESCAPE.at(kind)], mag.min(15) as usize);
    if mag < 15 { first } else { first + (2 * ((mag - 15 + 4).ilog2() - 2) + 3) * BIT }
}

/// Magnitude of a coefficient in 1/16 step, as contexts see it: whole steps, saturated.
#[inline]
pub fn context_mag(v: u32) -> u8 {
    ((v + 8) >> 4).min(255) as u8
}

/// Rows of the magnitude array that [`code_tx`] keeps: the block and two samples beyond.
pub const MAG_STRIDE: usize = 32 + 4;
/// All of that array.
pub const MAGS: usize = MAG_STRIDE * (32 + 3);

/// Codes the residual of a coded transform block: tokens in, tokens out; a decoder also gets coefficients.
pub fn code_tx<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    kind: usize,
    s: TxShape,
    tx: &mut TxBlock,
    res: &mut Residuals,
    next: &mut usize,
) {
    let FrameContext { ctx, books, thresholds, scalar, mags, .. } = f;
    let last = code_last(c, ctx, kind, s, tx.last.into());
    tx.last = last as u8;
    let scan = scan_of(s);
    (tx.nz_w, tx.nz_h) = reach(s, tx.last);
    let (nz_w, nz_h) = (usize::from(tx.nz_w), usize::from(tx.nz_h));
    let coeffs = res.coeffs.len();
    if C::DECODES {
        res.coeffs.resize(coeffs + nz_w * nz_h, 0);
    }
    // Coefficients of the last group beyond this one (in the order of the scalar scan) are zero.
    let mut start = 0;
    if *scalar {
        let model = &mut ctx[layout::LAST_IN_GROUP.at(kind * TX_CLASSES + s.class())];
        start = token(c, res, next, |c, v| c.symbol(model, v.into()) as u16).into();
    }
    let mut block = VectorCoder { c, ctx, books, thresholds, kind, res, next, coeffs, nz_w, mags };
    let mut blank = true;
    for (i, &(gx, gy)) in scan[..=last].iter().enumerate().rev() {
        let (gx, gy) = (usize::from(gx), usize::from(gy));
        let dim = block.thresholds.dim(neighbour_sum(&block.mags[..], MAG_STRIDE, gx, gy, 0));
        for &(dx, dy) in &SHAPES[dim].corners[start..] {
            blank &= !block.vector(dim, gx + dx, gy + dy, blank && i == last);
        }
        start = 0;
    }
    for row in block.mags.chunks_exact_mut(MAG_STRIDE).take(nz_h) {
        row[..32].fill(0);
    }
}

/// The state of [`code_tx`] from vector to vector.
struct VectorCoder<'a, C> {
    c: &'a mut C,
    ctx: &'a mut Contexts,
    books: &'a CodebookSet,
    thresholds: &'a Thresholds,
    kind: usize,
    res: &'a mut Residuals,
    next: &'a mut usize,
    /// Where the block's coefficients begin, and the length of a row of them.
    coeffs: usize,
    nz_w: usize,
    /// Of the coefficients so far, rows of [`MAG_STRIDE`].
    mags: &'a mut [u8; MAGS],
}

impl<C: SymbolCoder> VectorCoder<'_, C> {
    /// Codes the vector of dimension number `dim` at (x, y), or its two halves one after the other; `first`: nothing
    /// but zeros came before it, in the last group. Returns whether its index is not that of zero.
    fn vector(&mut self, dim: usize, x: usize, y: usize, first: bool) -> bool {
        let class = self.thresholds.class(dim, neighbour_sum(&self.mags[..], MAG_STRIDE, x, y, dim));
        let number = book_index(self.kind, dim, class);
        let book = &self.books.books[number];
        let words = book.len();
        let position = if first { POSITIONS - 1 } else { position_class(x, y) };
        let (ctx, res, next) = (&mut *self.ctx, &mut *self.res, &mut *self.next);
        let index = usize::from(token(self.c, res, next, |c, v| {
            code_index(c, ctx, (number, dim), index_model(number, position), words, v.into()) as u16
        }));
        self.c.indexed(number, index);
        if index == 0 {
            return false;
        }
        // Magnitudes, and which of them are not zero.
        let (mut values, mut there, mut nonzero) = ([0u32; 8], 0u32, 0);
        if index < words {
            for (k, (v, &w)) in values.iter_mut().zip(book.word(index)).enumerate() {
                *v = w.into();
                there |= u32::from(w != 0) << k;
                nonzero += u32::from(w != 0);
            }
        } else if let Some(halves) = HALVES.get(dim) {
            for &(dx, dy) in halves {
                self.vector(dim + 1, x + dx, y + dy, false);
            }
            return true;
        } else {
            let kind = self.kind;
            let over = token(self.c, res, next, |c, v| code_escape(c, ctx, kind, v.into()) as u16);
            values[0] = (words as u32 + u32::from(over)).min(u32::from(u16::MAX)) * 16;
            there = u32::from(values[0] != 0);
            nonzero = there;
        }
        let mut signs = token(self.c, res, next, |c, v| c.signs(nonzero, v.into()) as u16);
        // Widths are powers of two.
        let w = SHAPES[dim].w;
        while there != 0 {
            let k = there.trailing_zeros() as usize;
            there &= there - 1;
            let v = values[k & 7];
            let (px, py) = (x + (k & (w - 1)), y + (k >> w.trailing_zeros()));
            self.mags[py * MAG_STRIDE + px] = context_mag(v);
            if C::DECODES {
                let v = v as i32;
                self.res.coeffs[self.coeffs + py * self.nz_w + px] = if signs & 1 != 0 { -v } else { v };
            }
            signs >>= 1;
        }
        true
    }
}

/// Codes the next token: from the list, or (decoding) onto it.
#[inline]
pub(super) fn token<C: SymbolCoder>(
    c: &mut C,
    res: &mut Residuals,
    next: &mut usize,
    code: impl FnOnce(&mut C, u16) -> u16,
) -> u16 {
    let v = if C::DECODES {
        let v = code(c, 0);
        res.tokens.push(v);
        v
    } else {
        code(c, res.tokens[*next])
    };
    *next += 1;
    v
}
