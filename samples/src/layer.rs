//! A layer: a piece of texture with a shape and a motion.

use crate::fixed::{cos, sin};
use crate::texture::{Texture, UNIT};

/// Sample values inside the generator are in 1/64 of an 8-bit level.
pub const LEVEL: i32 = 64;

/// How a layer moves. Positions are in 1/256 pixel, angles in 1/65536 turn, times in frames.
#[derive(Clone, Copy, Default)]
pub struct Motion {
    /// Centre at time 0.
    pub start: (i32, i32),
    /// Movement of the centre per frame.
    pub velocity: (i32, i32),
    /// Amplitude of a swing added to it, and its turn per frame.
    pub sway: (i32, i32),
    pub sway_rate: i32,
    /// Turn per frame.
    pub spin: i32,
    /// Growth per frame in 1/65536 of the size at time 0.
    pub zoom: i32,
}

/// What part of the plane a layer covers, around its centre; lengths in 1/256 pixel.
#[derive(Clone, Copy)]
pub enum Shape {
    Everything,
    Disc {
        radius: i32,
    },
    Rectangle {
        half: (i32, i32),
    },
    /// Where the texture's blue channel exceeds a threshold: ragged, as leaves or clouds.
    Leaves {
        threshold: i32,
    },
}

pub struct Layer {
    pub texture: Texture,
    /// Mean colour (Y, U, V), in levels.
    pub color: [i32; 3],
    /// Root mean square of the texture in levels.
    pub contrast: [i32; 3],
    pub motion: Motion,
    pub shape: Shape,
}

impl Layer {
    /// Draws the layer at time `t` over three planes of full resolution.
    pub fn draw(&self, planes: &mut [Vec<i32>; 3], width: usize, t: i32) {
        let m = &self.motion;
        let swing = sin(m.sway_rate.wrapping_mul(t));
        let along = |start: i32, velocity: i32, sway: i32| {
            i64::from(start)
                + i64::from(velocity) * i64::from(t)
                + ((i64::from(sway) * i64::from(swing)) >> 16)
        };
        let cx = along(m.start.0, m.velocity.0, m.sway.0);
        let cy = along(m.start.1, m.velocity.1, m.sway.1);
        let size = (65_536 + i64::from(m.zoom) * i64::from(t)).clamp(1 << 13, 1 << 19);
        let angle = m.spin.wrapping_mul(t);
        // Texture samples per pixel, in 1/65536.
        let across = (i64::from(cos(angle)) << 16) / size;
        let down = (i64::from(sin(angle)) << 16) / size;
        let height = planes[0].len() / width;
        for y in 0..height {
            let dy = ((y as i64) << 8) - cy;
            for x in 0..width {
                let dx = ((x as i64) << 8) - cx;
                let u = (dx * across + dy * down) >> 8;
                let v = (dy * across - dx * down) >> 8;
                let mut alpha = self.cover(u >> 8, v >> 8);
                if alpha == 0 {
                    continue;
                }
                let s = self.texture.at(u, v);
                if let Shape::Leaves { threshold } = self.shape {
                    alpha = ((s[1] - threshold) / 2).clamp(0, 256);
                }
                for (c, plane) in planes.iter_mut().enumerate() {
                    let value = self.color[c] * LEVEL + s[c] * self.contrast[c] * LEVEL / UNIT;
                    let p = &mut plane[y * width + x];
                    *p += ((value - *p) * alpha) >> 8;
                }
            }
        }
    }

    /// How much of a pixel the shape covers, of 256; (u, v) from the centre in 1/256 pixel.
    fn cover(&self, u: i64, v: i64) -> i32 {
        let inside = match self.shape {
            Shape::Everything | Shape::Leaves { .. } => return 256,
            Shape::Disc { radius } => {
                let r = i64::from(radius).max(1);
                (r * r - u * u - v * v) / (2 * r)
            }
            Shape::Rectangle { half } => (i64::from(half.0) - u.abs()).min(i64::from(half.1) - v.abs()),
        };
        (inside + 128).clamp(0, 256) as i32
    }
}
