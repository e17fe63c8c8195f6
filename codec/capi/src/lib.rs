//! Girih for C: `include/girih.h`, which is made from this source.
//!
//! This is the only crate of the library with `unsafe`: pointers come from C. What they must point to stands in the
//! header; here they are checked for NULL, turned into references, slices and boxes, and the rest is safe code. No panic
//! crosses the border: it becomes [`GirihStatus::GIRIH_ERROR_INTERNAL`], and the handle refuses everything from then on.

mod config;
mod decoder;
mod encoder;
mod frame;
mod guard;
mod io;
mod status;

pub use config::*;
pub use decoder::*;
pub use encoder::*;
pub use frame::*;
pub use io::*;
pub use status::*;
