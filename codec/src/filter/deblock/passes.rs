//! The passes over a plane: finds the edges in the map and hands them to the filters, eight lines at a time.

use super::luma::{Segment, filter_long, reach};
use super::place::{Place, has_eight};
use super::thresholds::Table;
use super::{EdgeMap, Pass, chroma, vector};
use crate::filter::band::BandPlane;
use crate::picture::Sample;
use fearless_simd::{i16x8, prelude::*};
use std::ops::Range;

/// One pass over the luma of some rows of units.
#[inline(always)]
pub fn luma_rows<S: Simd>(
    simd: S,
    plane: &mut BandPlane<impl Sample>,
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    table: &Table,
    max: i16,
) {
    let (units, unit_rows) = (map.stride.min(plane.width() / 4), map.rows.min(plane.frame_height() / 4));
    let end = rows.end.min(unit_rows);
    // Two units side by side along the edge make eight lines.
    let (step_x, step_y) = if pass == Pass::Vertical { (1, 2) } else { (2, 1) };
    let first_y = if pass == Pass::Vertical { rows.start } else { rows.start.max(1) };
    for uy in (first_y..end).step_by(step_y) {
        let row = uy * map.stride;
        let (this, next) = match pass {
            Pass::Vertical => (&map.vert[row..row + units], &map.vert[row + map.stride..][..units]),
            Pass::Horizontal => (&map.horz[row..row + units], &map.horz[row..row + units]),
        };
        for (i, (a, b)) in this.chunks(8).zip(next.chunks(8)).enumerate() {
            if is_blank(a) && is_blank(b) {
                continue; // most of an inter frame has no edges
            }
            for k in (0..a.len()).step_by(step_x) {
                let ux = 8 * i + k;
                let strength = a[k] | b[(k + step_x - 1).min(b.len() - 1)];
                if strength > 0 && (pass == Pass::Horizontal || ux > 0) {
                    luma_edge(simd, plane, map, ux, uy, pass, table, max);
                }
            }
        }
    }
}

/// Whether none of up to eight strengths is above 0.
#[inline(always)]
fn is_blank(strengths: &[u8]) -> bool {
    match strengths.first_chunk() {
        Some(&eight) => u64::from_ne_bytes(eight) == 0,
        None => strengths.iter().all(|&s| s == 0),
    }
}

/// Filters the edge in front of unit (ux, uy) and of the next one along it.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn luma_edge<S: Simd>(
    simd: S,
    plane: &mut BandPlane<impl Sample>,
    map: &EdgeMap,
    ux: usize,
    uy: usize,
    pass: Pass,
    table: &Table,
    max: i16,
) {
    let next = if pass == Pass::Vertical { map.stride } else { 1 };
    let mut segments = [Segment::default(); 2];
    for (i, segment) in segments.iter_mut().enumerate() {
        let e = map.edge(pass, uy * map.stride + ux + i * next);
        if e.strength > 0 {
            let t = table.get(e.step.0, e.step.1, e.strength);
            let (reach_p, reach_q) = reach(e.size.0, e.size.1);
            *segment = Segment { t, reach_p, reach_q };
        }
        if segment.reach_p == 7 && has_eight(plane, pass, 4 * ux, 4 * uy) {
            let (x, y) = if pass == Pass::Vertical { (ux, uy + i) } else { (ux + i, uy) };
            let place = Place::new(plane, pass, 4 * x, 4 * y);
            let mut lines = place.load::<_, 16>(plane.data());
            if filter_long(&mut lines, segment.t) {
                place.store(plane.data(), &lines, i32::from(max));
                segment.t.tc = 0;
            }
        }
    }
    if segments[0].t.tc | segments[1].t.tc == 0 {
        return;
    }
    let place = Place::new(plane, pass, 4 * ux, 4 * uy);
    let data = plane.data();
    let mut lines = place.load_vectors(simd, data, pass);
    if vector::filter(simd, &mut lines, segments, max) {
        place.store_vectors(data, pass, lines);
    }
}

/// One pass over the chroma of some rows of units. Chroma edges lie on a grid of 8 chroma samples; only those
/// of strength 2 are filtered.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn chroma_rows<S: Simd>(
    simd: S,
    plane: &mut BandPlane<impl Sample>,
    map: &EdgeMap,
    rows: Range<usize>,
    pass: Pass,
    shift: usize,
    table: &Table,
    max: i16,
) {
    let side = 4 >> shift; // chroma samples per luma unit
    let units = 8 / side; // units along eight lines, and between edges
    let (width, height) = (map.stride.min(plane.width() / side), map.rows.min(plane.frame_height() / side));
    let (first_x, first_y) = match pass {
        Pass::Vertical => (units, rows.start),
        Pass::Horizontal => (0, rows.start.next_multiple_of(units).max(units)),
    };
    let (strengths, next, end) = match pass {
        Pass::Vertical => (&map.vert[..], map.stride, rows.end.min(height)),
        Pass::Horizontal => (&map.horz[..], 1, width),
    };
    for uy in (first_y..rows.end.min(height)).step_by(units) {
        let lines = if pass == Pass::Vertical { units.min(end - uy) } else { 1 };
        let here = &strengths[uy * map.stride..(uy + lines) * map.stride];
        if here.iter().fold(0, |most, &s| s.max(most)) < 2 {
            continue; // as in most of an inter frame
        }
        for ux in (first_x..width).step_by(units) {
            let along = if pass == Pass::Vertical { uy } else { ux };
            let (first, n) = (uy * map.stride + ux, units.min(end - along));
            let mut strongest = 0;
            for i in 0..n {
                strongest = strengths[first + i * next].max(strongest);
            }
            if strongest < 2 {
                continue;
            }
            let mut tc = [0i16; 8];
            for (i, tc) in tc.chunks_exact_mut(side).enumerate().take(n) {
                let e = map.edge(pass, first + i * next);
                if e.strength > 1 {
                    tc.fill(table.get(e.step.0, e.step.1, 2).tc);
                }
            }
            if tc == [0; 8] {
                continue;
            }
            let place = Place::new(plane, pass, side * ux, side * uy);
            let data = plane.data();
            if end - along >= units {
                let mut lines = place.load_vectors(simd, data, pass);
                chroma::filter(simd, &mut lines, i16x8::simd_from(simd, tc), max);
                place.store_vectors(data, pass, lines);
            } else {
                chroma_lines(data, &place, &tc[..side * (end - along)], max);
            }
        }
    }
}

/// Filters fewer than eight chroma lines, at the end of a plane.
fn chroma_lines<T: Sample>(data: &mut [T], place: &Place, tc: &[i16], max: i16) {
    for (i, &tc) in tc.iter().enumerate() {
        let q0 = place.start + i * place.along;
        let at = |k: usize| data[q0 + k * place.across - 2 * place.across].into();
        let (p, q) = chroma::filter_line(at(0), at(1), at(2), at(3), i32::from(tc));
        data[q0 - place.across] = T::of(p.clamp(0, i32::from(max)) as u16);
        data[q0] = T::of(q.clamp(0, i32::from(max)) as u16);
    }
}
