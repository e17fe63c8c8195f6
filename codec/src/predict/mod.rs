//! Prediction of a block from what is already decoded.

pub mod inter;
pub mod intra;
