//! The in-loop filters, in the order of their use: deblocking along transform edges, the constrained
//! directional filter against ringing, and the adaptive Wiener filter.

pub mod band;
pub mod cdef;
pub mod deblock;
pub mod wiener;
mod window;

use fearless_simd::{i16x8, prelude::*};

/// Exchanges the rows and columns of 8x8 values.
#[inline(always)]
fn transpose<S: Simd>(r: [i16x8<S>; 8]) -> [i16x8<S>; 8] {
    // Three rounds of interleaving row i with row i + 4.
    #[inline(always)]
    fn round<S: Simd>(r: [i16x8<S>; 8]) -> [i16x8<S>; 8] {
        [
            r[0].zip_low(r[4]),
            r[0].zip_high(r[4]),
            r[1].zip_low(r[5]),
            r[1].zip_high(r[5]),
            r[2].zip_low(r[6]),
            r[2].zip_high(r[6]),
            r[3].zip_low(r[7]),
            r[3].zip_high(r[7]),
        ]
    }
    round(round(round(r)))
}

/// What filters cost the encoder in squared error.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// For each bit.
    pub bit: f64,
    /// For each superblock of a plane that is filtered: it takes the decoder time. Half of it for the dering of chroma.
    pub superblock: f64,
}

#[cfg(test)]
impl Price {
    /// Nothing but bits costs.
    pub fn bits(bit: f64) -> Self {
        Price { bit, superblock: 0.0 }
    }
}
