//! The codeword of least cost (distortion plus lambda times rate) for a vector of eight magnitudes: exactly, by a hash
//! of the rounded vector, by a tree, and by both. For training on much data and for large codebooks.

mod exact;
mod hash;
#[cfg(test)]
mod tests;
mod tree;

pub use exact::Exact;
pub use hash::Hash;
pub use tree::{Mixed, Tree};

/// Components of a vector, in quantiser steps.
pub type Vector = [f32; 8];

/// A codeword, and what it costs to code: lambda times its bits, in squared steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word {
    /// Magnitudes in quantiser steps.
    pub components: Vector,
    /// Lambda times the bits, in squared steps.
    pub rate: f32,
}

impl Word {
    /// Cost of standing for `v`.
    #[inline]
    pub fn cost(&self, v: &Vector) -> f32 {
        self.rate + distance(&self.components, v)
    }
}

/// Squared distance.
#[inline]
pub fn distance(a: &Vector, b: &Vector) -> f32 {
    let mut d = [0.0; 8];
    for ((d, a), b) in d.iter_mut().zip(a).zip(b) {
        *d = (a - b) * (a - b);
    }
    ((d[0] + d[4]) + (d[1] + d[5])) + ((d[2] + d[6]) + (d[3] + d[7]))
}

/// Finds a word for a vector.
pub trait Search {
    /// Number of the best word found, and its cost.
    fn find(&self, v: &Vector) -> (usize, f32);
}
