//! What is in each block of a frame, for those who want to see it.

use crate::codebook::{CLASSES, DIMS};
use crate::entropy::{BIT, Meter, SymbolCoder};
use crate::syntax::{Block, FrameContext, Superblock, TxBlock, for_each_tx};

/// Where a block's prediction comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prediction {
    /// From the picture itself.
    Intra,
    /// From one reference.
    Single,
    /// From two references.
    Double,
}

/// A leaf of the partition.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockView {
    /// Left edge in luma samples; blocks may reach beyond the picture's edge.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Width.
    pub w: usize,
    /// Height.
    pub h: usize,
    /// What its prediction is made of.
    pub prediction: Prediction,
    /// A neighbour's motion without residual.
    pub skip: bool,
    /// Motion vectors in luma samples, as many as there are references.
    pub motion: Vec<(f32, f32)>,
    /// Quantiser index in force.
    pub qi: u8,
    /// Bits that it takes.
    pub bits: f64,
    /// Luma's transform blocks.
    pub transforms: Vec<TxView>,
}

/// A transform block of luma.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxView {
    /// Left edge in luma samples.
    pub x: usize,
    /// Upper edge.
    pub y: usize,
    /// Width.
    pub w: usize,
    /// Height.
    pub h: usize,
    /// Vectors other than zero, by dimension: 8, 4, 2, 1.
    pub words: [u32; 4],
    /// Of these, vectors that were split, and scalars beyond all words.
    pub escapes: u32,
    /// The index of the last one, that of the lowest frequency.
    pub index: usize,
}

/// Adds the blocks of a superblock that `meter` has just measured.
pub fn view<C: SymbolCoder>(f: &FrameContext, sb: &Superblock, meter: &Meter<C>, views: &mut Vec<BlockView>) {
    let mut tx = sb.res.tx.iter();
    let mut vectors = meter.vectors.iter();
    let ends = meter.blocks.iter().skip(1).copied().chain([meter.total()]);
    for ((b, &start), end) in sb.blocks.iter().zip(&meter.blocks).zip(ends) {
        let mut transforms = Vec::new();
        if b.residual {
            for_each_tx(b, f.chroma, |place| {
                let Some(t) = tx.next() else { return };
                let words = words(f, t, &mut vectors);
                if place.plane == 0 {
                    let (w, h) = (1 << place.lw, 1 << place.lh);
                    transforms.push(TxView { x: place.x, y: place.y, w, h, ..words });
                }
            });
        }
        views.push(block(b, (end - start) as f64 / f64::from(BIT), transforms));
    }
}

fn block(b: &Block, bits: f64, transforms: Vec<TxView>) -> BlockView {
    let prediction = match (b.inter, b.refs[1] >= 0) {
        (false, _) => Prediction::Intra,
        (true, false) => Prediction::Single,
        (true, true) => Prediction::Double,
    };
    let vectors = match prediction {
        Prediction::Intra => 0,
        Prediction::Single => 1,
        Prediction::Double => 2,
    };
    let motion = b.mv[..vectors].iter().map(|v| (f32::from(v.x) / 8.0, f32::from(v.y) / 8.0)).collect();
    let (x, y, w, h) = (usize::from(b.x), usize::from(b.y), b.w(), b.h());
    BlockView { x, y, w, h, prediction, skip: b.skip, motion, qi: b.qi, bits, transforms }
}

/// Takes the vectors of a transform block: those that its tokens consist of.
fn words<'a>(
    f: &FrameContext,
    t: &TxBlock,
    vectors: &mut impl Iterator<Item = &'a (usize, usize)>,
) -> TxView {
    let mut view = TxView::default();
    // The control says first where the last group ends.
    let mut at = t.tokens as usize + usize::from(t.coded && f.scalar);
    while at < t.end as usize {
        let Some(&(book, index)) = vectors.next() else { break };
        at += 1;
        if index == 0 {
            continue;
        }
        let dim = book / CLASSES % DIMS.len();
        view.words[dim] += 1;
        view.index = index;
        // Signs follow, and before them the magnitude of a scalar's escape; after a split its two halves.
        let escape = index >= f.books.books[book].len();
        view.escapes += u32::from(escape);
        at += match (escape, DIMS[dim]) {
            (false, _) => 1,
            (true, 1) => 2,
            (true, _) => 0,
        };
    }
    view
}
