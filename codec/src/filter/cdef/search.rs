//! The encoder's choice of strengths.

use super::measure::{ALL, Buffers, FEW, MOST, Settings, superblock};
use super::{CdefParams, Superblock};
use crate::filter::Price;
use crate::filter::band::SUPERBLOCK;
use crate::picture::Plane;
use crate::workers::Workers;

/// Bits that a pair of strengths costs in the frame header.
const PAIR_BITS: f64 = 12.0;
/// Pairs that are tried as new members of the set.
const MOST_PAIRS: usize = 96;

/// A pair of candidates: luma, chroma.
type Pair = (usize, usize);

/// Chooses the strengths of a frame and each superblock's pair so that the squared error plus `price` is least.
/// `src` is the deblocked frame and `orig` what it should be; `skip` as in [`cdef`](super::cdef). `fast` tries a few
/// strengths on half of the blocks. Without a gain the answer is the one pair (0, 0).
#[allow(clippy::too_many_arguments)]
pub fn cdef_search(
    src: &[Plane],
    orig: &[Plane],
    skip: &[bool],
    damping: u8,
    chroma_shift: usize,
    bit_depth: u8,
    price: Price,
    fast: bool,
    workers: &Workers,
) -> (CdefParams, Vec<u8>) {
    let candidates = if fast { &FEW } else { &ALL };
    let set = Settings { candidates, damping, chroma_shift, bit_depth, sparse: fast };
    let mut errors = measure(src, orig, skip, &set, workers);
    let scale = if fast { 2.0 } else { 1.0 }; // half of the blocks stand for all
    let least = (price.superblock / scale) as u64;
    for [luma, chroma] in errors.iter_mut().flatten() {
        luma[1..].iter_mut().for_each(|e| *e += least);
        chroma[1..].iter_mut().for_each(|e| *e += least / 2);
    }
    let measured: Vec<&Errors> = errors.iter().flatten().collect();
    let pairs = best_set(&measured, candidates.len(), price.bit / scale);
    let mut used = vec![0usize; pairs.len()];
    let mut choice: Vec<usize> =
        errors.iter().map(|e| e.as_ref().map_or(0, |e| nearest(e, &pairs).0)).collect();
    for (&c, _) in choice.iter().zip(&errors).filter(|(_, e)| e.is_some()) {
        used[c] += 1;
    }
    // The commonest pair first: small indices are the likely ones, and superblocks without blocks say 0.
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(used[i]));
    let mut place = vec![0; pairs.len()];
    for (to, &from) in order.iter().enumerate() {
        place[from] = to;
    }
    for (c, e) in choice.iter_mut().zip(&errors) {
        *c = if e.is_some() { place[*c] } else { 0 };
    }
    let strengths = order.iter().map(|&i| (candidates.packed(pairs[i].0), candidates.packed(pairs[i].1)));
    (CdefParams { damping, strengths: strengths.collect() }, choice.iter().map(|&c| c as u8).collect())
}

/// Squared errors of a superblock by candidate, of luma and of chroma.
type Errors = [[u64; MOST]; 2];

/// Measures all superblocks in raster order.
fn measure(
    src: &[Plane],
    orig: &[Plane],
    skip: &[bool],
    set: &Settings,
    workers: &Workers,
) -> Vec<Option<Errors>> {
    let Some(luma) = src.first() else { return Vec::new() };
    let (across, down) = (luma.width().div_ceil(SUPERBLOCK), luma.height().div_ceil(SUPERBLOCK));
    let rows = workers.map((0..down).collect(), |y| {
        let mut buffers = Buffers::default();
        let measure = |x| {
            let mut sb = Superblock::new((luma.width(), luma.height()), skip, x, y);
            superblock(&mut sb, src, orig, set, &mut buffers)
        };
        (0..across).map(measure).collect::<Vec<_>>()
    });
    rows.concat()
}

fn error(e: &Errors, pair: Pair) -> u64 {
    e[0][pair.0] + e[1][pair.1]
}

/// The best pair for a superblock, by its number, and its error.
fn nearest(e: &Errors, pairs: &[Pair]) -> (usize, u64) {
    let mut best = (0, u64::MAX);
    for (i, &p) in pairs.iter().enumerate() {
        let found = error(e, p);
        if found < best.1 {
            best = (i, found);
        }
    }
    best
}

/// The set of 1, 2, 4 or 8 pairs with the least cost over all superblocks.
fn best_set(errors: &[&Errors], n: usize, lambda: f64) -> Vec<Pair> {
    let mut best = vec![(0, 0)];
    let total = |pairs: &[Pair]| errors.iter().map(|e| nearest(e, pairs).1).sum::<u64>() as f64;
    // No filter at all needs no strengths.
    let mut best_cost = total(&best);
    if errors.is_empty() {
        return best;
    }
    let proposals = proposals(errors, n);
    let mut pairs = Vec::new();
    for size in [1, 2, 4, 8] {
        while pairs.len() < size {
            grow(errors, &proposals, &mut pairs);
        }
        for _ in 0..4 {
            if !refine(errors, n, &mut pairs) {
                break;
            }
        }
        let bits = size as f64 * PAIR_BITS + errors.len() as f64 * f64::from(size.ilog2());
        let cost = total(&pairs) + lambda * bits;
        if cost < best_cost {
            (best, best_cost) = (pairs.clone(), cost);
        }
    }
    best
}

/// Pairs that are best for some superblock, the commonest first.
fn proposals(errors: &[&Errors], n: usize) -> Vec<Pair> {
    let mut counts = vec![0usize; MOST * MOST];
    for e in errors {
        let least = |e: &[u64; MOST]| (0..n).min_by_key(|&i| e[i]).unwrap_or(0);
        counts[least(&e[0]) * MOST + least(&e[1])] += 1;
    }
    let mut found: Vec<usize> = (0..MOST * MOST).filter(|&i| counts[i] > 0).collect();
    found.sort_by_key(|&i| std::cmp::Reverse(counts[i]));
    found.truncate(MOST_PAIRS);
    found.iter().map(|&i| (i / MOST, i % MOST)).collect()
}

/// Adds the proposal that lowers the error most.
fn grow(errors: &[&Errors], proposals: &[Pair], pairs: &mut Vec<Pair>) {
    let now: Vec<u64> = errors.iter().map(|e| nearest(e, pairs).1).collect();
    let with = |&&p: &&Pair| errors.iter().zip(&now).map(|(e, &now)| now.min(error(e, p))).sum::<u64>();
    pairs.push(proposals.iter().min_by_key(with).copied().unwrap_or((0, 0)));
}

/// One round of Lloyd's algorithm: gives each pair the strengths that are best for the superblocks that use
/// it. Returns whether anything changed.
fn refine(errors: &[&Errors], n: usize, pairs: &mut [Pair]) -> bool {
    let mut sums = vec![[[0u64; MOST]; 2]; pairs.len()];
    for e in errors {
        let sum = &mut sums[nearest(e, pairs).0];
        for (sum, e) in sum.iter_mut().flatten().zip(e.iter().flatten()) {
            *sum += e;
        }
    }
    let mut changed = false;
    for (pair, sum) in pairs.iter_mut().zip(&sums) {
        let least = |s: &[u64; MOST], now: usize| {
            (0..n).min_by_key(|&i| s[i]).filter(|&i| s[i] < s[now]).unwrap_or(now)
        };
        let new = (least(&sum[0], pair.0), least(&sum[1], pair.1));
        changed |= new != *pair;
        *pair = new;
    }
    changed
}
