//! What the codec did, drawn over the picture.

use girih::inspect::{BlockView, FrameReport, Prediction, TxView};

use super::canvas::{Area, Canvas, Letters, Rgb};
use super::scale::Place;

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    #[default]
    Off,
    /// Blocks by prediction, and their motion.
    Partition,
    /// Transform blocks by the dimension of their vectors.
    Codebook,
    /// Blocks by the bits that they cost.
    Bits,
}

const INTRA: Rgb = 0xff5040;
const SINGLE: Rgb = 0x40d060;
const DOUBLE: Rgb = 0x4090ff;
const MOTION: Rgb = 0xffe060;
/// Dimension 8, 4, 2, 1.
const DIMENSIONS: [Rgb; 4] = [0x3070ff, 0x30c060, 0xf0c020, 0xff4030];
const ESCAPE: Rgb = 0xff40ff;

impl Overlay {
    pub fn next(self) -> Self {
        match self {
            Overlay::Off => Overlay::Partition,
            Overlay::Partition => Overlay::Codebook,
            Overlay::Codebook => Overlay::Bits,
            Overlay::Bits => Overlay::Off,
        }
    }

    /// What the colours mean.
    pub fn legend(self) -> Option<&'static str> {
        match self {
            Overlay::Off => None,
            Overlay::Partition => Some("blocks: red intra, green one reference, blue two, faint skipped"),
            Overlay::Codebook => Some("vectors: blue 8, green 4, yellow 2, red 1; number: last index"),
            Overlay::Bits => Some("bits per pixel: dark none, blue 0.05, green 0.2, yellow 0.8, red more"),
        }
    }

    /// Draws over a picture of `size` that lies at `place`.
    pub fn draw(self, canvas: &mut Canvas, place: Place, size: (usize, usize), blocks: &[BlockView]) {
        let view = View { place, size };
        match self {
            Overlay::Off => {}
            Overlay::Partition => blocks.iter().for_each(|b| partition(canvas, &view, b)),
            Overlay::Codebook => {
                for b in blocks {
                    canvas.corner(view.area(b.x, b.y, b.w, b.h), 0x808080, 96);
                    b.transforms.iter().for_each(|t| words(canvas, &view, t));
                }
            }
            Overlay::Bits => blocks.iter().for_each(|b| bits(canvas, &view, b)),
        }
    }
}

/// From samples of the picture to pixels of the window.
struct View {
    place: Place,
    size: (usize, usize),
}

impl View {
    fn point(&self, x: f32, y: f32) -> (f32, f32) {
        let (p, s) = (&self.place, self.size);
        (p.x as f32 + x * p.width as f32 / s.0 as f32, p.y as f32 + y * p.height as f32 / s.1 as f32)
    }

    /// Blocks beyond the picture's edge end there.
    fn area(&self, x: usize, y: usize, w: usize, h: usize) -> Area {
        let (right, below) = ((x + w).min(self.size.0), (y + h).min(self.size.1));
        let from = self.point(x as f32, y as f32);
        let to = self.point(right as f32, below as f32);
        let [x, y, right, below] = [from.0, from.1, to.0, to.1].map(|v| v.round() as i32);
        Area { x, y, w: right - x, h: below - y }
    }
}

fn partition(canvas: &mut Canvas, view: &View, b: &BlockView) {
    let color = match b.prediction {
        Prediction::Intra => INTRA,
        Prediction::Single => SINGLE,
        Prediction::Double => DOUBLE,
    };
    let area = view.area(b.x, b.y, b.w, b.h);
    canvas.tint(area, color, if b.skip { 16 } else { 56 });
    canvas.corner(area, color, if b.skip { 96 } else { 224 });
    let (x, y) = (b.x as f32 + b.w as f32 / 2.0, b.y as f32 + b.h as f32 / 2.0);
    for &(dx, dy) in b.motion.iter().filter(|m| **m != (0.0, 0.0)) {
        canvas.line(view.point(x, y), view.point(x + dx, y + dy), MOTION);
    }
}

