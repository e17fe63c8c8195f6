//! Files of the native container, read and written by functions of the caller's.

mod reader;
mod writer;

pub use reader::*;
pub use writer::*;
