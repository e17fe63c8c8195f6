//! Bit counting for rate-distortion decisions.

use super::{BIT, Model, SymbolCoder};

/// -log2(p / 2^15) in 1/1024 bit, by p / 4.
static COST: [u16; 8193] = {
    let mut t = [0; 8193];
    let mut i = 0;
    while i <= 8192 {
        t[i] = cost(i as u64) as u16;
        i += 1;
    }
    t
};

const fn cost(quarter: u64) -> u32 {
    if quarter == 0 { 14 * BIT } else { 13 * BIT - log2(quarter) }
}

/// log2 of `v` in 1/1024: its place, then a bit of the fraction for each squaring.
const fn log2(v: u64) -> u32 {
    let place = v.ilog2();
    let mut m = v << (31 - place);
    let mut fraction = 0;
    let mut bit = 0;
    while bit < 12 {
        m = (m * m) >> 31;
        fraction <<= 1;
        if m >> 32 != 0 {
            m >>= 1;
            fraction |= 1;
        }
        bit += 1;
    }
    place * BIT + ((fraction + 2) >> 2)
}

/// Cost of coding `value` with the model as it stands, in 1/1024 bit.
#[inline]
pub fn symbol_cost(model: &Model, value: usize) -> u32 {
    u32::from(COST[((model.upto(value) - model.below(value)) >> 2) as usize])
}

/// The same without a table, for those who seldom ask.
pub fn computed_cost(model: &Model, value: usize) -> u32 {
    cost(u64::from((model.upto(value) - model.below(value)) >> 2))
}

/// Counts bits with frozen models (`BitCounter<false>`) or adapts them as the encoder will.
#[derive(Default)]
pub struct BitCounter<const ADAPT: bool> {
    /// Bits so far, in 1/1024.
    pub bits: u64,
}

impl<const ADAPT: bool> SymbolCoder for BitCounter<ADAPT> {
    #[inline]
    fn symbol(&mut self, model: &mut Model, value: usize) -> usize {
        self.bits += u64::from(symbol_cost(model, value));
        if ADAPT {
            model.adapt(value);
        }
        value
    }

    #[inline]
    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        self.bits += u64::from(bits * BIT);
        value
    }
}

/// Bits per symbol of symbols that were seen so often.
pub fn entropy(counts: impl Iterator<Item = u64> + Clone) -> f64 {
    let total = counts.clone().sum::<u64>() as f64;
    counts.filter(|&n| n > 0).map(|n| n as f64 / total * (total / n as f64).log2()).sum()
}
