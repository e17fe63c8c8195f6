//! Lines, areas and text in a window's pixels.

use std::convert::Infallible;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, iso_8859_1};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};

/// A colour as 0xRRGGBB.
pub type Rgb = u32;

/// A window's pixels.
pub struct Canvas<'a> {
    pub pixels: &'a mut [u32],
    pub width: usize,
    pub height: usize,
}

/// A rectangle that may lie partly outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

/// A size of letters.
#[derive(Clone, Copy)]
pub enum Letters {
    Tiny,
    Small,
    Normal,
}

impl Letters {
    fn font(self) -> &'static MonoFont<'static> {
        match self {
            Letters::Tiny => &iso_8859_1::FONT_5X7,
            Letters::Small => &iso_8859_1::FONT_6X10,
            Letters::Normal => &iso_8859_1::FONT_9X15,
        }
    }

    /// Width and height of a letter.
    pub fn size(self) -> (i32, i32) {
        let s = self.font().character_size;
        (s.width as i32, s.height as i32)
    }
}

impl Canvas<'_> {
    /// The part of an area that is inside, as ranges of columns and rows.
    fn clip(&self, a: Area) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let range = |from: i32, n: i32, most: usize| {
            let end = from.saturating_add(n).clamp(0, most as i32) as usize;
            (from.clamp(0, most as i32) as usize).min(end)..end
        };
        (range(a.x, a.w, self.width), range(a.y, a.h, self.height))
    }

    /// Mixes a colour into an area: `part` of 256.
    pub fn tint(&mut self, area: Area, color: Rgb, part: u32) {
        let (columns, rows) = self.clip(area);
        for y in rows {
            for p in &mut self.pixels[y * self.width..][columns.clone()] {
                *p = mix(*p, color, part);
            }
        }
    }

    /// The left and upper edge of an area: together, areas side by side have lines of one pixel.
    pub fn corner(&mut self, a: Area, color: Rgb, part: u32) {
        self.tint(Area { h: 1, ..a }, color, part);
        self.tint(Area { y: a.y + 1, w: 1, h: a.h - 1, ..a }, color, part);
    }

    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), color: Rgb) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).min(4096.0).ceil().max(1.0);
        for i in 0..=steps as u32 {
            let t = i as f32 / steps;
            let (x, y) = ((from.0 + t * dx) as i32, (from.1 + t * dy) as i32);
            self.tint(Area { x, y, w: 1, h: 1 }, color, 256);
        }
    }

    /// Text with its upper left corner at (x, y).
    pub fn text(&mut self, text: &str, (x, y): (i32, i32), letters: Letters, color: Rgb) {
        let style = MonoTextStyle::new(
            letters.font(),
            Rgb888::new((color >> 16) as u8, (color >> 8) as u8, color as u8),
        );
        // Drawing cannot fail.
        let _ = Text::with_baseline(text, Point::new(x, y), style, Baseline::Top).draw(self);
    }

    /// Lines of text on a dark ground, in letters that fit if there are any.
    pub fn panel(&mut self, lines: &[String], (x, y): (i32, i32)) {
        let longest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0) as i32;
        let fits = |l: &Letters| x + longest * l.size().0 + 12 <= self.width as i32;
        let letters = [Letters::Normal, Letters::Small].into_iter().find(fits).unwrap_or(Letters::Tiny);
        let (w, h) = letters.size();
        self.tint(Area { x, y, w: longest * w + 12, h: lines.len() as i32 * h + 8 }, 0, 176);
        for (i, line) in lines.iter().enumerate() {
            self.text(line, (x + 6, y + 4 + i as i32 * h), letters, 0xf0f0f0);
        }
    }
}

fn mix(a: u32, b: u32, part: u32) -> u32 {
    let channel = |s: u32| ((a >> s & 255) * (256 - part) + (b >> s & 255) * part) >> 8 << s;
    channel(16) | channel(8) | channel(0)
}

impl OriginDimensions for Canvas<'_> {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Canvas<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(p, c) in pixels {
            let color = u32::from(c.r()) << 16 | u32::from(c.g()) << 8 | u32::from(c.b());
            self.tint(Area { x: p.x, y: p.y, w: 1, h: 1 }, color, 256);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_outside() {
        let mut pixels = vec![0; 20 * 10];
        let mut c = Canvas { pixels: &mut pixels, width: 20, height: 10 };
        c.tint(Area { x: -5, y: -5, w: 7, h: 6 }, 0xffffff, 256);
        c.corner(Area { x: 18, y: 8, w: 100, h: i32::MAX }, 0xff0000, 256);
        c.line((-3.0, 9.0), (50.0, 9.0), 0xff);
        c.text("Zeile", (12, -4), Letters::Normal, 0xff00);
        c.panel(&["a".to_string(), "long line of text".to_string()], (-3, 5));
        c.tint(Area { x: 5, y: 5, w: -3, h: 2 }, 0xffffff, 256);
        assert_eq!((pixels[0], pixels[1], pixels[20]), (0xffffff, 0xffffff, 0));
    }

    #[test]
    fn colours_mix() {
        assert_eq!((mix(0x102030, 0xffffff, 0), mix(0x102030, 0xffffff, 256)), (0x102030, 0xffffff));
        assert_eq!(mix(0, 0x804020, 128), 0x402010);
    }
}
