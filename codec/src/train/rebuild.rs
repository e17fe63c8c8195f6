//! From statistics to a codebook set.

mod specialise;

use crate::codebook::{BOOKS, Book, CLASSES, CodebookSet, DIMS, Lookup, MAX_WORDS, ONE};
use crate::encode::observe::{HUGE, Observations, Sums};
use crate::entropy::{MAX_SYMBOLS, Model};
use crate::syntax::layout::{self, GROUPS, MODELS, POSITIONS};
use crate::syntax::split_index;
use ndarray::Array2;
use std::collections::{BTreeMap, HashMap};

/// Occurrences from which a book trusts its own statistics of a vector.
const TRUST: u64 = 12;

/// Words, zero not counted, that a book has at least.
const FEWEST: u64 = 15;

/// Components of a packed vector.
fn unpack(key: u32, dim: usize) -> impl Iterator<Item = i16> {
    (0..dim).map(move |k| (key >> (4 * (dim - 1 - k)) & 15) as i16)
}

/// Makes a set of what was seen, from nothing or starting from `base`.
pub fn rebuild(all: &[Observations], base: Option<&CodebookSet>) -> CodebookSet {
    let mut own: Vec<BTreeMap<u32, Sums>> = vec![BTreeMap::new(); BOOKS];
    for (&(book, key), s) in all.iter().flat_map(|o| &o.vectors) {
        let t = own[usize::from(book)].entry(key).or_default();
        t.count += s.count;
        t.total.iter_mut().zip(s.total).for_each(|(a, b)| *a += b);
    }
    let fallback = CodebookSet::untrained();
    let books: Vec<Book> = (0..BOOKS)
        .map(|i| match base {
            Some(base) => specialise::book(&base.books[i], &own[i]),
            None => rebuild_book(i, &own, &fallback.books[i]),
        })
        .collect();
    let set = CodebookSet::new(books, &[]);
    let initial = match base {
        Some(base) => specialise::initial(all, &set, base),
        None => initial(all, &set),
    };
    CodebookSet::new(set.books, &initial)
}

/// The classes of a book's kind and dimension.
fn classes_of(number: usize) -> std::ops::Range<usize> {
    let first = number / CLASSES * CLASSES;
    first..first + CLASSES
}

/// The most frequent vectors of a book, each at the mean of what was rounded to it.
fn rebuild_book(number: usize, own: &[BTreeMap<u32, Sums>], fallback: &Book) -> Book {
    let dim_number = number / CLASSES % DIMS.len();
    let dim = DIMS[dim_number];
    // Vectors of all classes of the kind and dimension stand in where this one has seen little.
    let mut pooled: BTreeMap<u32, Sums> = BTreeMap::new();
    for s in &own[classes_of(number)] {
        for (&key, s) in s.iter().filter(|(k, _)| **k != HUGE) {
            let t = pooled.entry(key).or_default();
            t.count += s.count;
            t.total.iter_mut().zip(s.total).for_each(|(a, b)| *a += b);
        }
    }
    if own[number].is_empty() {
        // A class that does not occur needs no words but zero.
        return Book::new(dim, vec![0; dim]).expect("a zero word");
    }
    let rank = |key: u32| {
        own[number].get(&key).map_or(0, |s| s.count) * 64 + pooled.get(&key).map_or(0, |s| s.count)
    };
    let mut keys: Vec<u32> = pooled.keys().copied().filter(|&k| k != 0).collect();
    let spare = (0..fallback.len())
        .filter_map(|i| {
            let whole: Vec<u16> = fallback.word(i).iter().map(|&v| (i16::from(v) / ONE) as u16).collect();
            crate::codebook::pack(&whole)
        })
        .filter(|k| *k != 0 && !pooled.contains_key(k));
    keys.extend(spare);
    // Scalars keep their natural order: the index is the magnitude.
    if dim == 1 {
        keys = (1..MAX_WORDS[dim_number] as u32).collect();
    } else {
        keys.sort_by_key(|&k| (std::cmp::Reverse(rank(k)), k));
        // More words than vectors seen cannot pay for themselves.
        let seen = pooled.values().map(|s| s.count).sum::<u64>().max(FEWEST) as usize;
        keys.truncate((MAX_WORDS[dim_number] - 1).min(seen));
    }
    let mut words = Array2::<i16>::zeros((keys.len() + 1, dim));
    for (row, &key) in keys.iter().enumerate() {
        let sums = own[number].get(&key).filter(|s| s.count >= TRUST).or_else(|| pooled.get(&key));
        for (k, whole) in unpack(key, dim).enumerate() {
            let centre = whole * ONE;
            words[[row + 1, k]] = match sums {
                Some(s) if whole > 0 && s.count > 0 => {
                    // 1/256 to 1/16 step, halves up; the word must still round to its own vector.
                    let mean = (s.total[k] + 8 * s.count as i64).div_euclid(16 * s.count as i64);
                    (mean as i16).clamp(centre - 6, centre + 6)
                }
                _ => centre,
            };
        }
    }
    Book::new(dim, words.into_raw_vec_and_offset().0).expect("the first word is zero")
}

