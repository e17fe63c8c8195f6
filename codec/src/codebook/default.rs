//! A set to start training from: small integer vectors in order of their magnitude.

use super::{BOOKS, Book, CLASSES, CodebookSet, DIMS, MAX_WORDS, ONE};

/// Integer vectors of `dim` components, the smallest sums of weights first, `count` of them at most.
fn patterns(dim: usize, count: usize) -> Vec<i16> {
    let mut all: Vec<(u32, Vec<i16>)> = vec![(0, Vec::new())];
    // Weight of a magnitude: about its cost in bits under a Laplacian.
    let weight = |m: i16| if m == 0 { 0 } else { 2 + 2 * m as u32 };
    let limit = match dim {
        8 => 14,
        4 => 20,
        _ => 60,
    };
    for _ in 0..dim {
        all = all
            .into_iter()
            .flat_map(|(c, v)| {
                (0..=15i16).map_while(move |m| {
                    let c = c + weight(m);
                    (c <= limit).then(|| (c, v.iter().copied().chain([m]).collect::<Vec<_>>()))
                })
            })
            .collect();
    }
    all.sort();
    all.into_iter().take(count).flat_map(|(_, v)| v).map(|m| m * ONE).collect()
}

impl CodebookSet {
    /// The untrained set.
    pub(crate) fn untrained() -> Self {
        let words: Vec<Vec<i16>> = DIMS.iter().zip(MAX_WORDS).map(|(&d, n)| patterns(d, n)).collect();
        let books = (0..BOOKS)
            .map(|i| {
                let dim = i / CLASSES % DIMS.len();
                Book::new(DIMS[dim], words[dim].clone()).expect("zero comes first")
            })
            .collect();
        CodebookSet::new(books, &[])
    }
}
