//! How the words of a set are used.

use super::{CLASSES, CodebookSet, DIMS};
use crate::entropy::entropy;

/// What was coded with a book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BookUse {
    /// 0 luma intra, 1 luma inter, 2 chroma.
    pub kind: usize,
    /// Components of a vector: 8, 4, 2 or 1.
    pub dimension: usize,
    /// Energy of what was decoded around the vector, from 0.
    pub class: usize,
    /// Words in the book.
    pub words: usize,
    /// Words that were coded at least once.
    pub used: usize,
    /// Vectors that were coded.
    pub vectors: u64,
    /// Vectors that no word stands for.
    pub escapes: u64,
    /// Of the index, in bits, without regard to contexts.
    pub entropy: f64,
}

/// The books that were used, from how often each index was coded, by book.
pub fn book_uses(set: &CodebookSet, counts: &[Vec<u64>]) -> Vec<BookUse> {
    let one = |(i, c): (usize, &Vec<u64>)| {
        let vectors: u64 = c.iter().sum();
        let words = set.books[i].len();
        (vectors > 0).then(|| BookUse {
            kind: i / CLASSES / DIMS.len(),
            dimension: DIMS[i / CLASSES % DIMS.len()],
            class: i % CLASSES,
            words,
            used: c.iter().take(words).filter(|&&n| n > 0).count(),
            vectors,
            escapes: c.get(words).copied().unwrap_or(0),
            entropy: entropy(c.iter().copied()),
        })
    };
    counts.iter().enumerate().filter_map(one).collect()
}
