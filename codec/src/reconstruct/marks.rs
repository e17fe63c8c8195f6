//! Where the deblocking filter finds edges (SPEC.md, "Deblocking").

use crate::filter::deblock::{EdgeMap, Unit};
use crate::picture::ChromaFormat;
use crate::syntax::{Block, Cell, CellGrid, Superblock, for_each_tx};

/// Collects the edges of a frame block by block, in coding order, each block once.
pub struct EdgeMarks {
    pub map: EdgeMap,
}

impl EdgeMarks {
    pub fn new((width, height): (usize, usize)) -> Self {
        EdgeMarks { map: EdgeMap::new(width, height) }
    }

    /// Enters all blocks of a superblock.
    pub fn mark_superblock(&mut self, cells: &CellGrid, chroma: ChromaFormat, sb: &Superblock) {
        let mut tx = sb.res.tx.iter();
        for b in &sb.blocks {
            if !b.residual {
                self.unit_area(cells, b, (b.x.into(), b.y.into(), b.lw.into(), b.lh.into()), false);
                continue;
            }
            for_each_tx(b, chroma, |t| {
                let coded = tx.next().is_some_and(|tx| tx.coded);
                if t.plane == 0 {
                    self.unit_area(cells, b, (t.x, t.y, t.lw, t.lh), coded);
                }
            });
        }
    }

    /// Enters the units of a luma transform block, or of a block without residual, whose neighbours to the left and
    /// above are already entered.
    fn unit_area(
        &mut self,
        cells: &CellGrid,
        b: &Block,
        (x, y, lw, lh): (usize, usize, usize, usize),
        coded: bool,
    ) {
        let (ux, uy, n, m) = (x >> 2, y >> 2, 1 << lw >> 2, 1 << lh >> 2);
        let stride = self.map.stride;
        let EdgeMap { vert, horz, units, .. } = &mut self.map;
        let unit = Unit { size_v: lw as u8, size_h: lh as u8, step: b.qi, coded };
        let at_left = x == usize::from(b.x);
        let at_top = y == usize::from(b.y);
        // Two units share a cell of the neighbour.
        let mut edge = 0;
        for i in 0..m {
            let u = (uy + i) * stride + ux;
            fill(&mut units[u..u + n], unit);
            if x > 0 {
                if i == 0 || at_left && i % 2 == 0 {
                    edge = strength(b, at_left.then(|| cells.at(x - 1, y + 4 * i)));
                }
                vert[u] = edge.max(u8::from(coded || units[u - 1].coded));
            }
        }
        if y > 0 {
            let (row, above) = (uy * stride + ux, (uy - 1) * stride + ux);
            for i in 0..n {
                if i == 0 || at_top && i % 2 == 0 {
                    edge = strength(b, at_top.then(|| cells.at(x + 4 * i, y - 1)));
                }
                horz[row + i] = edge.max(u8::from(coded || units[above + i].coded));
            }
        }
    }
}

/// Fills a run of units. Most are short: lengths known to the compiler spare a call.
#[inline]
fn fill<T: Copy>(run: &mut [T], value: T) {
    match run.len() {
        1 => run[0] = value,
        2 => run.copy_from_slice(&[value; 2]),
        4 => run.copy_from_slice(&[value; 4]),
        8 => run.copy_from_slice(&[value; 8]),
        _ => run.fill(value),
    }
}

/// 2 next to intra blocks, 1 where the motion differs (or with a residual on either side, which is not known here),
/// else 0. `other` is the neighbouring block's cell, `None` inside a block.
fn strength(b: &Block, other: Option<&Cell>) -> u8 {
    if !b.inter || other.is_some_and(|o| !o.inter) {
        return 2;
    }
    u8::from(other.is_some_and(|o| motion_differs(b, o)))
}

/// Other references, or a vector that differs by a sample or more. Where there is no second one, both are zero.
fn motion_differs(b: &Block, o: &Cell) -> bool {
    let far = |a: i16, b: i16| a.wrapping_sub(b).wrapping_add(7) as u16 > 14;
    let ([a0, a1], [b0, b1]) = (b.mv, o.mv);
    (b.refs != o.refs) | far(a0.x, b0.x) | far(a0.y, b0.y) | far(a1.x, b1.x) | far(a1.y, b1.y)
}
