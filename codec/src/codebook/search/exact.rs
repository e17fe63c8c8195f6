//! Every word is tried.

use super::{Search, Vector, Word};

/// Words side by side, so that one instruction treats several.
const LANES: usize = 16;

/// A block of words by component, and their rates plus squared lengths.
struct Block {
    components: [[f32; LANES]; 8],
    constant: [f32; LANES],
}

/// Exhaustive search.
pub struct Exact {
    blocks: Vec<Block>,
}

impl Exact {
    /// Prepares the search among these words.
    pub fn new(words: &[Word]) -> Self {
        let block = |words: &[Word]| {
            let mut b = Block { components: [[0.0; LANES]; 8], constant: [f32::INFINITY; LANES] };
            for (i, w) in words.iter().enumerate() {
                for (to, &c) in b.components.iter_mut().zip(&w.components) {
                    to[i] = c;
                }
                b.constant[i] = w.rate + w.components.iter().map(|c| c * c).sum::<f32>();
            }
            b
        };
        Exact { blocks: words.chunks(LANES).map(block).collect() }
    }
}

impl Search for Exact {
    fn find(&self, v: &Vector) -> (usize, f32) {
        let (mut best, mut at) = (f32::INFINITY, 0);
        for (n, b) in self.blocks.iter().enumerate() {
            // |v - w|^2 is |v|^2 - 2 v.w + |w|^2.
            let mut cost = b.constant;
            for (row, &x) in b.components.iter().zip(v) {
                for (c, w) in cost.iter_mut().zip(row) {
                    *c -= 2.0 * x * w;
                }
            }
            let least = cost.iter().fold(f32::INFINITY, |m, &c| if c < m { c } else { m });
            if least < best {
                best = least;
                at = n * LANES + cost.iter().position(|&c| c == least).unwrap_or(0);
            }
        }
        (at, best + v.iter().map(|x| x * x).sum::<f32>())
    }
}
