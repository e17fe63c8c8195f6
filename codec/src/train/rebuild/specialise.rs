//! A set for material of one kind, made from one that suits all: words and probabilities stay what they are where little
//! was seen, and move towards what was seen as it becomes much.

use super::{TRUST, symbols, unpack};
use crate::codebook::{Book, CodebookSet, Lookup, MAX_WORDS, ONE};
use crate::encode::observe::{HUGE, Observations, Sums};
use crate::entropy::{MAX_SYMBOLS, Model};
use crate::syntax::layout::GROUPS;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What the words and the probabilities of the base count for, in vectors and symbols seen.
const WORD_PRIOR: i64 = 64;
const SYMBOL_PRIOR: u64 = 128;

/// The book with its words moved towards the means of what they stood for, and those that hardly occurred replaced by
/// vectors without a word that did.
pub fn book(base: &Book, seen: &BTreeMap<u32, Sums>) -> Book {
    let dim = base.word(0).len();
    let count = |k: &u32| seen.get(k).map_or(0, |s| s.count);
    let mut keys: Vec<u32> = (0..base.len()).filter_map(|i| base.key(i)).collect();
    if keys.len() != base.len() {
        return base.clone();
    }
    let mut words = base.components();
    if dim > 1 {
        let known = |k: &u32| *k == 0 || *k == HUGE || keys.contains(k);
        let mut new: Vec<(u64, u32)> =
            seen.iter().filter(|(k, s)| s.count >= TRUST && !known(k)).map(|(&k, s)| (s.count, k)).collect();
        new.sort_unstable_by_key(|&(n, k)| (Reverse(n), k));
        // Free places first, then those of the words that were missed least, from the last on.
        let most = MAX_WORDS[[8, 4, 2, 1].iter().position(|&d| d == dim).unwrap_or(3)];
        let mut places: Vec<usize> = (1..keys.len()).collect();
        places.sort_by_key(|&i| (count(&keys[i]), Reverse(i)));
        let mut places = places.into_iter();
        for (n, k) in new {
            let word: Vec<i16> = unpack(k, dim).map(|v| v * ONE).collect();
            if keys.len() < most {
                keys.push(k);
                words.extend(word);
            } else if let Some(i) = places.next().filter(|&i| count(&keys[i]) * 2 < n) {
                keys[i] = k;
                words[i * dim..(i + 1) * dim].copy_from_slice(&word);
            } else {
                break;
            }
        }
    }
    for (&k, word) in keys.iter().zip(words.chunks_exact_mut(dim)) {
        let Some(s) = seen.get(&k) else { continue };
        for ((v, total), whole) in word.iter_mut().zip(s.total).zip(unpack(k, dim)).filter(|x| x.1 > 0) {
            // Sums are in 1/256 step.
            let n = s.count as i64 + WORD_PRIOR;
            let mean = (total + 16 * WORD_PRIOR * i64::from(*v) + 8 * n).div_euclid(16 * n);
            *v = mean.clamp(i64::from(whole * ONE) - 6, i64::from(whole * ONE) + 6) as i16;
        }
    }
    Book::new(dim, words).unwrap_or_else(|| base.clone())
}

/// The initial models of the base, moved towards the symbols seen.
pub fn initial(all: &[Observations], set: &CodebookSet, base: &CodebookSet) -> Vec<Vec<Model>> {
    let lookup = Lookup::new(set);
    let class = |(o, base): (&Observations, &Vec<Model>)| {
        let seen = symbols(o, set, &lookup);
        let mix = |(seen, base): (&[u32; MAX_SYMBOLS], &Model)| {
            let mut counts = [0u32; MAX_SYMBOLS];
            for v in 0..base.len() {
                let share = u64::from(base.upto(v) - base.below(v));
                // 2^15 to a symbol, scaled down to what fits.
                let count = (u64::from(seen[v]) << 15) + share * SYMBOL_PRIOR;
                counts[v] = (count >> 12).min(u64::from(u32::MAX)) as u32;
            }
            Model::from_counts(&counts[..base.len()])
        };
        seen.iter().zip(base).map(mix).collect()
    };
    debug_assert_eq!(base.initial.first().map(Vec::len), Some(GROUPS.iter().map(|g| g.1.len).sum()));
    all.iter().zip(&base.initial).map(class).collect()
}
