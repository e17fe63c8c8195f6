//! A stage: what is in front of the camera during one shot, and how a frame of it is taken.

use girih::{Format, Picture};

use crate::font::{CELL, Line};
use crate::layer::{LEVEL, Layer};
use crate::rng::Rng;

/// A line of text over the picture.
pub struct Caption {
    pub line: Line,
    /// Top left corner at time 0, in 1/256 pixel.
    pub start: (i32, i32),
    /// Movement per frame, in 1/256 pixel.
    pub velocity: (i32, i32),
    /// Pixels per dot.
    pub scale: i32,
    /// A dark bar behind the text.
    pub bar: bool,
}

/// Light over the length of a shot.
#[derive(Clone, Copy, PartialEq)]
pub enum Light {
    Steady,
    /// From black to full light and to black again.
    FadeInOut,
    /// Full light, then to black in the last third.
    FadeOut,
}

pub struct Stage {
    /// Colour (Y, U, V) behind all layers, in levels.
    pub backdrop: [i32; 3],
    /// From back to front.
    pub layers: Vec<Layer>,
    pub captions: Vec<Caption>,
    pub light: Light,
    /// Standard deviation of the film grain in 1/16 level.
    pub grain: i32,
}

impl Stage {
    /// Takes frame `t` of a shot of `length` frames.
    pub fn shoot(&self, format: Format, t: i32, length: i32, rng: &mut Rng) -> Picture {
        let (w, h) = (format.width, format.height);
        let mut planes = self.backdrop.map(|v| vec![v * LEVEL; w * h]);
        for layer in &self.layers {
            layer.draw(&mut planes, w, t);
        }
        for caption in &self.captions {
            caption.draw(&mut planes, w, t);
        }
        let gain = self.light.gain(t, length);
        let mut picture = Picture::new(format);
        for (p, out) in picture.planes.iter_mut().enumerate() {
            let shift = if p == 0 { 0 } else { format.chroma.shift() };
            let (black, grain) =
                if p == 0 { (16 * LEVEL, self.grain) } else { (128 * LEVEL, self.grain / 2) };
            let mut noise = Grain { rng, bits: 0, left: 0, sigma: grain };
            for y in 0..out.height() {
                for (x, sample) in out.row_mut(y).iter_mut().enumerate() {
                    let v = average(&planes[p], w, h, x << shift, y << shift, 1 << shift);
                    let v = black + (((v - black) * gain) >> 8) + noise.next();
                    *sample = to_sample(v, format.bit_depth);
                }
            }
        }
        picture
    }
}

impl Light {
    /// Gain of 256 at frame `t` of `length`.
    fn gain(self, t: i32, length: i32) -> i32 {
        let last = (length - 1).max(1);
        match self {
            Light::Steady => 256,
            Light::FadeInOut => 512 * t.min(last - t).max(0) / last,
            Light::FadeOut => (768 * (last - t) / last).clamp(0, 256),
        }
    }
}

impl Caption {
    fn draw(&self, planes: &mut [Vec<i32>; 3], width: usize, t: i32) {
        let height = (planes[0].len() / width) as i32;
        let left = self.start.0 + self.velocity.0 * t;
        let top = self.start.1 + self.velocity.1 * t;
        let (columns, rows) = (self.line.width() as i32 * self.scale, CELL.1 as i32 * self.scale);
        // Fractions of a pixel are interpolated between neighbours.
        let dot =
            |x: i32, y: i32| i32::from(self.line.dot(x.div_euclid(self.scale), y.div_euclid(self.scale)));
        for y in (top >> 8).max(0)..((top >> 8) + rows + 2).clamp(0, height) {
            let (dy, fy) = (((y << 8) - top) >> 8, ((y << 8) - top) & 255);
            for x in 0..width as i32 {
                let (dx, fx) = (((x << 8) - left) >> 8, ((x << 8) - left) & 255);
                let i = y as usize * width + x as usize;
                if self.bar {
                    planes[0][i] = planes[0][i] / 4 + 18 * LEVEL;
                    planes[1][i] = (planes[1][i] + 3 * 128 * LEVEL) / 4;
                    planes[2][i] = (planes[2][i] + 3 * 128 * LEVEL) / 4;
                }
                if dx < -1 || dx > columns {
                    continue;
                }
                let upper = dot(dx, dy) * (256 - fx) + dot(dx + 1, dy) * fx;
                let lower = dot(dx, dy + 1) * (256 - fx) + dot(dx + 1, dy + 1) * fx;
                let alpha = (upper * (256 - fy) + lower * fy) >> 8;
                for (plane, color) in planes.iter_mut().zip([228, 120, 134]) {
                    plane[i] += ((color * LEVEL - plane[i]) * alpha) >> 8;
                }
            }
        }
    }
}

/// Nearly Gaussian noise: sums of four bytes.
struct Grain<'a> {
    rng: &'a mut Rng,
    bits: u64,
    left: u32,
    sigma: i32,
}

impl Grain<'_> {
    fn next(&mut self) -> i32 {
        if self.sigma == 0 {
            return 0;
        }
        if self.left == 0 {
            (self.bits, self.left) = (self.rng.next_u64(), 2);
        }
        let sum: i32 = (0..4).map(|i| (self.bits >> (8 * i) & 255) as i32).sum();
        self.bits >>= 32;
        self.left -= 1;
        // The sum has mean 510 and standard deviation 147.8.
        (sum - 510) * self.sigma * (LEVEL / 16) / 148
    }
}

/// Mean of a square of samples, which the picture's edge may cut.
fn average(plane: &[i32], w: usize, h: usize, x: usize, y: usize, side: usize) -> i32 {
    if side == 1 {
        return plane[y * w + x];
    }
    let (x1, y1) = ((x + 1).min(w - 1), (y + 1).min(h - 1));
    (plane[y * w + x] + plane[y * w + x1] + plane[y1 * w + x] + plane[y1 * w + x1] + 2) >> 2
}

fn to_sample(v: i32, bit_depth: u8) -> u16 {
    let shift = 14 - u32::from(bit_depth);
    let max = (1 << bit_depth) - 1;
    ((v + (1 << (shift - 1))) >> shift).clamp(0, max) as u16
}
