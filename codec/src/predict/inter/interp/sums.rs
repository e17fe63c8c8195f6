//! The arithmetic of the filters on vectors already loaded.

use fearless_simd::Simd;

use crate::kernel::lanes::I16;

/// Rows that are filtered downwards together, so that each input row is loaded once, not `T` times.
pub const BATCH: usize = 4;
/// Input rows of a batch.
pub const MAX_ROWS: usize = 8 + BATCH - 1;
/// Pairs of neighbours among them.
pub const MAX_PAIRS: usize = MAX_ROWS - 1;

#[inline(always)]
pub fn splat<S: Simd, V: I16<S>, const T: usize>(simd: S, taps: &[i16; T]) -> [V; T] {
    taps.map(|tap| V::splat(simd, tap))
}

/// Taps two by two, as multiply-add takes them.
#[inline(always)]
pub fn pair_taps<S: Simd, V: I16<S>, const T: usize>(simd: S, taps: &[i16; T]) -> [V; 4] {
    let mut pairs = [V::splat(simd, 0); 4];
    for (pair, taps) in pairs.iter_mut().zip(taps.chunks_exact(2)) {
        *pair = V::splat_pair(simd, i32::from(taps[0] as u16) | i32::from(taps[1]) << 16);
    }
    pairs
}

/// Filters `R` rows downwards in 16-bit lanes.
#[inline(always)]
pub fn down8<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    rows: &[V; MAX_ROWS],
    taps: &[V; T],
) -> [V; R] {
    let mut out = [rows[0]; R];
    for (r, out) in out.iter_mut().enumerate() {
        *out = narrow::<S, V, T>(|i| rows[r + i], taps);
    }
    out
}

/// Filters `R` rows downwards with 32-bit sums.
#[inline(always)]
pub fn down<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    rows: &[V; MAX_ROWS],
    pairs: &[V; 4],
    shift: u32,
) -> [V; R] {
    let mut paired = [(rows[0], rows[0]); MAX_PAIRS];
    for (i, paired) in paired.iter_mut().enumerate().take(T + R - 2) {
        *paired = V::pair(rows[i], rows[i + 1]);
    }
    down_paired::<S, V, T, R>(&paired, pairs, shift)
}

/// The same, given each row paired with the next. Two passes of 8 taps can reach
/// (88 * 88 + 24 * 24) * 255 / 64 = 33150, which is saturated.
#[inline(always)]
pub fn down_paired<S: Simd, V: I16<S>, const T: usize, const R: usize>(
    paired: &[(V, V); MAX_PAIRS],
    pairs: &[V; 4],
    shift: u32,
) -> [V; R] {
    let mut out = [paired[0].0; R];
    for (r, out) in out.iter_mut().enumerate() {
        let mut first = paired[r].0.madd(pairs[0]);
        let mut second = paired[r].1.madd(pairs[0]);
        for i in 1..T / 2 {
            first += paired[r + 2 * i].0.madd(pairs[i]);
            second += paired[r + 2 * i].1.madd(pairs[i]);
        }
        *out = V::narrow(first >> shift, second >> shift);
    }
    out
}

/// The filter in 16-bit lanes; `load(i)` is the operand of tap `i`.
#[inline(always)]
pub fn narrow<S: Simd, V: I16<S>, const T: usize>(load: impl Fn(usize) -> V, taps: &[V; T]) -> V {
    let mut sum = load(0) * taps[0];
    for (i, &tap) in taps.iter().enumerate().skip(1) {
        sum += load(i) * tap;
    }
    sum
}

/// The filter across with 32-bit sums; `load(i)` starts `i` samples after the first tap's.
///
/// Loads at even offsets give the even outputs' pairs of neighbours, loads at odd offsets the odd outputs'.
#[inline(always)]
pub fn across<S: Simd, V: I16<S>, const T: usize>(
    load: impl Fn(usize) -> V,
    pairs: &[V; 4],
    shift: u32,
) -> V {
    let mut even = load(0).madd(pairs[0]);
    let mut odd = load(1).madd(pairs[0]);
    for (i, &pair) in pairs[..T / 2].iter().enumerate().skip(1) {
        even += load(2 * i).madd(pair);
        odd += load(2 * i + 1).madd(pair);
    }
    V::merge(even >> shift, odd >> shift)
}
