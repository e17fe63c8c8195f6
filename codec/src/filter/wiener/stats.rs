//! Statistics of a frame, by superblock, plane and class.

use super::classify::{BLOCKS, CLASSES, class_and_turn, classify};
use super::moments::{self, Moments};
use crate::filter::band::SUPERBLOCK;
use crate::filter::window::{Outside, Window};
use crate::picture::Plane;
use crate::workers::Workers;
use fearless_simd::{Level, dispatch};

/// What the encoder must know of a frame to derive filters and to judge them.
pub struct AlfStats {
    /// Superblocks in raster order.
    pub(super) superblocks: Vec<Superblock>,
}

/// Statistics of one superblock.
pub(super) struct Superblock {
    /// Luma by class, for the classes that occur.
    pub luma: Vec<(usize, Moments)>,
    /// U and V.
    pub chroma: Vec<Moments>,
}

impl AlfStats {
    /// Measures the frame `src`, which is to be filtered, against the source `orig`; `sparse` looks at half of
    /// the blocks only.
    pub fn measure(
        src: &[Plane],
        orig: &[Plane],
        chroma_shift: usize,
        bit_depth: u8,
        sparse: bool,
        workers: &Workers,
    ) -> Self {
        let rows = src.first().map_or(0, |p| p.height().div_ceil(SUPERBLOCK));
        let row = |row| AlfStats::measure_row(src, orig, row, chroma_shift, bit_depth, sparse);
        AlfStats::join(workers.map((0..rows).collect(), row))
    }

    /// Measures one row of superblocks; rows may be measured by several threads.
    pub fn measure_row(
        src: &[Plane],
        orig: &[Plane],
        row: usize,
        chroma_shift: usize,
        bit_depth: u8,
        sparse: bool,
    ) -> Self {
        let mut windows = (Window::new(), Window::new());
        let across = src.first().map_or(0, |p| p.width().div_ceil(SUPERBLOCK));
        let superblocks = (0..across).map(|column| {
            let mut found = Superblock { luma: Vec::new(), chroma: Vec::new() };
            for (p, (src, orig)) in src.iter().zip(orig).enumerate() {
                let size = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
                let (x, y) = (column * size, row * size);
                let (w, h) = (size.min(src.width() - x), size.min(src.height() - y));
                windows.0.load(src, x, y, w, h, Outside::Repeat);
                windows.1.load(orig, x, y, w, h, Outside::Repeat);
                if p == 0 {
                    found.luma = luma(&windows, w, h, bit_depth, sparse);
                } else {
                    found.chroma.push(chroma(&windows, w, h, sparse));
                }
            }
            found
        });
        AlfStats { superblocks: superblocks.collect() }
    }

    /// Puts rows together, from top to bottom.
    pub fn join(rows: impl IntoIterator<Item = AlfStats>) -> Self {
        AlfStats { superblocks: rows.into_iter().flat_map(|r| r.superblocks).collect() }
    }
}

/// The windows of what is filtered and of what it should become.
type Windows = (Window, Window);

fn luma(
    (source, wanted): &Windows,
    w: usize,
    h: usize,
    bit_depth: u8,
    sparse: bool,
) -> Vec<(usize, Moments)> {
    let level = Level::new();
    let map = dispatch!(level, simd => classify(simd, source, w, h, bit_depth));
    let mut blocks = vec![Vec::new(); CLASSES];
    for (x, y) in places(w, h, sparse) {
        let (class, turn) = class_and_turn(map[y / 4 * BLOCKS + x / 4]);
        blocks[class].push((Window::at(x, y), turn));
    }
    let (source, wanted) = (source.data(), wanted.data());
    let mut found = Vec::new();
    for (class, blocks) in blocks.iter().enumerate().filter(|(_, b)| !b.is_empty()) {
        let mut moments = dispatch!(level, simd => moments::luma(simd, source, wanted, blocks));
        moments.scale(if sparse { 2.0 } else { 1.0 });
        found.push((class, moments));
    }
    found
}

fn chroma((source, wanted): &Windows, w: usize, h: usize, sparse: bool) -> Moments {
    let blocks: Vec<_> = places(w, h, sparse).map(|(x, y)| (Window::at(x, y), 0)).collect();
    let (source, wanted) = (source.data(), wanted.data());
    let mut moments = dispatch!(Level::new(), simd => moments::chroma(simd, source, wanted, &blocks));
    moments.scale(if sparse { 2.0 } else { 1.0 });
    moments
}

/// The 4x4 blocks of a superblock that are measured: all, or every second one like a chessboard.
fn places(w: usize, h: usize, sparse: bool) -> impl Iterator<Item = (usize, usize)> {
    let all = (0..h).step_by(4).flat_map(move |y| (0..w).step_by(4).map(move |x| (x, y)));
    all.filter(move |(x, y)| !sparse || (x + y) & 4 == 0)
}
