//! Entropy coding: a range coder with adaptive multi-symbol models (SPEC.md, "Range coder").
//!
//! Syntax is written once against [`SymbolCoder`]; its implementations encode, decode, and count bits.

mod cost;
mod meter;
mod model;
mod range;
mod tally;
mod vector;

pub use cost::{BitCounter, computed_cost, entropy, symbol_cost};
pub use meter::Meter;
pub use model::{MAX_SYMBOLS, Model};
pub use range::{RangeDecoder, RangeEncoder};
pub use tally::Tally;
pub use vector::{Method, Vectors};

/// Units of [`SymbolCoder`] bit counts: 1024 to a bit.
pub const BIT: u32 = 1024;

/// One pass over the syntax: every call takes the value to code and returns the value that was coded.
/// An encoder or counter returns what it was given; a decoder ignores it and returns what it read.
pub trait SymbolCoder {
    /// Whether values come from the stream rather than from the caller.
    const DECODES: bool = false;

    /// Codes `value` in `0..model.len()`.
    fn symbol(&mut self, model: &mut Model, value: usize) -> usize;

    /// Codes `bits` (0 to 16) equally likely bits.
    fn raw(&mut self, bits: u32, value: u32) -> u32;

    /// Codes `bits` signs.
    #[inline]
    fn signs(&mut self, bits: u32, value: u32) -> u32 {
        self.raw(bits, value)
    }

    /// Hears which codeword of which book was coded; for statistics.
    #[inline]
    fn indexed(&mut self, _book: usize, _index: usize) {}

    /// Hears that a block of the partition begins; for statistics.
    #[inline]
    fn block(&mut self) {}

    /// Codes a flag with a two-symbol model.
    #[inline]
    fn flag(&mut self, model: &mut Model, value: bool) -> bool {
        self.symbol(model, usize::from(value)) != 0
    }

    /// Codes `value` (0 to 2^17 - 2) as an Exp-Golomb number of order `k` in raw bits.
    #[inline]
    fn exp_golomb(&mut self, k: u32, value: u32) -> u32 {
        let top = (value + (1 << k)).ilog2() - k;
        let mut n = 0;
        while n < 16 && self.raw(1, u32::from(n < top)) != 0 {
            n += 1;
        }
        let base = ((1u32 << n) - 1) << k;
        let bits = n + k;
        let rest = value.wrapping_sub(base);
        if bits > 16 {
            let high = self.raw(bits - 16, (rest >> 16) & ((1 << (bits - 16)) - 1));
            base + (high << 16) + self.raw(16, rest & 0xffff)
        } else {
            base + self.raw(bits, rest & ((1 << bits) - 1))
        }
    }
}

#[cfg(test)]
mod tests;
