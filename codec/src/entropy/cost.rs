//! Bit counting for rate-distortion decisions.

use super::{BIT, Model, SymbolCoder};
use std::sync::LazyLock;

/// -log2(p / 2^15) in 1/1024 bit, by p / 4.
static COST: LazyLock<Box<[u16; 8193]>> = LazyLock::new(|| {
    let mut t = Box::new([0; 8193]);
    for (i, c) in t.iter_mut().enumerate() {
        let p = (i as f64).max(0.5) / 8192.0;
        *c = (-p.log2() * f64::from(BIT)).round() as u16;
    }
    t
});

/// Cost of coding `value` with the model as it stands, in 1/1024 bit.
#[inline]
pub fn symbol_cost(model: &Model, value: usize) -> u32 {
    u32::from(COST[((model.upto(value) - model.below(value)) >> 2) as usize])
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
