//! What surrounds the coded data: container, sequence and frame headers.

pub mod container;
mod fields;
pub(crate) mod frame;
pub(crate) mod sequence;
pub mod unit;
pub mod weight;
