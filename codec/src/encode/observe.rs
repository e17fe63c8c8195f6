//! What training sees of an encode: the vectors that were coded and the symbols that coded them.

use crate::codebook::{CodebookSet, DIMS, HALVES, SHAPES, Thresholds, book_index, neighbour_sum, pack};
use crate::entropy::MAX_SYMBOLS;
use crate::syntax::layout::{MODELS, POSITIONS};
use crate::syntax::{MAG_STRIDE, TxShape, context_mag, index_model, position_class, scan_of};
use std::collections::HashMap;

/// Occurrences of one rounded vector, and the sum of what was rounded, in 1/256 step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub count: u64,
    pub total: [i64; 8],
}

/// What frames took and what error they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Luma samples.
    pub pixels: u64,
    pub bits: u64,
    /// Squared error of all planes.
    pub ssd: u64,
    /// Squared error divided by lambda, in 1/1024 bit.
    pub weighted: u64,
}

impl Spent {
    pub fn add(&mut self, s: &Spent) {
        self.pixels += s.pixels;
        self.bits += s.bits;
        self.ssd += s.ssd;
        self.weighted += s.weighted;
    }
}

/// Key of vectors with a component beyond what a codeword can hold.
pub const HUGE: u32 = u32::MAX;

/// Statistics of the frames of one class. All numbers are integers, so that adding them up in any order gives the same.
#[derive(Clone, Debug)]
pub struct Observations {
    /// Symbols by model.
    pub symbols: Vec<[u32; MAX_SYMBOLS]>,
    /// Vectors by (model of the index, packed rounded vector).
    pub indices: HashMap<(u32, u32), u64>,
    /// Vectors by (book, packed rounded vector).
    pub vectors: HashMap<(u16, u32), Sums>,
    pub spent: Spent,
}

impl Default for Observations {
    fn default() -> Self {
        Observations {
            symbols: vec![[0; MAX_SYMBOLS]; MODELS],
            indices: HashMap::new(),
            vectors: HashMap::new(),
            spent: Spent::default(),
        }
    }
}

/// One coded transform block.
pub struct Seen<'a> {
    pub kind: usize,
    pub shape: TxShape,
    pub last: usize,
    pub thresholds: &'a Thresholds,
    pub books: &'a CodebookSet,
    /// What was coded, as the syntax takes it, and what follows.
    pub tokens: &'a [u16],
    /// Original coefficients and what they became, in 1/16 step.
    pub coeffs: &'a [i32],
    pub values: &'a [i32],
    /// 1/256 steps of one coefficient unit.
    pub scale: f32,
}

impl Observations {
    /// Adds another set of statistics.
    pub fn add(&mut self, o: &Observations) {
        for (a, b) in self.symbols.iter_mut().flatten().zip(o.symbols.iter().flatten()) {
            *a += b;
        }
        for (k, v) in &o.indices {
            *self.indices.entry(*k).or_default() += v;
        }
        for (k, v) in &o.vectors {
            let s = self.vectors.entry(*k).or_default();
            s.count += v.count;
            s.total.iter_mut().zip(v.total).for_each(|(a, b)| *a += b);
        }
        self.spent.add(&o.spent);
    }

    /// Walks the vectors of a transform block as the syntax does; returns how many tokens it has.
    pub fn residual(&mut self, s: &Seen) -> usize {
        let scan = scan_of(s.shape);
        let mut mags = [0u8; MAG_STRIDE * (32 + 3)];
        let mut used = 0;
        let mut next = || {
            used += 1;
            usize::from(s.tokens[used - 1])
        };
        // The scalar control leaves out what lies beyond the last coefficient of the last group.
        let mut start = if *s.thresholds == Thresholds::SCALAR { next() } else { 0 };
        let mut blank = true;
        for (i, &(gx, gy)) in scan[..=s.last].iter().enumerate().rev() {
            let (gx, gy) = (usize::from(gx), usize::from(gy));
            let dim = s.thresholds.dim(neighbour_sum(&mags, MAG_STRIDE, gx, gy, 0));
            for &(dx, dy) in &SHAPES[dim].corners[std::mem::take(&mut start)..] {
                let first = blank && i == s.last;
                blank &= !self.vector(s, &mut mags, &mut next, (dim, gx + dx, gy + dy), first);
            }
        }
        used
    }

    /// Enters one vector and its halves; whether its index is not that of zero.
    fn vector(
        &mut self,
        s: &Seen,
        mags: &mut [u8],
        next: &mut impl FnMut() -> usize,
        (dim, x, y): (usize, usize, usize),
        first: bool,
    ) -> bool {
        let class = s.thresholds.class(dim, neighbour_sum(mags, MAG_STRIDE, x, y, dim));
        let number = book_index(s.kind, dim, class);
        let position = if first { POSITIONS - 1 } else { position_class(x, y) };
        let model = index_model(number, position);
        let w = s.shape.w();
        let mut whole = [0u16; 8];
        let mut sums = Sums { count: 1, total: [0; 8] };
        let places = (0..DIMS[dim]).map(|k| (x + k % SHAPES[dim].w, y + k / SHAPES[dim].w));
        for (k, (px, py)) in places.clone().enumerate() {
            let v = s.values[py * w + px].unsigned_abs();
            whole[k] = ((v + 8) / 16).min(65535) as u16;
            sums.total[k] = (s.coeffs[py * w + px].unsigned_abs() as f32 * s.scale).round() as i64;
        }
        let key = pack(&whole[..DIMS[dim]]).unwrap_or(HUGE);
        *self.indices.entry((model as u32, key)).or_default() += 1;
        let v = self.vectors.entry((number as u16, key)).or_default();
        v.count += 1;
        v.total.iter_mut().zip(sums.total).for_each(|(a, b)| *a += b);
        let (index, words) = (next(), s.books.books[number].len());
        if index == 0 {
            return false;
        }
        if index >= words {
            if let Some(halves) = HALVES.get(dim) {
                for &(dx, dy) in halves {
                    self.vector(s, mags, next, (dim + 1, x + dx, y + dy), false);
                }
                return true;
            }
            // How much the escape exceeds the words.
            next();
        }
        // The signs.
        next();
        for (px, py) in places {
            mags[py * MAG_STRIDE + px] = context_mag(s.values[py * w + px].unsigned_abs());
        }
        true
    }
}
