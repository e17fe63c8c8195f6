//! What a codebook file holds, as symbols of the range coder: written once for reading and writing
//! (SPEC.md, "Codebook file").

use super::format::MAX_ROOT;
use super::{CLASSES, DIMS, FRAME_CLASSES, MAX_WORDS, ONE};
use crate::entropy::{MAX_SYMBOLS, Model, SymbolCoder};
use std::collections::HashMap;

/// Bits of a number of words, less one.
const WORD_BITS: u32 = 10;
/// Contexts of a whole component: dimension, place in the vector, sum of those before it.
const WHOLES: usize = DIMS.len() * 8 * 4;
/// Contexts of a fraction: dimension, whole component (1 or more), the fraction in the book before.
const FRACTIONS: usize = DIMS.len() * 2 * (MAX_SYMBOLS + 1);

/// Codes the magnitudes of all books. Zeros are zero; a component from 8 on is whole steps and a fraction.
pub fn code_books<C: SymbolCoder>(c: &mut C, books: &mut [Vec<i16>]) {
    let mut wholes = [Model::uniform(MAX_SYMBOLS); WHOLES];
    let mut fractions = [Model::uniform(MAX_SYMBOLS); FRACTIONS];
    // Fractions of the books before of the same kind and dimension, by whole components.
    let mut before: HashMap<[u8; 8], [u8; 8]> = HashMap::new();
    for (i, book) in books.iter_mut().enumerate() {
        let number = i / CLASSES % DIMS.len();
        let dim = DIMS[number];
        if i % CLASSES == 0 {
            before.clear();
        }
        let n = c.raw(WORD_BITS, (book.len() / dim).saturating_sub(1) as u32) as usize + 1;
        book.resize(n.min(MAX_WORDS[number]) * dim, 0);
        for word in book.chunks_exact_mut(dim).skip(1) {
            let (mut whole, mut fraction) = ([0u8; 8], [0u8; 8]);
            let mut sum = 0;
            for (k, &v) in word.iter().enumerate() {
                let model = &mut wholes[(number * 8 + k) * 4 + sum.min(3)];
                let w = c.symbol(model, usize::from((v.clamp(0, 247) + ONE / 2) as u16 / ONE as u16));
                whole[k] = w as u8;
                sum += w;
            }
            let old = before.get(&whole);
            for (k, v) in word.iter_mut().enumerate().filter(|(k, _)| whole[*k] > 0) {
                let old = old.map_or(MAX_SYMBOLS, |f| usize::from(f[k]));
                let size = usize::from(whole[k] > 1);
                let model = &mut fractions[(number * 2 + size) * (MAX_SYMBOLS + 1) + old];
                let centre = i16::from(whole[k]) * ONE;
                fraction[k] = c.symbol(model, (*v - centre + ONE / 2).clamp(0, ONE - 1) as usize) as u8;
                *v = centre + i16::from(fraction[k]) - ONE / 2;
            }
            for (v, _) in word.iter_mut().zip(whole).filter(|(_, w)| *w == 0) {
                *v = 0;
            }
            before.insert(whole, fraction);
        }
    }
}

/// Differences up to this one (folded) are one symbol.
const FAR: u32 = 15;

/// Codes the roots of all frequencies: each as the difference from the same one in the frame class before or,
/// in the first class, from the model before.
pub fn code_roots<C: SymbolCoder>(
    c: &mut C,
    roots: &mut Vec<u8>,
    alphabets: impl Iterator<Item = usize> + Clone,
) {
    if c.raw(1, u32::from(!roots.is_empty())) == 0 {
        roots.clear();
        return;
    }
    let size: usize = alphabets.clone().sum();
    roots.resize(FRAME_CLASSES * size, 0);
    let mut models = [Model::uniform(MAX_SYMBOLS); 2 * 2 * 5 * 4 * 2];
    let mut at = 0;
    for class in 0..FRAME_CLASSES {
        let mut last = 0;
        for symbols in alphabets.clone() {
            // How far off the prediction was so far in this model.
            let mut off = 0;
            for s in 0..symbols {
                let guess = match class {
                    0 if last == symbols => roots[at - symbols],
                    0 => 16,
                    _ => roots[at - size],
                };
                let context = usize::from(class > 0) * 2 + usize::from(symbols == MAX_SYMBOLS);
                let context = (context * 5 + (off as usize).min(4)) * 4 + usize::from(guess / 4).min(3);
                let model = &mut models[context * 2 + usize::from(s > 0)];
                let d = i32::from(roots[at]) - i32::from(guess);
                let folded = if d > 0 { 2 * d as u32 - 1 } else { 2 * d.unsigned_abs() };
                let mut v = c.symbol(model, folded.min(FAR) as usize) as u32;
                if v == FAR {
                    v += c.exp_golomb(2, folded.saturating_sub(FAR));
                }
                let d = if v & 1 == 1 { (v / 2 + 1) as i32 } else { -((v / 2) as i32) };
                roots[at] = (i32::from(guess) + d).clamp(0, MAX_ROOT as i32) as u8;
                off = (off + d.unsigned_abs()).div_ceil(2);
                at += 1;
            }
            last = symbols;
        }
    }
}
