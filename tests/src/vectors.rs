//! Conformance vectors: small streams, and the hashes of the frames they decode to.

use std::fmt::Write as _;
use std::path::PathBuf;

use girih::{ChromaFormat, Config, Error, Picture, Preset};
use girih_samples::Scene;

use crate::{Stream, clip, encode, format};

/// The folder with the vectors.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

pub const MANIFEST: &str = "MANIFEST";

/// A line of the manifest: file name, sample layout, then pts and hash of each frame in display order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector {
    pub file: String,
    pub layout: String,
    pub frames: Vec<(i64, u32)>,
}

impl Vector {
    pub fn new(file: &str, pictures: &[Picture]) -> Self {
        let layout = pictures.first().map_or(String::from("none"), |p| {
            let f = p.format;
            format!("{}x{}-{:?}-{}", f.width, f.height, f.chroma, f.bit_depth)
        });
        Vector { file: file.into(), layout, frames: pictures.iter().map(|p| (p.pts, p.hash())).collect() }
    }

    pub fn to_line(&self) -> String {
        let mut line = format!("{} {}", self.file, self.layout);
        for (pts, hash) in &self.frames {
            // Writing to a string cannot fail.
            let _ = write!(line, " {pts}:{hash:08x}");
        }
        line
    }

    pub fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (file, layout) = (words.next()?.into(), words.next()?.into());
        let frame = |word: &str| {
            let (pts, hash) = word.split_once(':')?;
            Some((pts.parse().ok()?, u32::from_str_radix(hash, 16).ok()?))
        };
        Some(Vector { file, layout, frames: words.map(frame).collect::<Option<_>>()? })
    }
}

/// What a vector is made of.
pub struct Recipe {
    pub name: &'static str,
    scene: Scene,
    size: (usize, usize),
    layout: (ChromaFormat, u8),
    frames: usize,
    crf: f32,
    preset: Preset,
    adapt: bool,
}

impl Recipe {
    pub fn encode(&self) -> Result<Stream, Error> {
        let f = format(self.size.0, self.size.1, self.layout.0, self.layout.1);
        let mut config = Config::new(f);
        (config.crf, config.preset, config.adapt) = (self.crf, self.preset, self.adapt);
        (config.keyint, config.hashes) = (6, true);
        encode(&config, &clip(self.scene, f, self.frames))
    }
}

/// All of them: every layout, preset and scene, quantisers from end to end, odd sizes.
pub fn recipes() -> Vec<Recipe> {
    use ChromaFormat::{Mono, Yuv420, Yuv444};
    use Preset::{Fast, Medium, Slow, Ultrafast, Veryslow};
    let recipe = |name, scene, size, layout, frames, crf, preset| Recipe {
        name,
        scene,
        size,
        layout,
        frames,
        crf,
        preset,
        adapt: true,
    };
    vec![
        recipe("pan", Scene::Pan, (176, 144), (Yuv420, 8), 9, 32.0, Slow),
        recipe("zoom", Scene::Zoom, (96, 80), (Yuv420, 8), 8, 26.0, Veryslow),
        recipe("occlusion", Scene::Occlusion, (144, 96), (Yuv420, 8), 10, 30.0, Medium),
        recipe("text-444", Scene::Text, (128, 72), (Yuv444, 8), 6, 24.0, Medium),
        recipe("fade-10bit", Scene::Fade, (96, 64), (Yuv420, 10), 9, 28.0, Slow),
        recipe("cut", Scene::Cut, (112, 80), (Yuv420, 8), 12, 36.0, Fast),
        recipe("noise", Scene::Noise, (64, 64), (Yuv420, 8), 4, 18.0, Ultrafast),
        recipe("mix-444-10bit", Scene::Mix, (80, 48), (Yuv444, 10), 6, 34.0, Fast),
        recipe("mono", Scene::Pan, (72, 56), (Mono, 8), 5, 30.0, Medium),
        recipe("mono-10bit", Scene::Zoom, (56, 72), (Mono, 10), 5, 22.0, Slow),
        recipe("flat", Scene::Flat, (200, 120), (Yuv420, 8), 8, 40.0, Medium),
        recipe("odd", Scene::Occlusion, (65, 33), (Yuv420, 8), 6, 27.0, Medium),
        recipe("pixel", Scene::Mix, (1, 1), (Yuv420, 8), 3, 30.0, Medium),
        recipe("sliver", Scene::Pan, (150, 3), (Yuv420, 8), 4, 25.0, Medium),
        recipe("finest", Scene::Pan, (48, 40), (Yuv420, 8), 3, 0.0, Fast),
        recipe("coarsest", Scene::Mix, (144, 112), (Yuv420, 8), 7, 63.0, Medium),
        Recipe {
            adapt: false,
            ..recipe("no-adaptation", Scene::Zoom, (88, 72), (Yuv420, 8), 9, 28.0, Medium)
        },
        recipe("still", Scene::Zoom, (160, 120), (Yuv444, 8), 1, 30.0, Slow),
    ]
}
