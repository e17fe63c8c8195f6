//! The scenes by name.

use std::str::FromStr;

use girih::Format;

use crate::font::Line;
use crate::layer::{Layer, Motion, Shape};
use crate::rng::Rng;
use crate::stage::{Caption, Light, Stage};
use crate::texture::Texture;

/// What a clip shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scene {
    /// A landscape pans behind ragged leaves, each at its own speed.
    Pan,
    /// The camera zooms in and turns.
    Zoom,
    /// Objects cross a slow background.
    Occlusion,
    /// A title and a running line.
    Text,
    /// From black and back to black.
    Fade,
    /// Three shots without transition.
    Cut,
    /// A still picture under strong film grain.
    Noise,
    /// Everything in one film of three shots.
    Mix,
    /// Plain areas with hard edges.
    Flat,
}

impl Scene {
    pub const ALL: [(&'static str, Scene); 9] = [
        ("pan", Scene::Pan),
        ("zoom", Scene::Zoom),
        ("occlusion", Scene::Occlusion),
        ("text", Scene::Text),
        ("fade", Scene::Fade),
        ("cut", Scene::Cut),
        ("noise", Scene::Noise),
        ("mix", Scene::Mix),
        ("flat", Scene::Flat),
    ];

    pub fn name(self) -> &'static str {
        Scene::ALL.iter().find(|s| s.1 == self).map_or("", |s| s.0)
    }

    /// Number of shots, of equal length but for rounding.
    pub(crate) fn shots(self) -> usize {
        if matches!(self, Scene::Cut | Scene::Mix) { 3 } else { 1 }
    }

    /// What shot number `shot` shows.
    pub(crate) fn stage(self, shot: usize, format: Format) -> Stage {
        let mut set = Set::new(self as u64 * 16 + shot as u64, format);
        match (self, shot) {
            (Scene::Pan | Scene::Cut, 0) => set.pan(),
            (Scene::Zoom, _) | (Scene::Cut, 1) => set.zoom(),
            (Scene::Occlusion, _) => set.occlusion(),
            (Scene::Text, _) => set.text(),
            (Scene::Fade, _) => Stage { light: Light::FadeInOut, ..set.pan() },
            (Scene::Noise, _) => Stage { grain: 64, ..set.still() },
            (Scene::Flat, _) => set.flat(),
            (Scene::Mix, 0) => Stage { captions: set.captions(), grain: 20, ..set.occlusion() },
            (Scene::Mix, 1) => Stage { grain: 24, ..set.pan() },
            (Scene::Mix, _) => Stage { light: Light::FadeOut, grain: 20, ..set.zoom() },
            _ => set.occlusion(),
        }
    }
}

impl FromStr for Scene {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Scene::ALL.map(|s| s.0).join(", ");
        let found = Scene::ALL.iter().find(|s| s.0 == name);
        found.map(|s| s.1).ok_or_else(|| format!("no scene '{name}'; there are {}", known()))
    }
}

/// Builds stages for one picture size.
struct Set {
    rng: Rng,
    /// Width and height in 1/256 pixel.
    size: (i32, i32),
    tile_bits: u32,
}

impl Set {
    fn new(seed: u64, format: Format) -> Self {
        let longest = format.width.max(format.height).clamp(1, 1024);
        let tile_bits = longest.next_power_of_two().trailing_zeros().clamp(7, 10);
        let fixed = |v: usize| (v.min(1 << 16) as i32) << 8;
        Set {
            rng: Rng::new(0x6769_7269 + seed),
            size: (fixed(format.width), fixed(format.height)),
            tile_bits,
        }
    }

    fn layer(&mut self, persistence: i32, color: [i32; 3], contrast: [i32; 3], shape: Shape) -> Layer {
        let texture = Texture::new(self.rng.next_u64(), self.tile_bits, persistence);
        let motion = Motion { start: (self.size.0 / 2, self.size.1 / 2), ..Motion::default() };
        Layer { texture, color, contrast, motion, shape }
    }