fn words(canvas: &mut Canvas, view: &View, t: &TxView) {
    let count: u32 = t.words.iter().sum();
    if count == 0 {
        return;
    }
    let area = view.area(t.x, t.y, t.w, t.h);
    // The mean of the colours, each by the coefficients that its vectors hold.
    let held = [8, 4, 2, 1].into_iter().zip(t.words).map(|(d, n)| d * n);
    let all: u32 = held.clone().sum();
    let mean = |s: u32| held.clone().zip(DIMENSIONS).map(|(n, c)| n * (c >> s & 255)).sum::<u32>() / all;
    let channel = |s: u32| mean(s) << s;
    let dense = (512 * all / (t.w * t.h) as u32).clamp(48, 176);
    canvas.tint(area, channel(16) | channel(8) | channel(0), dense);
    canvas.corner(area, 0, 128);
    if t.escapes > 0 {
        canvas.tint(Area { x: area.x + 2, y: area.y + area.h - 5, w: 4, h: 4 }, ESCAPE, 256);
    }
    let text = t.index.to_string();
    let (w, h) = Letters::Tiny.size();
    if area.w > text.len() as i32 * w + 2 && area.h > h + 2 {
        canvas.text(&text, (area.x + 2, area.y + 2), Letters::Tiny, 0xffffff);
    }
}

fn bits(canvas: &mut Canvas, view: &View, b: &BlockView) {
    let area = view.area(b.x, b.y, b.w, b.h);
    let per_pixel = b.bits / (b.w * b.h) as f64;
    // From 0.0125, each colour stands for four times the bits of the one before.
    let heat = ((per_pixel / 0.0125).max(1.0).log2() / 2.0).clamp(0.0, 4.0);
    let scale = [0x000000, 0x3060ff, 0x30c060, 0xf0d020, 0xff2010];
    let (low, part) = (heat.floor() as usize, heat.fract());
    let (a, z) = (scale[low], scale[(low + 1).min(4)]);
    let channel = |s: u32| {
        let (a, z) = (f64::from(a >> s & 255), f64::from(z >> s & 255));
        ((a + (z - a) * part) as u32) << s
    };
    canvas.tint(area, channel(16) | channel(8) | channel(0), 144);
    canvas.corner(area, 0, 96);
}

/// What a frame is, in two lines.
pub fn describe(r: &FrameReport) -> [String; 2] {
    let of = |kind: &str| {
        let at = girih::inspect::SYNTAX.iter().position(|&k| k == kind);
        at.and_then(|i| r.bits.get(i)).map_or(0.0, |b| 100.0 * b / (8.0 * r.bytes.max(1) as f64))
    };
    let indices = of("residual indices") + of("signs") + of("escapes");
    [
        format!("{} frame, {} bits, quantiser {}, {} blocks", r.frame_type, 8 * r.bytes, r.qi, r.blocks),
        format!("{indices:.0} % vectors, {:.0} % motion, {:.0} % partition", of("motion"), of("partition")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_round() {
        let mut o = Overlay::default();
        for _ in 0..4 {
            assert_eq!(o == Overlay::Off, o.legend().is_none());
            o = o.next();
        }
        assert_eq!(o, Overlay::Off);
    }

    #[test]
    fn blocks_cover_the_picture_without_gaps() {
        let view = View { place: Place { x: 10, y: 3, width: 77, height: 51 }, size: (50, 34) };
        let (a, b) = (view.area(0, 0, 32, 32), view.area(32, 0, 32, 32));
        assert_eq!((a.x, a.y, a.x + a.w, b.x + b.w), (10, 3, b.x, 87));
        assert_eq!(view.area(32, 32, 32, 32).y + view.area(32, 32, 32, 32).h, 54);
    }
}
