//! The trained codebooks: which vectors of quantised coefficients there are (SPEC.md, "Codebooks").

mod builtin;
mod classify;
mod default;
mod format;
mod lookup;
mod pack;
pub mod search;
mod step;
mod usage;

pub use classify::{CLASSES, HALVES, SHAPES, Thresholds, neighbour_sum};
pub use lookup::{Lookup, pack};
pub use step::{dequantise_block, step};
pub use usage::{BookUse, book_uses};

use crate::entropy::Model;

/// Kinds of residual with books of their own: luma intra, luma inter, chroma.
pub const KINDS: usize = 3;
/// Vector dimensions, by number: 8, 4, 2, 1.
pub const DIMS: [usize; 4] = [8, 4, 2, 1];
/// One book for each kind, dimension and class.
pub const BOOKS: usize = KINDS * DIMS.len() * CLASSES;
/// Most codewords of a book, by dimension number.
pub const MAX_WORDS: [usize; 4] = [512, 256, 64, 15];
/// Codeword components are magnitudes in units of 1/16 quantiser step.
pub const ONE: i16 = 16;

/// Number of the book of a kind, dimension number and class.
#[inline]
pub fn book_index(kind: usize, dim: usize, class: usize) -> usize {
    (kind * DIMS.len() + dim) * CLASSES + class
}

/// Codewords of one dimension, most frequent first; word 0 is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    dim: usize,
    /// Number of words.
    count: usize,
    /// Magnitudes in 1/16 step, `dim` to a word. In bytes: they are read here and there, and what is small is sooner in the
    /// cache.
    words: Vec<u8>,
}

impl Book {
    /// A book from its words; the first must be zero and every component zero or 8 to 247.
    pub fn new(dim: usize, words: Vec<i16>) -> Option<Self> {
        let sound = words.len() >= dim
            && words.len().is_multiple_of(dim)
            && words[..dim].iter().all(|&v| v == 0)
            && words.iter().all(|&v| v == 0 || (8..=247).contains(&v));
        sound.then(|| Book { dim, count: words.len() / dim, words: words.iter().map(|&v| v as u8).collect() })
    }

    /// All magnitudes, word after word.
    pub fn components(&self) -> Vec<i16> {
        self.words.iter().map(|&v| v.into()).collect()
    }

    /// Number of words; this number itself stands for the split into halves, or the escape of a scalar.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The magnitudes of word `i`; none exceeds 247.
    #[inline]
    pub fn word(&self, i: usize) -> &[u8] {
        &self.words[i * self.dim..][..self.dim]
    }
}

/// All books and the initial probabilities that were trained with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodebookSet {
    pub(crate) books: Vec<Book>,
    /// Initial models of each of the [`FRAME_CLASSES`], in the order of the syntax's contexts; none before training.
    pub(crate) initial: Vec<Vec<Model>>,
    /// What `initial` was made of: the square roots of all frequencies.
    roots: Vec<u8>,
    hash: u32,
}

/// Bytes of memory that the largest set takes, with room to spare.
pub const SET_MEMORY: u64 = 1 << 22;

impl CodebookSet {
    /// A set of books with initial models (of all frame classes, or none), rounded as the file stores them: so a
    /// set is the same before and after it was written.
    pub(crate) fn new(books: Vec<Book>, initial: &[Vec<Model>]) -> Self {
        let roots = initial.iter().flatten().flat_map(format::roots).collect();
        let alphabets = initial.first().map_or(Vec::new(), |m| m.iter().map(Model::len).collect());
        Self::from_roots(books, roots, alphabets.into_iter())
    }

    fn from_roots(books: Vec<Book>, roots: Vec<u8>, alphabets: impl Iterator<Item = usize> + Clone) -> Self {
        let initial = format::models(&roots, alphabets);
        let hash = format::hash(&books, &roots);
        CodebookSet { books, initial, roots, hash }
    }

    /// Whether it has initial probabilities.
    pub fn is_trained(&self) -> bool {
        !self.initial.is_empty()
    }

    /// The name of the set: streams say by it which set they were made with.
    pub fn hash(&self) -> u32 {
        self.hash
    }
}

/// Frame classes with initial probabilities of their own: key or inter, in three ranges of quantiser index.
pub const FRAME_CLASSES: usize = 6;

/// Class of a frame for its initial probabilities.
pub fn frame_class(key: bool, qi: u8) -> usize {
    let range = match qi {
        0..104 => 0,
        104..136 => 1,
        _ => 2,
    };
    usize::from(!key) * 3 + range
}
