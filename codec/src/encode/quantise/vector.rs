//! The choice of codewords for one vector, or of its split.

use super::{Input, NEGLIGIBLE, Pass, Quantiser, sum8};
use crate::codebook::{DIMS, HALVES, SHAPES, book_index, neighbour_sum, pack};
use crate::entropy::BIT;
use crate::syntax::layout::POSITIONS;
use crate::syntax::{MAG_STRIDE, context_mag, escape_cost, index_cost, index_model, position_class};

/// Where a vector lies, and its dimension number.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub dim: usize,
    pub x: usize,
    pub y: usize,
    /// Nothing but zeros came before it, in the last group.
    pub first: bool,
}

/// What coding a vector comes to.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    pub cost: f32,
    pub dist: f32,
    pub bits: u32,
    /// Whether its index is not that of zero.
    pub coded: bool,
}

/// The book of a vector and the model of its index.
#[derive(Clone, Copy)]
struct Context {
    dim: usize,
    number: usize,
    model: usize,
}

/// The best word found for a vector.
#[derive(Clone, Copy)]
struct Best {
    cost: f32,
    dist: f32,
    bits: u32,
    index: usize,
    /// The magnitude of an escape (scalars only), in whole steps.
    whole: u16,
    /// Whether the halves of the vector may do better.
    doubtful: bool,
}

/// Squared error of a word.
#[inline(always)]
fn squares<const D: usize>(v: &[f32; D], word: &[i16; D]) -> f32 {
    let mut d = [0f32; 8];
    for k in 0..D {
        d[k] = (v[k] - f32::from(word[k])).powi(2);
    }
    sum8(d)
}

