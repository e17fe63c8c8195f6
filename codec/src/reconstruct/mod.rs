//! From a block's syntax to its samples; the one path that decoder and encoder share.

mod dpb;
mod follow;
mod marks;
mod place;
mod pool;
pub mod post;

pub use dpb::{Dpb, Reference};
pub use follow::Follow;
pub use marks::EdgeMarks;
pub use pool::Pool;

use crate::codebook::{dequantise_block, step};
use crate::filter::band::Band;
use crate::picture::{Format, Picture, Sample};
use crate::predict::inter::{self, InterScratch, Motion, Rect};
use crate::predict::intra::{self, Edges};
use crate::syntax::palette;
use crate::syntax::{Block, ChromaMode, TX_AREA, TxBlock, TxPlace};
use crate::transform::{TxKind, TxType, inverse_add};
use place::Place;
use std::sync::Arc;

/// Transform types by their number in the stream.
pub const TX_TYPES: [TxType; 4] = [
    TxType { col: TxKind::Dct, row: TxKind::Dct },
    TxType { col: TxKind::Dst, row: TxKind::Dct },
    TxType { col: TxKind::Dct, row: TxKind::Dst },
    TxType { col: TxKind::Dst, row: TxKind::Dst },
];

/// Planes that blocks are reconstructed in: a frame or a band of it.
pub trait Canvas {
    type Sample: Sample;

    /// Samples of plane `p` from (x, y) on, and the distance between rows.
    fn from(&mut self, p: usize, x: usize, y: usize) -> (&mut [Self::Sample], usize);
}

impl<T: Sample> Canvas for Picture<T> {
    type Sample = T;

    #[inline]
    fn from(&mut self, p: usize, x: usize, y: usize) -> (&mut [T], usize) {
        let plane = &mut self.planes[p];
        let (at, stride) = (plane.index(x as isize, y as isize), plane.stride());
        (&mut plane.data_mut()[at..], stride)
    }
}

impl<T: Sample> Canvas for Band<'_, T> {
    type Sample = T;

    #[inline]
    fn from(&mut self, p: usize, x: usize, y: usize) -> (&mut [T], usize) {
        let plane = &mut self.planes[p];
        let (at, stride) = (plane.index(x, y), plane.stride());
        (&mut plane.data()[at..], stride)
    }
}

/// Puts the samples of a transform block into a frame.
fn copy_block<T: Sample>(from: &[u16], frame: &mut Picture<T>, t: TxPlace) {
    let w = 1 << t.lw;
    let (dst, stride) = frame.from(t.plane, t.x, t.y);
    for (row, from) in dst.chunks_mut(stride).zip(from.chunks_exact(w)) {
        row[..w].iter_mut().zip(from).for_each(|(to, &v)| *to = T::of(v));
    }
}

/// Predicts and adds residuals. Holds scratch memory only.
#[derive(Clone)]
pub struct Reconstructor {
    format: Format,
    inter: InterScratch,
    coeffs: Vec<i32>,
    /// The prediction of an intra transform block.
    pred: Vec<u16>,
    /// Coded luma size.
    size: (usize, usize),
    /// Added to the quantiser index of chroma.
    pub chroma_offset: i32,
}

impl Reconstructor {
    /// For pictures whose luma plane is coded as `size` samples.
    pub fn new(size: (usize, usize), format: Format) -> Self {
        let (inter, coeffs, pred) = (InterScratch::default(), vec![0; TX_AREA], vec![0; TX_AREA]);
        Reconstructor { format, inter, coeffs, pred, size, chroma_offset: 0 }
    }

    /// Step for a plane of a block with quantiser index `qi`.
    pub fn step(&self, plane: usize, qi: u8) -> u32 {
        let offset = if plane == 0 { 0 } else { self.chroma_offset };
        step((i32::from(qi) + offset).clamp(0, 255) as u8)
    }

    /// Predicts all planes in `planes` of an inter block.
    pub fn predict_inter<C: Canvas>(
        &mut self,
        frame: &mut C,
        refs: &[Arc<Picture<C::Sample>>],
        b: &Block,
        planes: std::ops::Range<usize>,
    ) {
        let area = Rect { x: b.x.into(), y: b.y.into(), w: b.w(), h: b.h() };
        self.predict_area(frame, refs, &b.motion(), area, planes);
    }

