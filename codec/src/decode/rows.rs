//! What is done with one row of superblocks.

use crate::entropy::SymbolCoder;
use crate::filter::band::Band;
use crate::picture::{ChromaFormat, Picture, Sample};
use crate::predict::inter::{Motion, Rect};
use crate::reconstruct::{Canvas, EdgeMarks, Reconstructor};
use crate::syntax::{
    Block, FrameContext, SUPERBLOCK, Superblock, TxBlock, TxPlace, code_superblock, for_each_tx,
};
use std::sync::Arc;

/// Parses the superblocks from luma row `y` on.
pub fn parse_row(
    c: &mut impl SymbolCoder,
    f: &mut FrameContext,
    y: usize,
    row: &mut [Superblock],
    marks: &mut EdgeMarks,
) {
    f.start_row();
    for (i, sb) in row.iter_mut().enumerate() {
        sb.clear();
        code_superblock(c, f, sb, i * SUPERBLOCK, y);
        marks.mark_superblock(&f.cells, f.chroma, sb);
    }
}

/// Reconstructs the inter blocks of a parsed row.
pub fn inter_row<T: Sample>(
    r: &mut Reconstructor,
    band: &mut Band<T>,
    refs: &[Arc<Picture<T>>],
    row: &[Superblock],
    chroma: ChromaFormat,
) {
    let mut areas = Vec::new();
    for sb in row {
        same_motion(&sb.blocks, &mut areas);
        for (motion, area) in areas.drain(..) {
            r.predict_area(band, refs, &motion, area, 0..chroma.planes());
        }
        let mut tx = sb.res.tx.iter();
        for b in &sb.blocks {
            if b.residual {
                for_each_tx(b, chroma, |t| {
                    if let Some(tx) = tx.next().filter(|_| b.inter) {
                        add_residual(r, band, sb, b, t, tx);
                    }
                });
            }
        }
    }
}

/// Lists the luma areas of the inter blocks of a superblock. Neighbours in coding order that move alike are one area, as
/// large ones are predicted faster.
fn same_motion(blocks: &[Block], areas: &mut Vec<(Motion, Rect)>) {
    for b in blocks.iter().filter(|b| b.inter) {
        areas.push((b.motion(), Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() }));
        while let [.., (before, a), (motion, b)] = &mut areas[..]
            && before == motion
        {
            if (a.y, a.h) == (b.y, b.h) && a.x + a.w == b.x {
                a.w += b.w;
            } else if (a.x, a.w) == (b.x, b.w) && a.y + a.h == b.y {
                a.h += b.h;
            } else {
                break;
            }
            areas.pop();
        }
    }
}

/// Reconstructs the intra blocks of a parsed row; the inter blocks around them are there.
pub fn intra_row(r: &mut Reconstructor, picture: &mut Picture<impl Sample>, row: &[Superblock]) {
    let chroma = picture.format.chroma;
    for sb in row.iter().filter(|sb| sb.blocks.iter().any(|b| !b.inter)) {
        let mut tx = sb.res.tx.iter();
        for b in sb.blocks.iter().filter(|b| b.residual) {
            for_each_tx(b, chroma, |t| {
                if let Some(tx) = tx.next().filter(|_| !b.inter) {
                    r.predict_intra(picture, b, t, &sb.res.tokens);
                    add_residual(r, picture, sb, b, t, tx);
                }
            });
        }
    }
}

fn add_residual(
    r: &mut Reconstructor,
    canvas: &mut impl Canvas,
    sb: &Superblock,
    b: &Block,
    t: TxPlace,
    tx: &TxBlock,
) {
    if tx.coded {
        let values = (&sb.res.coeffs[tx.coeffs as usize..], tx.nz_w.into());
        r.add_residual(canvas, t, tx, r.step(t.plane, b.qi), values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::inter::Mv;

    #[test]
    fn neighbours_that_move_alike_are_one_area() {
        let block = |x, y, log, mv| {
            let motion = Motion::single(0, Mv { x: mv, y: 0 });
            Block { x, y, lw: log, lh: log, inter: mv >= 0, ..Block::default() }.moving(motion)
        };
        let blocks = [
            block(0, 0, 3, 5),
            block(8, 0, 3, 5),
            block(0, 8, 3, 5),
            block(8, 8, 3, 5),
            block(16, 0, 4, 5),
            // Another motion, an intra block, and what these keep apart.
            block(0, 16, 4, 6),
            block(16, 16, 4, -1),
            block(32, 0, 5, 5),
        ];
        let mut areas = Vec::new();
        same_motion(&blocks, &mut areas);
        let found: Vec<_> = areas.iter().map(|(m, r)| (m.mv[0].x, r.x, r.y, r.w, r.h)).collect();
        assert_eq!(found, [(5, 0, 0, 32, 16), (6, 0, 16, 16, 16), (5, 32, 0, 32, 32)]);
    }
}
