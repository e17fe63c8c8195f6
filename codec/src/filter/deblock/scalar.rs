//! The whole pass, edge by edge and sample by sample: what the vectors are tested against.

use super::luma::{Segment, filter_long, filter_segment, reach};
use super::thresholds::Table;
use super::place::{Place, has_eight};
use super::{EdgeMap, Pass, chroma};
use crate::picture::Plane;
use std::ops::Range;

pub fn luma_rows(plane: &mut Plane, map: &EdgeMap, rows: Range<usize>, pass: Pass, table: &Table, max: i32) {
    let (units, unit_rows) = (map.stride.min(plane.width() / 4), map.rows.min(plane.height() / 4));
    let (first_x, first_y) = if pass == Pass::Vertical { (1, 0) } else { (0, 1) };
    for uy in rows.start.max(first_y)..rows.end.min(unit_rows) {
        for ux in first_x..units {
            let e = map.edge(pass, uy * map.stride + ux);
            if e.strength == 0 {
                continue;
            }
            let t = table.get(e.step.0, e.step.1, e.strength);
            let (reach_p, reach_q) = reach(e.size.0, e.size.1);
            let place = Place::new(plane, pass, 4 * ux, 4 * uy);
            if reach_p == 7 && has_eight(plane, pass, 4 * ux, 4 * uy) {
                let mut lines = place.load::<16>(plane.data());
                if filter_long(&mut lines, t) {
                    place.store(plane.data_mut(), &lines, max);
                    continue;
                }
            }
            let mut lines = place.load::<8>(plane.data());
            if filter_segment(&mut lines, Segment { t, reach_p, reach_q }) {
                place.store(plane.data_mut(), &lines, max);
            }
        }
    }
}

/// Chroma edges lie on a grid of 8 chroma samples; only those of strength 2 are filtered.
pub fn chroma_rows(
    plane: &mut Plane,
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    shift: usize,
    table: &Table,
    max: i32,
) {
    let side = 4 >> shift; // chroma samples per luma unit
    let (units, unit_rows) = (map.stride.min(plane.width() / side), map.rows.min(plane.height() / side));
    let grid = 8 / side;
    let (step_x, step_y) = if pass == Pass::Vertical { (grid, 1) } else { (1, grid) };
    let first_y =
        if pass == Pass::Vertical { rows.start } else { rows.start.next_multiple_of(grid).max(grid) };
    let first_x = if pass == Pass::Vertical { grid } else { 0 };
    for uy in (first_y..rows.end.min(unit_rows)).step_by(step_y) {
        for ux in (first_x..units).step_by(step_x) {
            let e = map.edge(pass, uy * map.stride + ux);
            let tc = i32::from(table.get(e.step.0, e.step.1, 2).tc);
            if e.strength < 2 || tc == 0 {
                continue;
            }
            let place = Place::new(plane, pass, side * ux, side * uy);
            let data = plane.data_mut();
            for line in 0..side {
                let q0 = place.start + line * place.along;
                let at = |k: usize| i32::from(data[q0 + k * place.across - 2 * place.across]);
                let (p, q) = chroma::filter_line(at(0), at(1), at(2), at(3), tc);
                data[q0 - place.across] = p.clamp(0, max) as u16;
                data[q0] = q.clamp(0, max) as u16;
            }
        }
    }
}
