//! Adaptive probability model of one symbol.

/// Largest alphabet of a model.
pub const MAX_SYMBOLS: usize = 16;
/// Probability that every symbol keeps, in units of 2^-15.
const FLOOR: u16 = 4;
const TOTAL: u32 = 1 << 15;
/// The floors of symbols `0..=i`, and `i`, for all `i`.
pub(super) const FLOORS: [u16; MAX_SYMBOLS] = {
    let mut floors = [0; MAX_SYMBOLS];
    let mut i = 0;
    while i < MAX_SYMBOLS {
        floors[i] = FLOOR * (i as u16 + 1);
        i += 1;
    }
    floors
};
pub(super) const NUMBERS: [i16; MAX_SYMBOLS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Cumulative frequencies of 2 to 16 symbols.
///
/// `sums[i]` is the adaptive part of the frequency of symbols `0..=i`; a floor of [`FLOOR`] per symbol comes
/// on top, so that no frequency is ever zero and the total is always 2^15. From the last symbol on all sums are the
/// total less the floors. All fit in 15 bits: what is done with the sums is done in signed 16-bit lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    pub(super) sums: [u16; MAX_SYMBOLS],
    symbols: u8,
    count: u8,
}

impl Model {
    /// All symbols equally likely.
    pub fn uniform(symbols: usize) -> Self {
        Self::from_counts(&[1; MAX_SYMBOLS][..symbols])
    }

    /// Frequencies proportional to `counts` (2 to 16 of them, not all zero).
    pub fn from_counts(counts: &[u32]) -> Self {
        let n = counts.len();
        debug_assert!((2..=MAX_SYMBOLS).contains(&n));
        let top = Self::top(n);
        let total: u64 = counts.iter().map(|&c| u64::from(c)).sum::<u64>().max(1);
        let mut sums = [top as u16; MAX_SYMBOLS];
        let mut sum = 0u64;
        for (s, &c) in sums.iter_mut().zip(counts).take(n - 1) {
            sum += u64::from(c);
            *s = (sum * u64::from(top) / total) as u16;
        }
        Model { sums, symbols: n as u8, count: 0 }
    }

    pub(super) fn top(symbols: usize) -> u32 {
        TOTAL - u32::from(FLOOR) * symbols as u32
    }

    /// Number of symbols.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.symbols)
    }

    /// Cumulative frequency below symbol `v`, in 0..2^15.
    #[inline(always)]
    pub fn below(&self, v: usize) -> u32 {
        // Without a branch, which would be hard to foresee.
        let sum = u32::from(self.sums[v.wrapping_sub(1) & (MAX_SYMBOLS - 1)]) + u32::from(FLOOR) * v as u32;
        sum & u32::from(v != 0).wrapping_neg()
    }

    /// Cumulative frequency up to and including symbol `v`, in 1..=2^15.
    #[inline(always)]
    pub fn upto(&self, v: usize) -> u32 {
        u32::from(self.sums[v & (MAX_SYMBOLS - 1)]) + u32::from(FLOOR) * (v as u32 + 1)
    }

    /// The symbol whose range holds `target`, a cumulative frequency in 0..2^15.
    #[inline]
    pub fn find(&self, target: u32) -> usize {
        let target = target as i16;
        // Bytes are added up in one instruction.
        let mut v = 0u8;
        for (&s, floor) in self.sums.iter().zip(FLOORS) {
            v += u8::from(s as i16 <= target - floor as i16);
        }
        v.into()
    }

    /// Moves the frequencies towards symbol `v`: fast for a fresh model, slower with use.
    #[inline]
    pub fn adapt(&mut self, v: usize) {
        let rate = self.next_rate() + u32::from(self.symbols > 2);
        let top = Self::top(self.len()) as i16;
        for (s, i) in self.sums.iter_mut().zip(NUMBERS) {
            let target = if i >= v as i16 { top } else { 0 };
            *s = (*s as i16 + ((target - *s as i16) >> rate)) as u16;
        }
    }

    /// [`adapt`](Model::adapt) of a model with two symbols.
    #[inline]
    pub fn adapt_flag(&mut self, v: bool) {
        let rate = self.next_rate();
        let target = if v { 0 } else { Self::top(2) as i32 };
        let old = i32::from(self.sums[0]);
        self.sums[0] = (old + ((target - old) >> rate)) as u16;
    }

    /// The rate of an adaptation, which is counted.
    #[inline(always)]
    pub(super) fn next_rate(&mut self) -> u32 {
        let rate = 4 + u32::from(self.count > 6) + u32::from(self.count > 30);
        self.count = (self.count + 1).min(31);
        rate
    }
}
