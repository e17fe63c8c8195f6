//! The quantisers of a frame: one for its header, one for each 32x32 area.

use super::frame::lambda;
use super::gop::Planned;
use super::lookahead::Importance;

/// Side of the areas that may have a quantiser of their own (SPEC.md, "Quantiser change").
pub const AREA: usize = 32;

/// Quantiser indices of a frame and what a bit is worth at each.
#[derive(Clone, Debug)]
pub struct Quantisers {
    /// Index in the frame header.
    pub base: u8,
    /// Index of each area, row by row; an even distance from `base`.
    areas: Vec<u8>,
    columns: usize,
    factor: f32,
    bit_depth: u8,
}

/// crf steps that a doubling of importance is worth: the step that halves lambda, a little less as estimates err.
const IMPORTANCE_GAIN: f32 = 2.75;

impl Quantisers {
    /// Quantisers from the constant quality asked for, the frame's importance (or, where that is not known, its place in
    /// the pyramid), and what to add in each area.
    pub fn of(
        (crf, bit_depth): (f32, u8),
        p: Planned,
        (w, h): (usize, usize),
        importance: Option<&Importance>,
        offsets: &[f32],
    ) -> Self {
        let (offset, factor) = match (p.key, p.layer) {
            (true, _) => (-3.5, 0.085),
            (_, 0) => (0.0, 0.11),
            (_, 1) => (2.0, 0.12),
            (_, 2) => (3.5, 0.128),
            _ => (4.5, 0.136),
        };
        let (columns, rows) = (w.div_ceil(AREA), h.div_ceil(AREA));
        let quality = |log: f32| crf + 4.5 - IMPORTANCE_GAIN * log;
        let frame = importance.map_or(crf + offset, |map| quality(map.mean(0, 0, w, h)));
        let base = (frame * 4.0).round().clamp(0.0, 255.0) as u8;
        let least = i32::from(base & 1);
        let area = |i: usize| {
            let (x, y) = (i % columns * AREA, i / columns * AREA);
            let own = importance.map_or(frame, |map| quality(map.mean(x, y, AREA, AREA)));
            let own = own + offsets.get(i).copied().unwrap_or(0.0);
            let steps = (own * 4.0 - f32::from(base)) / 2.0;
            (i32::from(base) + 2 * steps.round() as i32).clamp(least, 254 + least) as u8
        };
        Quantisers { base, areas: (0..columns * rows).map(area).collect(), columns, factor, bit_depth }
    }

    /// Whether any area differs from the frame.
    pub fn vary(&self) -> bool {
        self.areas.iter().any(|&a| a != self.base)
    }

    /// Index for a block: of its area, or the mean of those it covers.
    pub fn index(&self, x: usize, y: usize, w: usize, h: usize) -> u8 {
        let rows = self.areas.len() / self.columns;
        let (mut sum, mut n) = (0, 0);
        for r in y / AREA..(y + h).div_ceil(AREA).min(rows) {
            for c in x / AREA..(x + w).div_ceil(AREA).min(self.columns) {
                sum += (i32::from(self.areas[r * self.columns + c]) - i32::from(self.base)) / 2;
                n += 1;
            }
        }
        (i32::from(self.base) + 2 * (sum / n.max(1))) as u8
    }

    /// Cost of a bit in squared error at an index.
    pub fn lambda(&self, qi: u8) -> f32 {
        lambda(qi, self.bit_depth, self.factor)
    }
}