    fn ground(&mut self) -> Layer {
        let color = [self.rng.range(92, 130), self.rng.range(112, 136), self.rng.range(118, 142)];
        self.layer(192, color, [34, 7, 8], Shape::Everything)
    }

    fn shot(layers: Vec<Layer>) -> Stage {
        Stage { backdrop: [96, 128, 128], layers, captions: Vec::new(), light: Light::Steady, grain: 9 }
    }

    fn pan(&mut self) -> Stage {
        let mut ground = self.ground();
        ground.motion.velocity = (-170, 31);
        let mut leaves = self.layer(190, [62, 116, 124], [26, 5, 5], Shape::Leaves { threshold: 700 });
        leaves.motion.velocity = (-611, 0);
        leaves.motion.sway = (0, 400);
        leaves.motion.sway_rate = 1500;
        Self::shot(vec![ground, leaves])
    }

    fn zoom(&mut self) -> Stage {
        let mut ground = self.ground();
        ground.motion.zoom = 520;
        ground.motion.spin = 55;
        ground.motion.velocity = (40, -23);
        Self::shot(vec![ground])
    }

    fn still(&mut self) -> Stage {
        let ground = self.ground();
        Self::shot(vec![ground])
    }

    fn occlusion(&mut self) -> Stage {
        let (w, h) = self.size;
        let unit = w.min(h);
        let mut ground = self.ground();
        ground.motion.velocity = (61, 0);
        let mut ball = self.layer(150, [150, 104, 158], [24, 6, 8], Shape::Disc { radius: unit / 5 });
        ball.motion.start = (w / 6, h / 2);
        ball.motion.velocity = (w / 70 + 130, 0);
        ball.motion.sway = (0, h / 5);
        ball.motion.sway_rate = 2100;
        ball.motion.spin = 420;
        let half = (unit / 4, unit / 7);
        let mut card = self.layer(200, [186, 132, 116], [18, 4, 4], Shape::Rectangle { half });
        card.motion.start = (w * 4 / 5, h * 2 / 5);
        card.motion.velocity = (-(w / 90 + 97), 35);
        card.motion.spin = -260;
        let mut near = self.layer(160, [52, 140, 120], [14, 5, 4], Shape::Disc { radius: unit / 8 });
        near.motion.start = (w / 2, h * 3 / 4);
        near.motion.velocity = (83, -h / 120);
        near.motion.zoom = 700;
        Self::shot(vec![ground, ball, card, near])
    }

    fn text(&mut self) -> Stage {
        let captions = self.captions();
        let mut ground = self.ground();
        ground.contrast[0] = 18;
        ground.motion.velocity = (25, 12);
        Stage { captions, grain: 0, ..Self::shot(vec![ground]) }
    }

    fn captions(&self) -> Vec<Caption> {
        let (w, h) = self.size;
        let scale = (h / 256 / 72).clamp(1, 4);
        let title = Caption {
            line: Line::new("GIRIH 1:0"),
            start: ((w / 16) & !255, (h / 12) & !255),
            velocity: (0, 0),
            scale: scale + 1,
            bar: false,
        };
        let ticker = Caption {
            line: Line::new("ONE SYMBOL, ONE ROW, ONE TRANSFORM - A REPERTOIRE OF PATTERNS - 0123456789"),
            start: (w / 3, (h - 10 * 256 * scale) & !255),
            velocity: (-342, 0),
            scale,
            bar: true,
        };
        vec![title, ticker]
    }

    fn flat(&mut self) -> Stage {
        let unit = self.size.0.min(self.size.1);
        let mut disc = self.layer(150, [180, 110, 150], [0; 3], Shape::Disc { radius: unit / 4 });
        disc.motion.velocity = (77, 0);
        let half = (unit / 3, unit / 9);
        let mut bar = self.layer(150, [60, 150, 110], [0; 3], Shape::Rectangle { half });
        bar.motion.spin = 300;
        Stage { grain: 0, ..Self::shot(vec![disc, bar]) }
    }
}
