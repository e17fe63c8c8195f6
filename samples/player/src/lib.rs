//! The decoder in the browser: opens a `.girih` or Matroska file, steps through its pictures and gives them as RGBA.
//!
//! [`Session`] does all of it and runs anywhere, tests included; `exports` is what the page's worker sees of it.

mod ebml;
#[cfg(target_arch = "wasm32")]
mod exports;
mod film;
mod json;
mod matroska;
mod native;
mod rgba;
mod session;

pub use session::{Session, Step};