impl Quantiser<'_> {
    /// Chooses the word for a vector, or its split, and enters tokens, values and magnitudes.
    pub(super) fn vector(&self, p: &mut Pass, mags: &mut [u8], input: &Input, place: Place) -> Chosen {
        let Place { dim, x, y, first } = place;
        let (w, columns, f) = (input.s.w(), SHAPES[dim].w, self.f);
        let mut v = [0f32; 8];
        for (j, v) in v[..DIMS[dim]].iter_mut().enumerate() {
            *v = input.a[(y + j / columns) * w + x + j % columns];
        }
        let class = f.thresholds.class(dim, neighbour_sum(mags, MAG_STRIDE, x, y, dim));
        let number = book_index(input.kind, dim, class);
        let position = if first { POSITIONS - 1 } else { position_class(x, y) };
        let context = Context { dim, number, model: index_model(number, position) };
        let best = match dim {
            0 => self.best_word::<8>(&v, context, input),
            1 => self.best_word::<4>(&v, context, input),
            2 => self.best_word::<2>(&v, context, input),
            _ => self.best_word::<1>(&v, context, input),
        };
        let mut touched = best.index > 0;
        if let Some(halves) = HALVES.get(dim).filter(|_| best.doubtful) {
            let tokens = p.tokens.len();
            let bits = self.index_bits(context, f.books.books[number].len());
            let mut split = Chosen { cost: input.lambda * bits as f32, dist: 0.0, bits, coded: true };
            p.tokens.push(f.books.books[number].len() as u16);
            for &(dx, dy) in halves {
                let half = Place { dim: dim + 1, x: x + dx, y: y + dy, first: false };
                let half = self.vector(p, mags, input, half);
                split.cost += half.cost;
                split.dist += half.dist;
                split.bits += half.bits;
            }
            if split.cost < best.cost {
                return split;
            }
            p.tokens.truncate(tokens);
            touched = true;
        }
        p.tokens.push(best.index as u16);
        if touched {
            self.enter(p, mags, input, place, number, &best);
        }
        Chosen { cost: best.cost, dist: best.dist, bits: best.bits, coded: best.index > 0 }
    }

    /// Enters the values of a word or escape, and the tokens that follow its index.
    fn enter(&self, p: &mut Pass, mags: &mut [u8], input: &Input, place: Place, number: usize, best: &Best) {
        let Place { dim, x, y, .. } = place;
        let (w, columns) = (input.s.w(), SHAPES[dim].w);
        let book = &self.f.books.books[number];
        let escape = best.index >= book.len();
        if escape {
            p.tokens.push(best.whole - book.len() as u16);
        }
        let (mut signs, mut n) = (0u16, 0);
        for j in 0..DIMS[dim] {
            let m = if escape { i32::from(best.whole) * 16 } else { i32::from(book.word(best.index)[j]) };
            let (px, py) = (x + j % columns, y + j / columns);
            mags[py * MAG_STRIDE + px] = context_mag(m as u32);
            let negative = input.coeffs[py * w + px] < 0;
            p.values[py * w + px] = if negative { -m } else { m };
            if m != 0 {
                signs |= u16::from(negative) << n;
                n += 1;
            }
        }
        if best.index > 0 {
            p.tokens.push(signs);
        }
    }

    fn index_bits(&self, c: Context, i: usize) -> u32 {
        let words = self.f.books.books[c.number].len();
        index_cost(&self.f.ctx, c.number, c.dim, words, c.model, i)
    }

    /// The word of least cost for `v`: zero, the nearest vector of whole steps, or one whose least certain components are
    /// one lower.
    #[inline(always)]
    fn best_word<const D: usize>(&self, v: &[f32; 8], c: Context, input: &Input) -> Best {
        let lambda = input.lambda;
        let v: &[f32; D] = v.first_chunk().expect("at most eight components");
        let dist = squares(v, &[0; D]);
        let bits = self.index_bits(c, 0);
        let cost = dist + lambda * bits as f32;
        let mut best = Best { cost, dist, bits, index: 0, whole: 0, doubtful: false };
        if v.iter().all(|&v| v < NEGLIGIBLE) {
            return best;
        }
        let mut whole = [0u16; D];
        // Components that may also be one lower, the least certain first.
        let mut lower = [(0f32, 0usize); D];
        let mut n = 0;
        for (k, &v) in v.iter().enumerate() {
            let r = (v * (1.0 / 16.0) + 0.5) as u16;
            whole[k] = r;
            let over = v - f32::from(r) * 16.0;
            if r > 0 && over < if r == 1 { 4.0 } else { 1.0 } {
                lower[n] = (over, k);
                n += 1;
            }
        }
        if D > 1 && whole.iter().any(|&r| r > 15) {
            // Beyond any word.
            return Best { doubtful: true, ..best };
        }
        lower[..n].sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let n = n.min(3);
        let book = &self.f.books.books[c.number];
        // Whether the nearest vector of whole steps has a word.
        let mut found = false;
        for mask in 0..1usize << n {
            let mut near = whole;
            for (bit, &(_, k)) in lower[..n].iter().enumerate() {
                near[k] -= (mask >> bit & 1) as u16;
            }
            let Some(i) = pack(&near).and_then(|key| self.lookup.find(c.number, key)) else { continue };
            if i == 0 {
                continue;
            }
            found |= mask == 0;
            let word: &[i16; D] = book.word(i).first_chunk().expect("words are as long as the dimension");
            let dist = squares(v, word);
            let nonzero: u32 = word.iter().map(|&w| u32::from(w != 0)).sum();
            let bits = self.index_bits(c, i) + nonzero * BIT;
            let cost = dist + lambda * bits as f32;
            if cost < best.cost {
                best = Best { cost, dist, bits, index: i, ..best };
            }
        }
        if D > 1 {
            best.doubtful = !found;
            return best;
        }
        // An escape, where the magnitude is larger than all words; also one lower.
        let words = book.len() as u16;
        for m in whole[0].saturating_sub(n as u16).max(words)..=whole[0] {
            let dist = (v[0] - f32::from(m) * 16.0).powi(2);
            let over = escape_cost(&self.f.ctx, input.kind, u32::from(m - words));
            let bits = self.index_bits(c, book.len()) + over + BIT;
            let cost = dist + lambda * bits as f32;
            if cost < best.cost {
                best = Best { cost, dist, bits, index: book.len(), whole: m, doubtful: false };
            }
        }
        best
    }
}
