//! The program from end to end: real runs of the binary on generated clips, and on real ones where
//! there are any.

mod basics;
mod codebooks;
mod comfort;
mod compare;
mod failures;
mod images;
mod matroska;
mod media;
mod play;
mod player;
mod rates;

use girih::{ChromaFormat, Picture};
use girih_samples::Scene;

/// A clip that small runs share.
fn small(frames: usize) -> Vec<Picture> {
    girih_tests::clip(Scene::Mix, girih_tests::format(80, 56, ChromaFormat::Yuv420, 8), frames)
}
