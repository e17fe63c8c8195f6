//! How a decoder finds a symbol and adapts its model: plainly, or with all frequencies of the model in one vector.

use super::Model;
use super::model::{FLOORS, NUMBERS};
use fearless_simd::{Simd, i16x16, prelude::*, u16x16, u32x8};

/// What a range decoder does with a model.
pub trait Method: Copy {
    /// Runs `work` with the instructions that the method has.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;

    /// The symbol in whose range `code` lies if each of the model's 2^15 parts is `part` long.
    fn find(self, model: &Model, part: u32, code: u32) -> usize;

    /// As [`Model::adapt`].
    fn adapt(self, model: &mut Model, v: usize);
}

/// The twin of [`Vectors`], for what is not decoded often enough to have code for each kind of vectors.
#[derive(Clone, Copy)]
pub struct Plain;

impl Method for Plain {
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    fn find(self, model: &Model, part: u32, code: u32) -> usize {
        model.find((code / part).min((1 << 15) - 1))
    }

    fn adapt(self, model: &mut Model, v: usize) {
        model.adapt(v);
    }
}

/// All 16 frequencies at once.
#[derive(Clone, Copy)]
pub struct Vectors<S>(pub S);

impl<S: Simd> Method for Vectors<S> {
    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        self.0.vectorize(work)
    }

    /// Without a division: it compares products, which have 32 bits.
    #[inline(always)]
    fn find(self, model: &Model, part: u32, code: u32) -> usize {
        let sums = u16x16::from_slice(self.0, &model.sums) + u16x16::from_slice(self.0, &FLOORS);
        let (low, high) = sums.widen();
        let ended = |half: u32x8<S>| (half * part).simd_le(code).to_bitmask() as u32;
        // Beyond the last symbol products may overflow. What the parts leave over belongs to the last symbol.
        ((ended(low) | ended(high) << 8).trailing_ones() as usize).min(model.len() - 1)
    }

    #[inline(always)]
    fn adapt(self, model: &mut Model, v: usize) {
        let rate = model.next_rate() + u32::from(model.len() > 2);
        let sums: i16x16<S> = u16x16::from_slice(self.0, &model.sums).bitcast();
        let numbers = i16x16::from_slice(self.0, &NUMBERS);
        let top = i16x16::splat(self.0, Model::top(model.len()) as i16);
        let zero = i16x16::splat(self.0, 0);
        let target = numbers.simd_ge(v as i16).select(top, zero);
        let new: u16x16<S> = (sums + ((target - sums) >> rate)).bitcast();
        new.store_slice(&mut model.sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::MAX_SYMBOLS;
    use crate::kernel::testing::{Rng, levels};
    use fearless_simd::dispatch;

    #[test]
    fn vectors_do_as_plain() {
        let mut rng = Rng(11);
        for level in levels() {
            for n in 3..=MAX_SYMBOLS {
                let mut plain = Model::uniform(n);
                for _ in 0..400 {
                    let range = rng.next() as u32 | 1 << 24;
                    let code = match rng.range(0, 3) {
                        0 => range - 1,
                        _ => rng.next() as u32 % range,
                    };
                    let mut vectors = plain;
                    let v = Plain.find(&plain, range >> 15, code);
                    Plain.adapt(&mut plain, v);
                    let found = dispatch!(level, simd => {
                        let v = Vectors(simd).find(&vectors, range >> 15, code);
                        Vectors(simd).adapt(&mut vectors, v);
                        v
                    });
                    assert_eq!((found, vectors), (v, plain), "{level:?}, {n} symbols, {code} of {range}");
                }
            }
        }
    }
}
