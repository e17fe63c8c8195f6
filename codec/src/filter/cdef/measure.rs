//! The encoder's measurement: the error that each candidate strength leaves in a superblock.

use super::taps::{Layout, MARK, Narrow, Range, Strength, Taps, Wide, add};
use super::{Block, Superblock};
use crate::filter::window::{Outside, Window};
use crate::picture::Plane;
use fearless_simd::{Level, Simd, dispatch, i16x16, i32x8, prelude::*};

/// Strengths to be tried: all pairs of these.
pub struct Candidates {
    /// Primary strengths, the first of them 0.
    pub primary: &'static [u8],
    /// Indices of secondary strengths, the first of them 0 and 1.
    pub secondary: &'static [u8],
}

/// All that are worth the time; the missing ones are hardly ever chosen.
pub const ALL: Candidates =
    Candidates { primary: &[0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 15], secondary: &[0, 1, 2, 3] };
pub const FEW: Candidates = Candidates { primary: &[0, 1, 3, 8, 15], secondary: &[0, 1, 3] };

/// Most candidates of all sets.
pub const MOST: usize = 48;

impl Candidates {
    pub fn len(&self) -> usize {
        self.primary.len() * self.secondary.len()
    }

    /// Strength `i` as [`CdefParams::strengths`](super::CdefParams::strengths) has it.
    pub fn packed(&self, i: usize) -> u8 {
        let n = self.secondary.len();
        self.primary[i / n] << 2 | self.secondary[i % n]
    }
}

/// What the measurement needs besides the planes.
pub struct Settings {
    pub candidates: &'static Candidates,
    pub damping: u8,
    pub chroma_shift: usize,
    pub bit_depth: u8,
    /// Measure every second block only.
    pub sparse: bool,
}

/// Buffers that are used again for each superblock.
#[derive(Default)]
pub struct Buffers {
    source: Window,
    wanted: Window,
}

/// Squared errors of a superblock by candidate: of luma, and of both chroma planes together. `None` when all
/// its blocks are skipped.
pub fn superblock(
    sb: &mut Superblock,
    src: &[Plane],
    orig: &[Plane],
    set: &Settings,
    buffers: &mut Buffers,
) -> Option<[[u64; MOST]; 2]> {
    if set.sparse && sb.blocks.len() >= 16 {
        sb.blocks.retain(|b| (b.x + b.y) & 8 == 0);
    }
    if sb.blocks.is_empty() {
        return None;
    }
    let level = Level::new();
    let mut errors = [[0; MOST]; 2];
    for (p, (src, orig)) in src.iter().zip(orig).enumerate() {
        let shift = if p == 0 { 0 } else { set.chroma_shift };
        let (x, y, w, h) = sb.area(src, shift);
        buffers.source.load(src, x, y, w, h, Outside::Mark(MARK));
        buffers.wanted.load(orig, x, y, w, h, Outside::Repeat);
        let (source, wanted) = (&buffers.source, &buffers.wanted);
        if p == 0 {
            dispatch!(level, simd => sb.find_directions(simd, source, set.bit_depth));
        }
        let (blocks, errors) = (&sb.blocks, &mut errors[p.min(1)]);
        if shift == 0 {
            dispatch!(level, simd => plane::<_, Wide>(simd, blocks, source, wanted, p > 0, shift, set, errors));
        } else {
            dispatch!(level, simd => plane::<_, Narrow>(simd, blocks, source, wanted, p > 0, shift, set, errors));
        }
    }
    Some(errors)
}

/// Adds the errors of one plane.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn plane<S: Simd, L: Layout>(
    simd: S,
    blocks: &[Block],
    source: &Window,
    wanted: &Window,
    chroma: bool,
    shift: usize,
    set: &Settings,
    errors: &mut [u64; MOST],
) {
    let candidates = set.candidates;
    let mut totals = [i32x8::splat(simd, 0); MOST];
    for b in blocks {
        let at = Window::at(b.x >> shift, b.y >> shift);
        let taps = Taps::<L>::new(source.data(), at, b.direction.index);
        let goal = L::span(wanted.data(), at);
        for i in 0..L::GROUPS {
            let x = taps.samples(simd, i);
            let goal = L::load(simd, goal, i);
            // All strengths above 0 see the same samples, so the range is the same for all; limiting to
            // it changes nothing where only one kind of taps takes part.
            let mut range = Range::new(x);
            let zero = i16x16::splat(simd, 0);
            let mut second = [zero; 4];
            for (sum, &index) in second.iter_mut().zip(candidates.secondary) {
                let s = Strength::new(index, set.damping, chroma, set.bit_depth);
                match index {
                    0 => {}
                    1 => *sum = taps.secondary(simd, i, s, &mut range),
                    _ => *sum = taps.secondary(simd, i, s, &mut ()),
                }
            }
            let n = candidates.secondary.len();
            for (k, &primary) in candidates.primary.iter().enumerate() {
                let s = Strength::new(primary << 2, set.damping, chroma, set.bit_depth);
                let s = if chroma { s } else { s.adapted(b.direction.variance) };
                let first = match k {
                    0 => zero,
                    1 => taps.primary(simd, i, s, &mut range),
                    _ => taps.primary(simd, i, s, &mut ()),
                };
                for (total, &second) in totals[k * n..].iter_mut().zip(&second[..n]) {
                    let d = range.limit(add(x, first + second)) - goal;
                    *total += d.pairwise_dot_product(d);
                }
            }
        }
    }
    for (error, total) in errors.iter_mut().zip(totals).take(candidates.len()) {
        *error += total.to_array().iter().map(|&v| v as u64).sum::<u64>();
    }
}
