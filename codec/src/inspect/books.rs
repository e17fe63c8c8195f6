//! What is in a codebook set.

use crate::codebook::{CLASSES, CodebookSet, DIMS};
use crate::syntax::layout::{self, Group, POSITIONS};
use crate::syntax::split_index;

/// A codebook.
#[derive(Clone, Debug, PartialEq)]
pub struct BookInfo {
    /// 0 luma intra, 1 luma inter, 2 chroma.
    pub kind: usize,
    /// Components of a vector: 8, 4, 2 or 1.
    pub dimension: usize,
    /// Energy of what was decoded around the vector, from 0.
    pub class: usize,
    /// Columns of a vector in the block of coefficients.
    pub columns: usize,
    /// Magnitudes in 1/16 quantiser step.
    pub words: Vec<Vec<i16>>,
    /// Initial probability of each word and, after them, of the split or escape: the mean over all contexts.
    pub probability: Vec<f64>,
}

/// All books of a set, by kind, dimension and class.
pub fn books(set: &CodebookSet) -> Vec<BookInfo> {
    let book = |(i, b): (usize, &crate::codebook::Book)| {
        let dim = i / CLASSES % DIMS.len();
        BookInfo {
            kind: i / CLASSES / DIMS.len(),
            dimension: DIMS[dim],
            class: i % CLASSES,
            columns: crate::codebook::SHAPES[dim].w,
            words: (0..b.len()).map(|k| b.word(k).iter().map(|&v| v.into()).collect()).collect(),
            probability: probability(set, i, b.len()),
        }
    };
    set.books.iter().enumerate().map(book).collect()
}

fn probability(set: &CodebookSet, book: usize, words: usize) -> Vec<f64> {
    let dim = book / CLASSES % DIMS.len();
    let mut mean = vec![0.0; words + 1];
    let contexts = POSITIONS;
    for models in &set.initial {
        let p = |model: usize, v: usize| {
            let m = &models[model];
            f64::from(m.upto(v) - m.below(v)) / 32768.0
        };
        let first: Vec<f64> = (0..layout::INDEX.symbols)
            .map(|v| {
                let at = |c| layout::INDEX.at(book * contexts + c);
                (0..contexts).map(|c| p(at(c), v)).sum::<f64>() / contexts as f64
            })
            .collect();
        for (i, mean) in mean.iter_mut().enumerate() {
            let (v, rest) = split_index(dim, words, i);
            let raw = |g: Group| match g {
                layout::INDEX_B => 1.0 / 16.0,
                layout::INDEX_C => 1.0 / 32.0,
                _ => 1.0,
            };
            *mean += first[v] * rest.map_or(1.0, |(g, v)| p(g.at(book), v) * raw(g));
        }
    }
    let total: f64 = mean.iter().sum();
    let n = mean.len() as f64;
    mean.iter().map(|p| if total > 0.0 { p / total } else { 1.0 / n }).collect()
}
