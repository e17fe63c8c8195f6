//! What a sample is kept as, and how vectors of 16-bit lanes are loaded from it.

use fearless_simd::{Simd, prelude::*, u8x16, u16x8, u16x16};
use std::fmt::Debug;

/// The number that a sample is kept as: `u8` where all have 8 bits, else `u16`.
pub trait Sample:
    Lanes + Copy + Default + Eq + Debug + Send + Sync + Into<u16> + Into<i32> + Into<u32> + 'static
{
}

impl Sample for u8 {}
impl Sample for u16 {}

/// What the kernels ask of it. Outside this crate nothing else can be a sample.
pub trait Lanes: Sized {
    /// Whether it holds no more than 8 bits.
    const BYTE: bool;
    /// From a value that fits.
    fn of(v: u16) -> Self;
    /// Loads the first 8 samples.
    fn load8<S: Simd>(simd: S, from: &[Self]) -> u16x8<S>;
    /// Loads the first 16 samples.
    fn load16<S: Simd>(simd: S, from: &[Self]) -> u16x16<S>;
    /// Stores 8 samples, which must fit.
    fn store8<S: Simd>(v: u16x8<S>, to: &mut [Self]);
    /// Stores 16 samples, which must fit.
    fn store16<S: Simd>(v: u16x16<S>, to: &mut [Self]);
}

impl Lanes for u16 {
    const BYTE: bool = false;

    #[inline(always)]
    fn of(v: u16) -> Self {
        v
    }

    #[inline(always)]
    fn load8<S: Simd>(simd: S, from: &[u16]) -> u16x8<S> {
        u16x8::from_slice(simd, &from[..8])
    }

    #[inline(always)]
    fn load16<S: Simd>(simd: S, from: &[u16]) -> u16x16<S> {
        u16x16::from_slice(simd, &from[..16])
    }

    #[inline(always)]
    fn store8<S: Simd>(v: u16x8<S>, to: &mut [u16]) {
        v.store_slice(&mut to[..8]);
    }

    #[inline(always)]
    fn store16<S: Simd>(v: u16x16<S>, to: &mut [u16]) {
        v.store_slice(&mut to[..16]);
    }
}

impl Lanes for u8 {
    const BYTE: bool = true;

    #[inline(always)]
    fn of(v: u16) -> Self {
        v as u8
    }

    #[inline(always)]
    fn load8<S: Simd>(simd: S, from: &[u8]) -> u16x8<S> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&from[..8]);
        u8x16::from_slice(simd, &bytes).widen().0
    }

    #[inline(always)]
    fn load16<S: Simd>(simd: S, from: &[u8]) -> u16x16<S> {
        // The upper half is not used; with it, widening is one instruction.
        u8x16::from_slice(simd, &from[..16]).combine(u8x16::splat(simd, 0)).widen().0
    }

    #[inline(always)]
    fn store8<S: Simd>(v: u16x8<S>, to: &mut [u8]) {
        to[..8].copy_from_slice(&v.narrow(v).to_array()[..8]);
    }

    #[inline(always)]
    fn store16<S: Simd>(v: u16x16<S>, to: &mut [u8]) {
        v.narrow(v).split().0.store_slice(&mut to[..16]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::testing::{bytes, levels};
    use fearless_simd::dispatch;

    #[test]
    fn bytes_and_words_are_the_same_vectors() {
        let words: Vec<u16> = (0..20).map(|i| [0, 255, 128, 127, 13 * i][i as usize % 5]).collect();
        let narrow = bytes(&words);
        for level in levels() {
            dispatch!(level, simd => {
                assert_eq!(u8::load8(simd, &narrow).to_array()[..], words[..8]);
                assert_eq!(u8::load16(simd, &narrow).to_array()[..], words[..16]);
                let mut stored = [7; 20];
                u8::store8(u16::load8(simd, &words), &mut stored);
                assert_eq!((&stored[..8], &stored[8..]), (&narrow[..8], &[7; 12][..]));
                u8::store16(u16::load16(simd, &words), &mut stored);
                assert_eq!((&stored[..16], &stored[16..]), (&narrow[..16], &[7; 4][..]));
            });
        }
    }
}
