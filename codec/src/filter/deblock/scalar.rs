//! The whole pass, edge by edge and sample by sample: what the vectors are tested against.

use super::luma::{Segment, bend, filter_long, reach};
use super::place::{Place, has_eight};
use super::thresholds::Table;
use super::{EdgeMap, Pass, chroma};
use crate::filter::band::BandPlane;
use std::ops::Range;

pub fn luma_rows(
    plane: &mut BandPlane<u16>,
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    table: &Table,
    max: i32,
) {
    let (units, unit_rows) = (map.stride.min(plane.width() / 4), map.rows.min(plane.frame_height() / 4));
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
                let mut lines = place.load::<_, 16>(plane.data());
                if filter_long(&mut lines, t) {
                    place.store(plane.data(), &lines, max);
                    continue;
                }
            }
            let mut lines = place.load::<_, 8>(plane.data());
            if filter_segment(&mut lines, Segment { t, reach_p, reach_q }) {
                place.store(plane.data(), &lines, max);
            }
        }
    }
}

/// Chroma edges lie on a grid of 8 chroma samples; only those of strength 2 are filtered.
pub fn chroma_rows(
    plane: &mut BandPlane<u16>,
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    shift: usize,
    table: &Table,
    max: i32,
) {
    let side = 4 >> shift; // chroma samples per luma unit
    let (units, unit_rows) =
        (map.stride.min(plane.width() / side), map.rows.min(plane.frame_height() / side));
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
            let data = plane.data();
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

/// Filters four lines p3..p0 q0..q3. Returns false when the edge is left alone.
pub fn filter_segment(lines: &mut [[i32; 8]; 4], s: Segment) -> bool {
    let (beta, tc) = (i32::from(s.t.beta), i32::from(s.t.tc));
    let p_bend = |l: &[i32; 8]| bend(l[1], l[2], l[3]);
    let q_bend = |l: &[i32; 8]| bend(l[6], l[5], l[4]);
    let (first, last) = (&lines[0], &lines[3]);
    let (dp, dq) = (p_bend(first) + p_bend(last), q_bend(first) + q_bend(last));
    if tc == 0 || dp + dq >= beta {
        return false;
    }
    let flat = |l: &[i32; 8]| {
        2 * (p_bend(l) + q_bend(l)) < beta >> 2
            && (l[0] - l[3]).abs() + (l[4] - l[7]).abs() < beta >> 3
            && (l[3] - l[4]).abs() < (5 * tc + 1) >> 1
    };
    if s.reach_p >= 3 && s.reach_q >= 3 && flat(first) && flat(last) {
        lines.iter_mut().for_each(|l| strong(l, tc));
    } else {
        let side = (beta + (beta >> 1)) >> 3;
        let (wide_p, wide_q) = (s.reach_p >= 3 && dp < side, s.reach_q >= 3 && dq < side);
        lines.iter_mut().for_each(|l| normal(l, tc, wide_p, wide_q));
    }
    true
}

/// Smooths three samples on each side.
fn strong(l: &mut [i32; 8], tc: i32) {
    let [p3, p2, p1, p0, q0, q1, q2, q3] = *l;
    let near = |old: i32, new: i32| new.clamp(old - 2 * tc, old + 2 * tc);
    l[1] = near(p2, (2 * p3 + 3 * p2 + p1 + p0 + q0 + 4) >> 3);
    l[2] = near(p1, (p2 + p1 + p0 + q0 + 2) >> 2);
    l[3] = near(p0, (p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4) >> 3);
    l[4] = near(q0, (p1 + 2 * p0 + 2 * q0 + 2 * q1 + q2 + 4) >> 3);
    l[5] = near(q1, (p0 + q0 + q1 + q2 + 2) >> 2);
    l[6] = near(q2, (p0 + q0 + q1 + 3 * q2 + 2 * q3 + 4) >> 3);
}

/// Moves the two sides towards each other; the second sample follows where its side is smooth.
fn normal(l: &mut [i32; 8], tc: i32, wide_p: bool, wide_q: bool) {
    let [_, p2, p1, p0, q0, q1, q2, _] = *l;
    let delta = (9 * (q0 - p0) - 3 * (q1 - p1) + 8) >> 4;
    if delta.abs() >= 10 * tc {
        return; // a step this large is in the picture itself
    }
    let delta = delta.clamp(-tc, tc);
    let half = tc >> 1;
    l[3] = p0 + delta;
    l[4] = q0 - delta;
    if wide_p {
        l[2] = p1 + ((((p2 + p0 + 1) >> 1) - p1 + delta) >> 1).clamp(-half, half);
    }
    if wide_q {
        l[5] = q1 + ((((q2 + q0 + 1) >> 1) - q1 - delta) >> 1).clamp(-half, half);
    }
}
