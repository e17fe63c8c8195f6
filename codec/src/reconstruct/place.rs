//! Which samples around a transform block are decoded when its turn comes.

use crate::syntax::available;

/// A transform block and the block it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Luma size of the coded picture.
    pub frame: (usize, usize),
    /// x, y, width, height of the block in luma samples.
    pub block: (usize, usize, usize, usize),
    /// Position and size of the transform block in samples of its plane.
    pub x: usize,
    pub y: usize,
    pub w: usize,
    pub h: usize,
    /// Subsampling of the plane.
    pub shift: usize,
}

impl Place {
    /// Decoded samples beyond the first `from`, along a line of which `ok` tells each 4-sample unit.
    fn extent(total: usize, from: usize, ok: impl Fn(usize) -> bool) -> usize {
        let mut n = from;
        while n < total && ok(n) {
            n += 4;
        }
        n.min(total)
    }

    /// Decoded samples in the row above, counted from x.
    pub fn above(&self) -> usize {
        if self.y == 0 {
            return 0;
        }
        let (bx, by, bw, _) = self.block;
        let cy = (self.y - 1) << self.shift;
        Self::extent(self.w + self.h, self.w, |n| {
            let cx = (self.x + n) << self.shift;
            if cy >= by {
                return cx < bx + bw;
            }
            available(self.frame, self.block, cx as isize, cy as isize)
        })
    }

    /// Decoded samples in the column to the left, counted from y.
    pub fn left(&self) -> usize {
        if self.x == 0 {
            return 0;
        }
        let (bx, by, _, bh) = self.block;
        let cx = (self.x - 1) << self.shift;
        Self::extent(self.w + self.h, self.h, |n| {
            let cy = (self.y + n) << self.shift;
            if cx >= bx {
                return false;
            }
            cy < by + bh || available(self.frame, self.block, cx as isize, cy as isize)
        })
    }
}
