//! The choice of codewords for one vector, or of its split.

use super::{Input, NEGLIGIBLE, Pass, Quantiser, sum8};
use crate::codebook::{HALVES, book_index, neighbour_sum};
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
fn squares<const D: usize>(v: &[f32; D], word: &[u8; D]) -> f32 {
    let mut d = [0f32; 8];
    for k in 0..D {
        d[k] = (v[k] - f32::from(word[k])).powi(2);
    }
    sum8(d)
}

/// To whole steps, halves up, 65535 at most. A cast would take care of numbers out of range, one by one.
#[inline(always)]
fn steps(v: f32) -> u32 {
    // Between 2^23 and 2^24 the last bit of a number is worth one.
    const WHOLE: f32 = 12_582_912.0;
    let v = (v * (1.0 / 16.0)).min(65535.0);
    let near = v + WHOLE;
    // Halves have gone to even numbers.
    near.to_bits() - WHOLE.to_bits() + u32::from(v - (near - WHOLE) == 0.5)
}

/// Components of which the magnitude may be one lower, the least certain first.
struct Lower {
    n: usize,
    /// By how much the component exceeds its magnitude in whole steps (the less certain, the less), and its number.
    least: [(f32, usize); LOWERED],
}

/// Components that may be one lower.
const LOWERED: usize = 3;

impl Lower {
    #[inline(always)]
    fn of<const D: usize>(v: &[f32; D], whole: &[u32; D]) -> Self {
        let (mut over, mut those) = ([0f32; D], 0u32);
        for k in 0..D {
            over[k] = v[k] - whole[k] as f32 * 16.0;
            let limit = if whole[k] == 1 { 4.0 } else { 1.0 };
            those |= u32::from(whole[k] > 0 && over[k] < limit) << k;
        }
        let mut lower = Lower { n: 0, least: [(f32::INFINITY, 0); LOWERED] };
        while those != 0 {
            let k = those.trailing_zeros() as usize;
            those &= those - 1;
            let mut next = (over[k], k);
            for least in &mut lower.least {
                if next < *least {
                    std::mem::swap(least, &mut next);
                }
            }
            lower.n = (lower.n + 1).min(LOWERED);
        }
        lower
    }
}

impl Quantiser<'_> {
    /// Chooses the word for a vector, or its split, and enters tokens, values and magnitudes.
    pub(super) fn vector(&self, p: &mut Pass, mags: &mut [u8], input: &Input, place: Place) -> Chosen {
        match place.dim {
            0 => self.vector_of::<8, 4>(p, mags, input, place),
            1 => self.vector_of::<4, 2>(p, mags, input, place),
            2 => self.vector_of::<2, 2>(p, mags, input, place),
            _ => self.vector_of::<1, 1>(p, mags, input, place),
        }
    }

    /// The same for `D` components in rows of `W`.
    #[inline(always)]
    fn vector_of<const D: usize, const W: usize>(
        &self,
        p: &mut Pass,
        mags: &mut [u8],
        input: &Input,
        place: Place,
    ) -> Chosen {
        let Place { dim, x, y, first } = place;
        let (w, f) = (input.s.w(), self.f);
        let mut v = [0f32; D];
        for (r, row) in v.chunks_exact_mut(W).enumerate() {
            row.copy_from_slice(&input.a[(y + r) * w + x..][..W]);
        }
        let class = f.thresholds.class(dim, neighbour_sum(mags, MAG_STRIDE, x, y, dim));
        let number = book_index(input.kind, dim, class);
        let position = if first { POSITIONS - 1 } else { position_class(x, y) };
        let context = Context { dim, number, model: index_model(number, position) };
        let best = self.best_word(&v, context, input);
        let mut touched = best.index > 0;
        if let Some(halves) = HALVES.get(dim).filter(|_| best.doubtful) {
            let tokens = p.tokens.len();
            let bits = self.index_bits(context, f.books.books[number].len());
            let mut split = Chosen { cost: input.lambda * bits as f32, dist: 0.0, bits, coded: true };
            // Its symbol alone may cost too much.
            if split.cost < best.cost {
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
        }
        p.tokens.push(best.index as u16);
        if touched {
            self.enter::<D, W>(p, mags, input, place, number, &best);
        }
        Chosen { cost: best.cost, dist: best.dist, bits: best.bits, coded: best.index > 0 }
    }

    /// Enters the values of a word or escape, and the tokens that follow its index.
    #[inline(always)]
    fn enter<const D: usize, const W: usize>(
        &self,
        p: &mut Pass,
        mags: &mut [u8],
        input: &Input,
        Place { x, y, .. }: Place,
        number: usize,
        best: &Best,
    ) {
        let w = input.s.w();
        let book = &self.f.books.books[number];
        let mut values = [i32::from(best.whole) * 16; D];
        if best.index >= book.len() {
            p.tokens.push(best.whole - book.len() as u16);
        } else {
            values.iter_mut().zip(book.word(best.index)).for_each(|(v, &m)| *v = m.into());
        }
        let (mut signs, mut n) = (0u16, 0);
        for (r, values) in values.chunks_exact(W).enumerate() {
            let at = (y + r) * w + x;
            let (coeffs, to) = (&input.coeffs[at..at + W], &mut p.values[at..at + W]);
            let mags = &mut mags[(y + r) * MAG_STRIDE + x..][..W];
            for (k, &m) in values.iter().enumerate() {
                let negative = coeffs[k] < 0;
                mags[k] = context_mag(m as u32);
                to[k] = if negative { -m } else { m };
                signs |= u16::from(negative && m != 0) << n;
                n += u32::from(m != 0);
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
    fn best_word<const D: usize>(&self, v: &[f32; D], c: Context, input: &Input) -> Best {
        let lambda = input.lambda;
        let dist = squares(v, &[0; D]);
        let bits = self.index_bits(c, 0);
        let cost = dist + lambda * bits as f32;
        let mut best = Best { cost, dist, bits, index: 0, whole: 0, doubtful: false };
        if v.iter().all(|&v| v < NEGLIGIBLE) {
            return best;
        }
        let whole = v.map(steps);
        if D > 1 && whole.iter().fold(0, |all, r| all | r) > 15 {
            // Beyond any word.
            return Best { doubtful: true, ..best };
        }
        let lower = Lower::of(v, &whole);
        let book = &self.f.books.books[c.number];
        // Of scalars beyond all words, as of all, the lowest four bits.
        let key = whole.iter().fold(0, |key, r| key << 4 | r & 15);
        // By how much the key is less with some of the components one lower.
        let mut less = [0u32; 1 << LOWERED];
        // Whether the nearest vector of whole steps has a word.
        let mut found = false;
        for mask in 0..if D > 1 || whole[0] < 16 { 1usize << lower.n } else { 0 } {
            if mask > 0 {
                let (_, k) = lower.least[mask.trailing_zeros() as usize];
                less[mask] = less[mask & (mask - 1)] + (1 << (4 * (D - 1 - k)));
            }
            let key = key - less[mask];
            let Some(i) = self.lookup.find(c.number, key).filter(|&i| i > 0) else { continue };
            found |= mask == 0;
            let word: &[u8; D] = book.word(i).first_chunk().expect("words are as long as the dimension");
            let dist = squares(v, word);
            // No component of a word that is not zero rounds to zero.
            let nonzero = ((key | key >> 1 | key >> 2 | key >> 3) & 0x1111_1111).count_ones();
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
        let whole = whole[0] as u16;
        for m in whole.saturating_sub(lower.n as u16).max(words)..=whole {
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
