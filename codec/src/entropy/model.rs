//! Adaptive probability model of one symbol.

/// Largest alphabet of a model.
pub const MAX_SYMBOLS: usize = 16;
/// Probability that every symbol keeps, in units of 2^-15.
const FLOOR: u16 = 4;
const TOTAL: u32 = 1 << 15;

/// Cumulative frequencies of 2 to 16 symbols.
///
/// `sums[i]` is the adaptive part of the frequency of symbols `0..=i`; a floor of [`FLOOR`] per symbol comes
/// on top, so that no frequency is ever zero and the total is always 2^15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    sums: [u16; MAX_SYMBOLS],
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

    fn top(symbols: usize) -> u32 {
        TOTAL - u32::from(FLOOR) * symbols as u32
    }

    /// Number of symbols.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.symbols)
    }

    /// Cumulative frequency below symbol `v`, in 0..2^15.
    #[inline]
    pub fn below(&self, v: usize) -> u32 {
        if v == 0 { 0 } else { u32::from(self.sums[v - 1]) + u32::from(FLOOR) * v as u32 }
    }

    /// Cumulative frequency up to and including symbol `v`, in 1..=2^15.
    #[inline]
    pub fn upto(&self, v: usize) -> u32 {
        u32::from(self.sums[v & (MAX_SYMBOLS - 1)]) + u32::from(FLOOR) * (v as u32 + 1)
    }

    /// The symbol whose range holds `target`, a cumulative frequency in 0..2^15.
    #[inline]
    pub fn find(&self, target: u32) -> usize {
        if self.symbols == 2 {
            return usize::from(target >= self.upto(0));
        }
        let mut v = 0;
        for (i, &s) in self.sums.iter().enumerate() {
            v += usize::from(u32::from(s) + u32::from(FLOOR) * (i as u32 + 1) <= target);
        }
        v.min(self.len() - 1)
    }

    /// Moves the frequencies towards symbol `v`: fast for a fresh model, slower with use.
    #[inline]
    pub fn adapt(&mut self, v: usize) {
        let rate = 4 + u32::from(self.count > 6) + u32::from(self.count > 30) + u32::from(self.symbols > 2);
        self.count = (self.count + 1).min(31);
        let top = Self::top(self.len()) as i32;
        for (i, s) in self.sums.iter_mut().enumerate() {
            let old = i32::from(*s);
            let target = if i >= v { top } else { 0 };
            *s = (old + ((target - old) >> rate)) as u16;
        }
        // The last sum stays the total.
        let n = self.len();
        self.sums[n - 1..].fill(top as u16);
    }
}