/// Initial models by frame class, from the symbols seen; index symbols follow the new order of words.
fn initial(all: &[Observations], set: &CodebookSet) -> Vec<Vec<Model>> {
    let lookup = Lookup::new(set);
    let per_class: Vec<Vec<[u32; MAX_SYMBOLS]>> = all.iter().map(|o| symbols(o, set, &lookup)).collect();
    let mut pooled = vec![[0u32; MAX_SYMBOLS]; MODELS];
    for counts in &per_class {
        for (a, b) in pooled.iter_mut().flatten().zip(counts.iter().flatten()) {
            *a += b;
        }
    }
    let class = |counts: &Vec<[u32; MAX_SYMBOLS]>| {
        let mut models = Vec::with_capacity(MODELS);
        for &(_, g) in GROUPS {
            // What a whole group of contexts does, for contexts that were hardly seen.
            let mut shared = [1u64; MAX_SYMBOLS];
            for counts in &pooled[g.start..g.start + g.len] {
                shared.iter_mut().zip(counts).for_each(|(s, &c)| *s += u64::from(c));
            }
            let all = g.start..g.start + g.len;
            models.extend(all.map(|i| smooth(&counts[i], &pooled[i], &shared, g.symbols)));
        }
        models
    };
    per_class.iter().map(class).collect()
}

/// A model from own counts, with weak support of the same context in all frames and of the group.
fn smooth(own: &[u32], pooled: &[u32], shared: &[u64], symbols: usize) -> Model {
    let total = |c: &[u32]| c[..symbols].iter().map(|&v| u64::from(v)).sum::<u64>().max(1);
    let (all, group) = (total(pooled), shared[..symbols].iter().sum::<u64>());
    let mut counts = [0u32; MAX_SYMBOLS];
    for v in 0..symbols {
        let prior = shared[v] * 4096 / group + u64::from(pooled[v]) * 65536 / (all + 16);
        counts[v] = (u64::from(own[v]) * 4096 + 32 * prior / 16 + 64).min(u64::from(u32::MAX)) as u32;
    }
    Model::from_counts(&counts[..symbols])
}

fn symbols(o: &Observations, set: &CodebookSet, lookup: &Lookup) -> Vec<[u32; MAX_SYMBOLS]> {
    let mut counts = o.symbols.clone();
    for g in [layout::INDEX, layout::INDEX_A, layout::INDEX_B, layout::INDEX_C] {
        counts[g.start..g.start + g.len].fill([0; MAX_SYMBOLS]);
    }
    let mut cache: HashMap<(usize, u32), usize> = HashMap::new();
    for (&(model, key), &n) in &o.indices {
        let book = (model as usize - layout::INDEX.start) / POSITIONS;
        let words = set.books[book].len();
        let find = || if key == HUGE { words } else { lookup.find(book, key).unwrap_or(words) };
        let index = *cache.entry((book, key)).or_insert_with(find);
        let dim = book / CLASSES % DIMS.len();
        let (first, second) = split_index(dim, words, index);
        counts[model as usize][first] += n as u32;
        if let Some((group, value)) = second {
            counts[group.at(book)][value] += n as u32;
        }
    }
    counts
}
