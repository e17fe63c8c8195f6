//! What is remembered of decoded blocks: one cell for each 8x8 luma samples.

use crate::predict::inter::{Balance, Mv};
use std::ops::Range;
use std::sync::Arc;

/// Prediction and residual facts of the block that covers 8x8 luma samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub inter: bool,
    pub skip: bool,
    /// Whether luma has a palette.
    pub palette: bool,
    /// Luma mode of an intra block (the last of four).
    pub mode: u8,
    /// log2 of the block's width and height.
    pub lw: u8,
    pub lh: u8,
    /// Reference indices, -1 for none; and their motion vectors.
    pub refs: [i8; 2],
    pub mv: [Mv; 2],
    pub balance: Balance,
}

impl Default for Cell {
    fn default() -> Self {
        Cell {
            inter: false,
            skip: false,
            palette: false,
            mode: crate::predict::intra::DC,
            lw: 6,
            lh: 6,
            refs: [-1; 2],
            mv: [Mv::default(); 2],
            balance: Balance::Even,
        }
    }
}

/// The cells of a frame.
#[derive(Clone, Debug, Default)]
pub struct CellGrid {
    /// Cells per row and column.
    pub width: usize,
    pub height: usize,
    cells: Vec<Cell>,
}

impl CellGrid {
    /// A blank grid for a luma plane of `width` x `height` samples.
    pub fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.div_ceil(8), height.div_ceil(8));
        CellGrid { width, height, cells: vec![Cell::default(); width * height] }
    }

    /// The cell that holds luma sample (x, y), which must lie inside the picture.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> &Cell {
        &self.cells[(y >> 3) * self.width + (x >> 3)]
    }

    /// All cells in raster order.
    pub fn iter(&self) -> std::slice::Iter<'_, Cell> {
        self.cells.iter()
    }

    /// The cell to the left of luma sample (x, y), if there is one.
    #[inline]
    pub fn left(&self, x: usize, y: usize) -> Option<&Cell> {
        (x > 0).then(|| self.at(x - 1, y))
    }

    /// The cell above luma sample (x, y), if there is one.
    #[inline]
    pub fn above(&self, x: usize, y: usize) -> Option<&Cell> {
        (y > 0).then(|| self.at(x, y - 1))
    }

    /// Takes over the cells of an area (in luma samples, multiples of 8) from a grid of the same size.
    pub fn copy_area(&mut self, from: &CellGrid, x: Range<usize>, y: Range<usize>) {
        let (x0, x1) = (x.start >> 3, (x.end >> 3).min(self.width));
        for row in y.start >> 3..(y.end >> 3).min(self.height) {
            if x0 < x1 {
                let line = row * self.width + x0..row * self.width + x1;
                self.cells[line.clone()].copy_from_slice(&from.cells[line]);
            }
        }
    }

    /// Writes the cells of a block of `w` x `h` luma samples at (x, y).
    pub fn fill(&mut self, x: usize, y: usize, w: usize, h: usize, cell: Cell) {
        let x1 = ((x + w) >> 3).min(self.width);
        for row in (y >> 3)..((y + h) >> 3).min(self.height) {
            self.cells[row * self.width + (x >> 3)..row * self.width + x1].fill(cell);
        }
    }
}

/// The motion of a decoded frame, for temporal prediction.
#[derive(Clone, Debug)]
pub struct MotionField {
    pub grid: Arc<CellGrid>,
    /// Display order of the frame and of its references.
    pub order: i32,
    pub refs: [i32; 4],
}

/// Bits of x and y interleaved: the coding order of 8x8 cells in a superblock.
#[inline]
fn z_order(x: usize, y: usize) -> usize {
    const SPREAD: [u8; 8] = [0, 1, 4, 5, 16, 17, 20, 21];
    usize::from(SPREAD[x & 7]) | usize::from(SPREAD[y & 7]) << 1
}

/// Whether the cell of luma sample (cx, cy) is decoded before the block of `w` x `h` at (x, y).
/// `width` and `height` are those of the coded luma plane.
#[inline]
pub fn available(
    (width, height): (usize, usize),
    (x, y, w, h): (usize, usize, usize, usize),
    cx: isize,
    cy: isize,
) -> bool {
    if cx < 0 || cy < 0 || cx as usize >= width || cy as usize >= height {
        return false;
    }
    let (cx, cy) = (cx as usize, cy as usize);
    // Directly above, directly to the left, and the corner between them.
    if cy < y && cx < x + w || cx < x && cy < y + h {
        return true;
    }
    let (sx, sy) = (x >> 6, y >> 6);
    let (csx, csy) = (cx >> 6, cy >> 6);
    if (csx, csy) != (sx, sy) {
        return csy < sy && csx <= sx + 1 || csy == sy && csx < sx;
    }
    z_order(cx >> 3 & 7, cy >> 3 & 7) < z_order(x >> 3 & 7, y >> 3 & 7)
}
