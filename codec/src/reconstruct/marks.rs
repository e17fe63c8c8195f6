//! Where the deblocking filter finds edges (SPEC.md, "Deblocking").

use crate::filter::deblock::EdgeMap;
use crate::syntax::{Block, Cell, FrameContext, Superblock, TxBlock, for_each_tx};

/// Collects the edges of a frame block by block, in coding order, each block once.
pub struct EdgeMarks {
    pub map: EdgeMap,
    /// Units whose luma transform block has a residual.
    coded: Vec<bool>,
}

impl EdgeMarks {
    pub fn new((width, height): (usize, usize)) -> Self {
        let map = EdgeMap::new(width, height);
        EdgeMarks { coded: vec![false; map.vert.len()], map }
    }

    /// Enters all blocks of a superblock.
    pub fn mark_superblock(&mut self, f: &FrameContext, sb: &Superblock) {
        let mut next = 0;
        for b in &sb.blocks {
            let mut n = 0;
            if b.residual {
                for_each_tx(b, f.chroma, |_| n += 1);
            }
            self.mark(f, b, &sb.res.tx[next..next + n]);
            next += n;
        }
    }

    /// Enters a block whose neighbours to the left and above are already entered.
    /// `tx` are its transform blocks, luma first (empty without residual).
    fn mark(&mut self, f: &FrameContext, b: &Block, tx: &[TxBlock]) {
        if !b.residual {
            self.unit_area(f, b, (b.x.into(), b.y.into(), b.lw.into(), b.lh.into()), false);
            return;
        }
        let mut i = 0;
        for_each_tx(b, f.chroma, |t| {
            if t.plane == 0 {
                self.unit_area(f, b, (t.x, t.y, t.lw, t.lh), tx[i].coded);
            }
            i += 1;
        });
    }

    fn unit_area(
        &mut self,
        f: &FrameContext,
        b: &Block,
        (x, y, lw, lh): (usize, usize, usize, usize),
        coded: bool,
    ) {
        let (ux, uy, n, m) = (x >> 2, y >> 2, 1 << lw >> 2, 1 << lh >> 2);
        let stride = self.map.stride;
        let at_left = x == usize::from(b.x);
        let at_top = y == usize::from(b.y);
        for row in uy..uy + m {
            let line = row * stride + ux..row * stride + ux + n;
            fill(&mut self.coded[line.clone()], coded);
            fill(&mut self.map.step[line.clone()], b.qi);
            fill(&mut self.map.size_v[line.clone()], lw as u8);
            fill(&mut self.map.size_h[line.clone()], lh as u8);
            if x > 0 {
                let u = line.start;
                let other = at_left.then(|| f.cells.at(x - 1, row * 4));
                self.map.vert[u] = strength(b, other, coded || self.coded[u - 1]);
            }
        }
        if y > 0 {
            let above = (uy - 1) * stride + ux;
            for i in 0..n {
                let other = at_top.then(|| f.cells.at(x + 4 * i, y - 1));
                self.map.horz[above + stride + i] = strength(b, other, coded || self.coded[above + i]);
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

/// 2 next to intra blocks, 1 with a residual on either side or where the motion differs, else 0.
/// `other` is the neighbouring block's cell, `None` inside a block.
fn strength(b: &Block, other: Option<&Cell>, coded: bool) -> u8 {
    if !b.inter || other.is_some_and(|o| !o.inter) {
        return 2;
    }
    u8::from(coded || other.is_some_and(|o| motion_differs(b, o)))
}

fn motion_differs(b: &Block, o: &Cell) -> bool {
    b.refs != o.refs
        || (0..2).any(|i| {
            b.refs[i] >= 0 && (b.mv[i].x.abs_diff(o.mv[i].x) >= 8 || b.mv[i].y.abs_diff(o.mv[i].y) >= 8)
        })
}
