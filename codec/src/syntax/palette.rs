//! Palettes: a block of few colours as a list of them and one index for each sample (SPEC.md, "Palette").
//!
//! What a palette block consists of are tokens: its colours in ascending order, then its indices in raster order.

use super::block::{Block, FrameContext, Residuals};
use super::layout;
use super::residual::token;
use crate::entropy::SymbolCoder;

/// Most colours of a palette.
pub const MAX_COLOURS: usize = 8;
/// Colours remembered from palettes before.
const REMEMBERED: usize = 16;
/// log2 of the longest side of a block with a palette.
const LONGEST: u8 = 5;

/// A luma value, or a pair of chroma values.
pub type Colour = [u16; 2];

/// Whether blocks of this size may have a palette.
pub fn has_palette(f: &FrameContext, b: &Block) -> bool {
    f.palette && b.lw.max(b.lh) <= LONGEST
}

/// Samples of a palette block in luma (group 0) or one chroma plane (1): width and height.
fn sides(b: &Block, group: usize, shift: usize) -> (usize, usize) {
    let s = if group == 0 { 0 } else { shift };
    (b.w() >> s, b.h() >> s)
}

/// Tokens of a block's palette of luma (group 0) or chroma (1).
pub fn palette_tokens(b: &Block, group: usize, shift: usize) -> usize {
    let (w, h) = sides(b, group, shift);
    let n = usize::from(b.palette[group]);
    if n == 0 { 0 } else { n * (1 + group) + w * h }
}

/// The colours of a palette's tokens.
fn colours(tokens: &[u16], n: usize, group: usize) -> Vec<Colour> {
    tokens[..n * (1 + group)].chunks_exact(1 + group).map(|c| [c[0], c[group]]).collect()
}

/// Writes the samples of a rectangle within a palette block: `(x, y)` relative to the block, `w` to a row of `out`.
pub fn fill(
    out: &mut [u16],
    (x, y, w): (usize, usize, usize),
    tokens: &[u16],
    b: &Block,
    plane: usize,
    shift: usize,
) {
    let group = plane.min(1);
    let n = usize::from(b.palette[group]);
    let stride = sides(b, group, shift).0;
    let component = plane.saturating_sub(1);
    let (colours, map) = tokens.split_at(n * (1 + group));
    for (row, from) in out.chunks_exact_mut(w).zip(map.chunks_exact(stride).skip(y)) {
        for (o, &i) in row.iter_mut().zip(&from[x..]) {
            *o = colours[usize::from(i) * (1 + group) + component];
        }
    }
}

/// Codes the palettes of a block: tokens in, or (decoding) appended.
pub fn code_palettes<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    b: &mut Block,
    res: &mut Residuals,
    next: &mut usize,
) {
    let shift = f.chroma.shift();
    for group in 0..2 {
        let n = usize::from(b.palette[group]);
        if n == 0 {
            continue;
        }
        let at = if C::DECODES { res.tokens.len() } else { *next };
        b.palette_at[group] = at as u32;
        code_colours(c, f, group, n, res, next);
        let (w, h) = sides(b, group, shift);
        code_map(c, f, (group, n), (w, h), res, next);
    }
    remember(f, b, &res.tokens);
}

/// Remembers the colours of a block for the palettes that follow.
pub fn remember(f: &mut FrameContext, b: &Block, tokens: &[u16]) {
    for group in (0..2).filter(|&g| b.palette[g] > 0) {
        let used = colours(&tokens[b.palette_at[group] as usize..], b.palette[group].into(), group);
        let old = &mut f.colours[group];
        old.retain(|c| !used.contains(c));
        old.splice(0..0, used);
        old.truncate(REMEMBERED);
    }
}

/// Codes the colours: which of those remembered, then the others.
fn code_colours<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    group: usize,
    n: usize,
    res: &mut Residuals,
    next: &mut usize,
) {
    let wanted = if C::DECODES { Vec::new() } else { colours(&res.tokens[*next..], n, group) };
    let mut list: Vec<Colour> = Vec::with_capacity(n);
    for old in &f.colours[group] {
        if list.len() == n {
            break;
        }
        if c.flag(&mut f.ctx[layout::PALETTE_AGAIN.at(group)], wanted.contains(old)) {
            list.push(*old);
        }
    }
    let again = list.len();
    let mut fresh =
        wanted.iter().filter(|w| !list[..again].contains(w)).copied().collect::<Vec<_>>().into_iter();
    while list.len() < n {
        let wanted = fresh.next().unwrap_or_default();
        let mut one = |v: u16| c.raw(f.bit_depth.into(), v.into()) as u16;
        let first = one(wanted[0]);
        list.push([first, if group == 0 { first } else { one(wanted[1]) }]);
    }
    if C::DECODES {
        list.sort_unstable();
        res.tokens.extend(list.iter().flat_map(|c| &c[..1 + group]));
    }
    *next += n * (1 + group);
}

/// Codes the index of each sample as its rank among the colours, those of the neighbours first.
fn code_map<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    (group, n): (usize, usize),
    (w, h): (usize, usize),
    res: &mut Residuals,
    next: &mut usize,
) {
    let start = if C::DECODES { res.tokens.len() } else { *next };
    for at in 0..w * h {
        let (x, y) = (at % w, at / w);
        let before = |d: usize| res.tokens[start + at - d] as u8;
        let left = if x > 0 {
            before(1)
        } else if y > 0 {
            before(w)
        } else {
            0
        };
        let above = if y > 0 { before(w) } else { left };
        let corner = if x > 0 && y > 0 { before(w + 1) } else { above };
        let (order, context) = ranks(left, above, corner);
        let model =
            &mut f.ctx[layout::PALETTE_INDEX.at((group * (MAX_COLOURS - 1) + n - 2) * CONTEXTS + context)];
        token(c, res, next, |c, v| {
            let rank = c.symbol(model, order.iter().position(|&o| u16::from(o) == v).unwrap_or(0));
            u16::from(order[rank]).min(n as u16 - 1)
        });
    }
}

/// Contexts of an index.
pub const CONTEXTS: usize = 5;

/// All colours, those of the neighbours first, the others ascending; and the context.
fn ranks(left: u8, above: u8, corner: u8) -> ([u8; MAX_COLOURS], usize) {
    let context = match (left == above, left == corner, above == corner) {
        (true, true, _) => 0,
        (true, false, _) => 1,
        (false, true, _) => 2,
        (false, _, true) => 3,
        _ => 4,
    };
    // Where the corner continues in one neighbour, the other is the newer colour and an edge runs along.
    let first = if context == 2 { [above, left, corner] } else { [left, above, corner] };
    let mut order = [0; MAX_COLOURS];
    let mut n = 0;
    for v in first.into_iter().chain(0..MAX_COLOURS as u8) {
        if !order[..n].contains(&v) {
            order[n] = v;
            n += 1;
        }
    }
    (order, context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_permutations() {
        for i in 0..512u16 {
            let (mut order, context) = ranks((i & 7) as u8, (i >> 3 & 7) as u8, (i >> 6) as u8);
            assert!(context < CONTEXTS);
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
        }
    }
}
