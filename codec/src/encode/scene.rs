//! Scene cuts, found on a quarter-size luma picture.

use crate::picture::{Plane, Sample};

/// Side of the blocks that are compared, in reduced samples.
const BLOCK: usize = 8;
/// Reduction of the picture.
const SCALE: usize = 4;

/// Compares each picture with the one before.
#[derive(Default)]
pub struct SceneDetector {
    last: Option<Small>,
    /// Pictures since the last cut.
    since: u32,
}

struct Small {
    w: usize,
    h: usize,
    data: Vec<u16>,
}

impl Small {
    fn of(p: &Plane<impl Sample>) -> Self {
        let (w, h) = (p.width() / SCALE, p.height() / SCALE);
        let mut data = Vec::with_capacity(w * h);
        let mut sums = vec![0u16; w * SCALE];
        for y in 0..h {
            // At most 16 samples of 12 bits.
            sums.fill(0);
            for r in 0..SCALE {
                sums.iter_mut().zip(p.row(y * SCALE + r)).for_each(|(sum, &v)| *sum += Into::<u16>::into(v));
            }
            let (fours, _) = sums.as_chunks::<SCALE>();
            data.extend(fours.iter().map(|four| four.iter().sum::<u16>() / (SCALE * SCALE) as u16));
        }
        Small { w, h, data }
    }

    fn sad(
        &self,
        o: &Small,
        (x, y): (usize, usize),
        (ox, oy): (usize, usize),
        (w, h): (usize, usize),
    ) -> u32 {
        (0..h)
            .map(|r| {
                let a = &self.data[(y + r) * self.w + x..][..w];
                let b = &o.data[(oy + r) * o.w + ox..][..w];
                a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum::<u32>()
            })
            .sum()
    }

    /// Sum of differences of a block from its mean.
    fn activity(&self, x: usize, y: usize, w: usize, h: usize) -> u32 {
        let at = |r: usize| &self.data[(y + r) * self.w + x..][..w];
        let sum: u32 = (0..h).flat_map(|r| at(r).iter().map(|&v| u32::from(v))).sum();
        let mean = (sum / (w * h) as u32) as u16;
        (0..h).flat_map(|r| at(r).iter().map(|&v| u32::from(v.abs_diff(mean)))).sum()
    }
}

impl SceneDetector {
    /// Whether a new scene starts with this picture.
    pub fn is_cut(&mut self, luma: &Plane<impl Sample>) -> bool {
        let now = Small::of(luma);
        let cut = self.last.as_ref().is_some_and(|last| self.since > 4 && differs(last, &now));
        self.since = if cut { 0 } else { self.since + 1 };
        self.last = Some(now);
        cut
    }
}

/// Prediction from `last` with a small motion search is no better than the blocks' own means.
fn differs(last: &Small, now: &Small) -> bool {
    // Without the search first: it could only find less.
    leaves_much(last, now, &[]) && leaves_much(last, now, &[4, 2, 1])
}

/// The same with a search of so many steps.
fn leaves_much(last: &Small, now: &Small, steps: &[isize]) -> bool {
    let (mut inter, mut intra) = (0u64, 0u64);
    for y in (0..now.h).step_by(BLOCK) {
        for x in (0..now.w).step_by(BLOCK) {
            let (w, h) = (BLOCK.min(now.w - x), BLOCK.min(now.h - y));
            let own = now.activity(x, y, w, h);
            let mut best = now.sad(last, (x, y), (x, y), (w, h));
            let (mut cx, mut cy) = (x as isize, y as isize);
            for step in steps {
                let (bx, by) = (cx, cy);
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
                    let (px, py) = (bx + dx * step, by + dy * step);
                    if px < 0 || py < 0 || px as usize + w > last.w || py as usize + h > last.h {
                        continue;
                    }
                    let s = now.sad(last, (x, y), (px as usize, py as usize), (w, h));
                    if s < best {
                        (best, cx, cy) = (s, px, py);
                    }
                }
            }
            inter += u64::from(best.min(own + (w * h) as u32));
            intra += u64::from(own + (w * h / 4) as u32);
        }
    }
    inter * 10 > intra * 8
}
