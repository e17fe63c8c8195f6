//! Test clips made from numbers alone.
//!
//! Layers of 1/f texture pan, zoom and rotate below the precision of a pixel, objects move in front
//! of them, text runs across, light fades, scenes cut, film grain covers it all. Everything is
//! integer arithmetic, so the same call gives the same samples on every machine.
//!
//! ```
//! use girih::{ChromaFormat, Format};
//! use girih_samples::{Clip, Scene};
//!
//! let format = Format { width: 64, height: 48, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
//! let pictures: Vec<_> = Clip::new(Scene::Mix, format, 3).collect();
//! assert_eq!(pictures.len(), 3);
//! ```
#![forbid(unsafe_code)]

mod clip;
mod fixed;
mod font;
mod layer;
mod rng;
mod scene;
mod stage;
mod texture;
pub mod y4m;

pub use clip::Clip;
pub use rng::Rng;
pub use scene::Scene;
