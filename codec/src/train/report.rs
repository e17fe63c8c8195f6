//! What a training tells about itself.

use crate::codebook::{BookUse, CodebookSet, Lookup};
use crate::encode::observe::{HUGE, Observations, Spent};
use crate::syntax::layout::{self, POSITIONS};
use std::sync::Arc;

/// One more clip has been encoded.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many there will be altogether.
    pub total: u64,
}

/// What coding took, per luma sample, over all qualities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Bits.
    pub rate: f64,
    /// Squared error of all planes.
    pub distortion: f64,
    /// Bits, and the squared error of each frame over its lambda: what the encoder minimises, in bits.
    pub j: f64,
}

/// How a round went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// Counted from 1.
    pub number: u32,
    /// Of coding with the set of the round before.
    pub cost: Cost,
    /// Vectors that were coded.
    pub vectors: u64,
    /// Vectors that are not zero.
    pub nonzero: u64,
    /// Codewords in all books after the round.
    pub words: usize,
}

/// What clips that were not trained on cost with the built-in set and with the new one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldOut {
    /// How many clips those are.
    pub clips: usize,
    /// With the built-in set.
    pub before: Cost,
    /// With the new one.
    pub after: Cost,
}

/// The result of a training.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What was trained, for [`Config::codebook`](crate::Config::codebook).
    pub set: Arc<CodebookSet>,
    /// How the rounds went, in order.
    pub rounds: Vec<Round>,
    /// Books in which anything was coded.
    pub books: Vec<BookUse>,
    /// What it gains on other clips, where some were kept.
    pub held_out: Option<HeldOut>,
}

pub fn cost(all: &[Observations]) -> Cost {
    let mut s = Spent::default();
    all.iter().for_each(|o| s.add(&o.spent));
    let pixels = s.pixels.max(1) as f64;
    Cost {
        rate: s.bits as f64 / pixels,
        distortion: s.ssd as f64 / pixels,
        j: (s.bits as f64 + s.weighted as f64 / 1024.0) / pixels,
    }
}

pub fn book_uses(all: &[Observations], set: &CodebookSet) -> Vec<BookUse> {
    let lookup = Lookup::new(set);
    let mut counts: Vec<Vec<u64>> = set.books.iter().map(|b| vec![0; b.len() + 1]).collect();
    for (&(model, key), &n) in all.iter().flat_map(|o| &o.indices) {
        let book = (model as usize - layout::INDEX.start) / POSITIONS;
        let escape = set.books[book].len();
        let index = if key == HUGE { escape } else { lookup.find(book, key).unwrap_or(escape) };
        counts[book][index] += n;
    }
    crate::codebook::book_uses(set, &counts)
}
