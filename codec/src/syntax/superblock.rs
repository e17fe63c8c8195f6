//! Superblocks: the recursive partition (SPEC.md, "Partition").

use super::block::{Block, FrameContext, Residuals, code_block};
use super::layout;
use crate::entropy::SymbolCoder;

/// Side of a superblock in luma samples.
pub const SUPERBLOCK: usize = 64;

/// How a square is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Partition {
    None,
    /// Two halves, one above the other.
    Horizontal,
    /// Two halves side by side.
    Vertical,
    Split,
}

impl Partition {
    pub const ALL: [Partition; 4] =
        [Partition::None, Partition::Horizontal, Partition::Vertical, Partition::Split];
}

/// Everything coded for one superblock, in coding order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Superblock {
    /// Number of the dering strength.
    pub cdef: u8,
    /// Adaptive loop filter on, by plane.
    pub alf: [bool; 3],
    pub partitions: Vec<u8>,
    pub blocks: Vec<Block>,
    pub res: Residuals,
}

impl Superblock {
    /// The adaptive loop filter's flags, bit p for plane p.
    pub fn alf_bits(&self) -> u8 {
        (0..3).map(|p| u8::from(self.alf[p]) << p).sum()
    }

    pub fn clear(&mut self) {
        self.partitions.clear();
        self.blocks.clear();
        self.res.clear();
    }
}

/// Codes the superblock at luma position (x, y).
pub fn code_superblock<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    sb: &mut Superblock,
    x: usize,
    y: usize,
) {
    sb.cdef = if f.cdef_choices > 1 {
        c.symbol(&mut f.ctx[layout::CDEF.at(0)], sb.cdef.into()).min(f.cdef_choices - 1) as u8
    } else {
        0
    };
    for p in 0..3 {
        sb.alf[p] = f.alf[p] && c.flag(&mut f.ctx[layout::ALF.at(p)], sb.alf[p]);
    }
    let mut walk = Walk { sb, partition: 0, block: 0, next: (0, 0) };
    walk.node(c, f, x, y, 6);
}

/// Which partitions the picture's edge leaves for a square of side `1 << size` at (x, y): those whose blocks lie
/// wholly inside or wholly outside.
pub fn allowed(f: &FrameContext, x: usize, y: usize, size: usize) -> [bool; 4] {
    let side = 1 << size;
    let (right, below) = (x + side <= f.size.0, y + side <= f.size.1);
    let half = side / 2;
    [
        right && below,
        size > 3 && right && (below || y + half == f.size.1),
        size > 3 && below && (right || x + half == f.size.0),
        size > 3,
    ]
}

/// Codes how a square is divided.
pub fn code_partition<C: SymbolCoder>(
    c: &mut C,
    f: &mut FrameContext,
    x: usize,
    y: usize,
    size: usize,
    p: Partition,
) -> Partition {
    let ok = allowed(f, x, y, size);
    if size == 3 {
        return Partition::None;
    }
    if !ok[0] {
        // A half that lies outside is dropped; where an edge cuts through a half only the split remains.
        let half = match (ok[1], ok[2]) {
            (true, _) => Partition::Horizontal,
            (_, true) => Partition::Vertical,
            _ => return Partition::Split,
        };
        let split = c.flag(&mut f.ctx[layout::PARTITION_EDGE.at(size - 4)], p == Partition::Split);
        return if split { Partition::Split } else { half };
    }
    let deeper = |cell: Option<&super::Cell>, side: fn(&super::Cell) -> u8| {
        usize::from(cell.is_some_and(|c| usize::from(side(c)) < size))
    };
    let at =
        (size - 4) * 4 + deeper(f.cells.left(x, y), |c| c.lh) + 2 * deeper(f.cells.above(x, y), |c| c.lw);
    Partition::ALL[c.symbol(&mut f.ctx[layout::PARTITION.at(at)], p as usize)]
}

/// Positions and log2 sizes of the blocks of an unsplit partition; those outside the picture are left out by `visit`.
pub fn halves(p: Partition, x: usize, y: usize, size: usize) -> ([(usize, usize); 2], usize, usize, usize) {
    let half = 1 << size >> 1;
    match p {
        Partition::Horizontal => ([(x, y), (x, y + half)], 2, size, size - 1),
        Partition::Vertical => ([(x, y), (x + half, y)], 2, size - 1, size),
        _ => ([(x, y); 2], 1, size, size),
    }
}

struct Walk<'a> {
    sb: &'a mut Superblock,
    partition: usize,
    block: usize,
    next: (usize, usize),
}

impl Walk<'_> {
    fn node<C: SymbolCoder>(&mut self, c: &mut C, f: &mut FrameContext, x: usize, y: usize, size: usize) {
        if x >= f.size.0 || y >= f.size.1 {
            return;
        }
        let given = if C::DECODES { 0 } else { self.sb.partitions[self.partition] };
        let p = code_partition(c, f, x, y, size, Partition::ALL[usize::from(given)]);
        if C::DECODES {
            self.sb.partitions.push(p as u8);
        }
        self.partition += 1;
        if p == Partition::Split {
            let half = 1 << size >> 1;
            for (dx, dy) in [(0, 0), (half, 0), (0, half), (half, half)] {
                self.node(c, f, x + dx, y + dy, size - 1);
            }
            return;
        }
        let (places, n, lw, lh) = halves(p, x, y, size);
        for &(bx, by) in &places[..n] {
            if bx >= f.size.0 || by >= f.size.1 {
                continue;
            }
            if C::DECODES {
                let b = Block { x: bx as u16, y: by as u16, lw: lw as u8, lh: lh as u8, ..Block::default() };
                self.sb.blocks.push(b);
            }
            c.block();
            let Superblock { blocks, res, .. } = &mut *self.sb;
            code_block(c, f, &mut blocks[self.block], res, &mut self.next);
            self.block += 1;
        }
    }
}
