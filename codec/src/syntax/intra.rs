//! Intra modes: numbering, likely modes, and their syntax (SPEC.md, "Intra modes").

use super::cells::CellGrid;
use super::layout::{self, Contexts};
use crate::entropy::SymbolCoder;
use crate::predict::intra::{DC, FIRST_ANGLE, INTRA_MODES, PLANAR, VERTICAL};

/// The three modes that are likely given the modes to the left and above.
pub fn likely_modes(left: u8, above: u8) -> [u8; 3] {
    let turn = |m: u8, by: i16| FIRST_ANGLE + (i16::from(m - FIRST_ANGLE) + by).rem_euclid(33) as u8;
    if left != above {
        let third = [PLANAR, DC, VERTICAL].into_iter().find(|&m| m != left && m != above);
        return [left, above, third.unwrap_or(PLANAR)];
    }
    if left < FIRST_ANGLE {
        let rest =
            if left == PLANAR { [DC, VERTICAL] } else { [PLANAR, if left == DC { VERTICAL } else { DC }] };
        return [left, rest[0], rest[1]];
    }
    [left, turn(left, -1), turn(left, 1)]
}

/// Modes to the left and above of luma sample (x, y); DC where there is none.
pub fn neighbour_modes(cells: &CellGrid, x: usize, y: usize) -> (u8, u8) {
    let mode = |c: Option<&super::Cell>| c.filter(|c| !c.inter).map_or(DC, |c| c.mode);
    (mode(cells.left(x, y)), mode(cells.above(x, y)))
}

/// Codes one luma mode.
pub fn code_luma_mode<C: SymbolCoder>(c: &mut C, ctx: &mut Contexts, left: u8, above: u8, mode: u8) -> u8 {
    let likely = likely_modes(left, above);
    let class = usize::from(left >= FIRST_ANGLE) + usize::from(above >= FIRST_ANGLE);
    let hit = likely.iter().position(|&m| m == mode).unwrap_or(3);
    let hit = c.symbol(&mut ctx[layout::INTRA_LIKELY.at(class)], hit);
    if hit < 3 {
        return likely[hit];
    }
    let mut sorted = likely;
    sorted.sort_unstable();
    let rank = mode.wrapping_sub(sorted.iter().filter(|&&m| m < mode).count() as u8);
    let bucket = c.symbol(&mut ctx[layout::INTRA_BUCKET.at(0)], usize::from(rank / 4).min(8));
    let rest = c.symbol(&mut ctx[layout::INTRA_REST.at(bucket)], usize::from(rank % 4));
    let mut m = (bucket * 4 + rest) as u8;
    for s in sorted {
        m += u8::from(m >= s);
    }
    m.min(INTRA_MODES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::{RangeDecoder, RangeEncoder};

    #[test]
    fn every_mode_survives() {
        for left in 0..INTRA_MODES {
            for above in 0..INTRA_MODES {
                let l = likely_modes(left, above);
                assert!(l[0] != l[1] && l[0] != l[2] && l[1] != l[2], "{left} {above} {l:?}");
                let (mut e, mut ctx) = (RangeEncoder::new(), Contexts::uniform());
                for m in 0..INTRA_MODES {
                    code_luma_mode(&mut e, &mut ctx, left, above, m);
                }
                let bytes = e.finish();
                let (mut d, mut ctx) = (RangeDecoder::new(&bytes), Contexts::uniform());
                for m in 0..INTRA_MODES {
                    assert_eq!(code_luma_mode(&mut d, &mut ctx, left, above, 0), m);
                }
            }
        }
    }
}
