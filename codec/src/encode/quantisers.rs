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
    /// Quantisers from the constant quality asked for and the importance of the frame, or, where that is not known,
    /// its place in the pyramid.
    pub fn of(
        crf: f32,
        bit_depth: u8,
        p: Planned,
        (w, h): (usize, usize),
        importance: Option<&Importance>,
    ) -> Self {
        let (offset, factor) = match (p.key, p.layer) {
            (true, _) => (-3.5, 0.085),
            (_, 0) => (0.0, 0.11),
            (_, 1) => (2.0, 0.12),
            (_, 2) => (3.5, 0.128),
            _ => (4.5, 0.136),
        };
        let (columns, rows) = (w.div_ceil(AREA), h.div_ceil(AREA));
        let index = |q: f32| (q * 4.0).round().clamp(0.0, 255.0) as u8;
        let mut q = Quantisers { base: 0, areas: vec![], columns, factor, bit_depth };
        let Some(map) = importance else {
            q.base = index(crf + offset);
            q.areas = vec![q.base; columns * rows];
            return q;
        };
        let at = |log: f32| crf + 4.5 - IMPORTANCE_GAIN * log;
        q.base = index(at(map.mean(0, 0, w, h)));
        let least = i32::from(q.base & 1);
        for i in 0..columns * rows {
            let log = map.mean(i % columns * AREA, i / columns * AREA, AREA, AREA);
            let steps = (at(log) * 4.0 - f32::from(q.base)) / 2.0;
            q.areas.push((i32::from(q.base) + 2 * steps.round() as i32).clamp(least, 254 + least) as u8);
        }
        q
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