    /// The same of any area, given in luma samples; no side is longer than 64.
    pub fn predict_area<C: Canvas>(
        &mut self,
        frame: &mut C,
        refs: &[Arc<Picture<C::Sample>>],
        motion: &Motion,
        area: Rect,
        planes: std::ops::Range<usize>,
    ) {
        for p in planes {
            let shift = if p == 0 { 0 } else { self.format.chroma.shift() };
            let r = Rect { x: area.x >> shift, y: area.y >> shift, w: area.w >> shift, h: area.h >> shift };
            let (dst, stride) = frame.from(p, r.x, r.y);
            inter::predict(dst, stride, refs, motion, (p, r), &mut self.inter);
        }
    }

    /// The decoded samples around a transform block.
    pub fn edges(&self, frame: &Picture<impl Sample>, b: &Block, t: TxPlace) -> Edges {
        let shift = if t.plane == 0 { 0 } else { frame.format.chroma.shift() };
        let (w, h) = (1 << t.lw, 1 << t.lh);
        let block = (usize::from(b.x), usize::from(b.y), b.w(), b.h());
        let place = Place { frame: self.size, block, x: t.x, y: t.y, w, h, shift };
        let known = (place.above(), place.left());
        intra::gather(&frame.planes[t.plane], (t.x, t.y, w, h), known, frame.format.bit_depth)
    }

    /// Predicts one transform block of an intra block; `tokens` hold its palettes.
    pub fn predict_intra(&mut self, frame: &mut Picture<impl Sample>, b: &Block, t: TxPlace, tokens: &[u16]) {
        let bd = frame.format.bit_depth;
        let shift = if t.plane == 0 { 0 } else { frame.format.chroma.shift() };
        let (w, h) = (1 << t.lw, 1 << t.lh);
        let group = t.plane.min(1);
        if b.palette[group] > 0 {
            let (x, y) = (t.x - (usize::from(b.x) >> shift), t.y - (usize::from(b.y) >> shift));
            let tokens = &tokens[b.palette_at[group] as usize..];
            palette::fill(
                &mut self.pred[..w * h],
                (x, y, w),
                tokens,
                b,
                t.plane,
                frame.format.chroma.shift(),
            );
            return copy_block(&self.pred[..w * h], frame, t);
        }
        let edges = self.edges(frame, b, t);
        let mode = if t.plane == 0 { b.modes[t.part] } else { b.chroma.intra_mode(b.modes[3]) };
        let out = &mut self.pred[..w * h];
        intra::predict(out, &edges, w, h, mode, t.plane == 0, bd);
        if t.plane > 0 && b.chroma == ChromaMode::FromLuma {
            let luma = &frame.planes[0];
            let at = luma.index((t.x << shift) as isize, (t.y << shift) as isize);
            let alpha = b.cfl[t.plane - 1];
            intra::chroma_from_luma(out, w, h, &luma.data()[at..], luma.stride(), shift, alpha, bd);
        }
        copy_block(out, frame, t);
    }

    /// Adds a residual given by its coefficients in 1/16 step, rows of `stride`.
    pub fn add_residual(
        &mut self,
        frame: &mut impl Canvas,
        t: TxPlace,
        tx: &TxBlock,
        step: u32,
        (values, stride): (&[i32], usize),
    ) {
        let bd = self.format.bit_depth;
        let w = 1 << t.lw;
        let (nz_w, nz_h) = (usize::from(tx.nz_w), usize::from(tx.nz_h));
        // The transform takes rows in twos and looks at no others.
        self.coeffs[..w * nz_h.next_multiple_of(2)].fill(0);
        dequantise_block((values, stride), (nz_w, nz_h), step, bd, (&mut self.coeffs, w));
        let (dst, stride) = frame.from(t.plane, t.x, t.y);
        let tx = TX_TYPES[usize::from(tx.tx_type) & 3];
        inverse_add(&self.coeffs, nz_w, nz_h, dst, stride, t.lw as u32, t.lh as u32, tx, bd);
    }
}
