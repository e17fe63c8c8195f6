//! The filter of one block: which samples it looks at and what they contribute.
//!
//! Around each sample lie four primary taps along the block's direction, at distances 1 and 2 on both
//! sides, and eight secondary taps on the two lines at 45 degrees to it. Each contributes its difference to
//! the sample, limited by a strength: small differences (ringing) count in full, larger ones (edges) less
//! and finally not at all. Samples outside the frame carry [`MARK`] and contribute nothing.

use crate::filter::window::{STRIDE, Span4, load_4x4, part};
use crate::kernel::lanes::I16;
use crate::picture::Sample;
use fearless_simd::{i16x16, prelude::*, u16x8, u16x16};

/// Stands for a sample outside the frame. As i16 it is below and as u16 above any sample, so signed maxima
/// and unsigned minima pass over it; and it is far enough from any sample to be limited to 0.
pub const MARK: u16 = 0xc000;

/// Steps (x, y) to the taps at distances 1 and 2, for each direction.
const STEPS: [[(isize, isize); 2]; 8] = [
    [(1, -1), (2, -2)],
    [(1, 0), (2, -1)],
    [(1, 0), (2, 0)],
    [(1, 0), (2, 1)],
    [(1, 1), (2, 2)],
    [(0, 1), (1, 2)],
    [(0, 1), (0, 2)],
    [(0, 1), (-1, 2)],
];

/// Distances in a window to the taps (near, far) of a direction.
const fn offsets() -> [[isize; 2]; 8] {
    let mut out = [[0; 2]; 8];
    let mut d = 0;
    while d < 8 {
        let [near, far] = STEPS[d];
        out[d] = [near.1 * STRIDE as isize + near.0, far.1 * STRIDE as isize + far.0];
        d += 1;
    }
    out
}

pub const OFFSETS: [[isize; 2]; 8] = offsets();

/// Strengths for one block, in units of its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    pub primary: u16,
    pub secondary: u16,
    /// A difference of 2^damping or more contributes nothing.
    pub damping: u8,
    pub bit_depth: u8,
}

impl Strength {
    /// Weights of the primary taps at distances 1 and 2, in 1/16.
    #[inline(always)]
    pub fn primary_weights(&self) -> (i16, i16) {
        if (self.primary >> (self.bit_depth - 8)) & 1 == 1 { (3, 3) } else { (4, 2) }
    }

    /// How fast the contribution falls off for a strength.
    #[inline(always)]
    pub fn falloff(&self, strength: u16) -> u32 {
        u32::from(self.damping).saturating_sub(strength.max(1).ilog2())
    }
}

/// How sixteen samples at once lie in a window.
pub trait Layout {
    /// Samples of a window that a block spans.
    type Span;
    /// Groups in a block.
    const GROUPS: usize;
    /// The block's samples from position `at` on.
    fn span(window: &[u16], at: usize) -> &Self::Span;
    /// Loads group `i` of sixteen samples.
    fn load<S: Simd>(simd: S, span: &Self::Span, i: usize) -> i16x16<S>;
    /// Writes group `i` to a block whose rows are `stride` apart.
    fn store<S: Simd, T: Sample>(y: i16x16<S>, out: &mut [T], stride: usize, i: usize);
}

/// Blocks of 8x8 samples; a group is two rows.
pub struct Wide;
/// Blocks of 4x4 samples; the only group is the block.
pub struct Narrow;

#[inline(always)]
fn eight<S: Simd>(simd: S, span: &[u16], at: usize) -> u16x8<S> {
    u16x8::from_slice(simd, &span[at..at + 8])
}

impl Layout for Wide {
    type Span = [u16; 7 * STRIDE + 8];
    const GROUPS: usize = 4;

    #[inline(always)]
    fn span(window: &[u16], at: usize) -> &Self::Span {
        part(window, at)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, span: &Self::Span, i: usize) -> i16x16<S> {
        eight(simd, span, 2 * i * STRIDE).combine(eight(simd, span, (2 * i + 1) * STRIDE)).bitcast()
    }

    #[inline(always)]
    fn store<S: Simd, T: Sample>(y: i16x16<S>, out: &mut [T], stride: usize, i: usize) {
        let (top, bottom) = out[2 * i * stride..].split_at_mut(stride);
        y.store_sample_halves(top, bottom);
    }
}

impl Layout for Narrow {
    type Span = Span4;
    const GROUPS: usize = 1;

    #[inline(always)]
    fn span(window: &[u16], at: usize) -> &Self::Span {
        part(window, at)
    }

    #[inline(always)]
    fn load<S: Simd>(simd: S, span: &Self::Span, _: usize) -> i16x16<S> {
        load_4x4(simd, span)
    }

    #[inline(always)]
    fn store<S: Simd, T: Sample>(y: i16x16<S>, out: &mut [T], stride: usize, _: usize) {
        let mut rows = [T::default(); 16];
        y.store_samples(&mut rows);
        for (i, row) in rows.chunks_exact(4).enumerate() {
            out[i * stride..][..4].copy_from_slice(row);
        }
    }
}

/// The tap positions of one block.
pub struct Taps<'a, L: Layout> {
    centre: &'a L::Span,
    /// Both near taps, then both far ones, along the direction.
    primary: [&'a L::Span; 4],
    /// The same for the two other lines, near taps of both first.
    secondary: [&'a L::Span; 8],
}

impl<'a, L: Layout> Taps<'a, L> {
    #[inline(always)]
    pub fn new(window: &'a [u16], at: usize, direction: u8) -> Self {
        let d = usize::from(direction & 7);
        let (a, b) = ((d + 2) & 7, (d + 6) & 7);
        let tap = |d: usize, far: usize| L::span(window, at.wrapping_add_signed(OFFSETS[d][far]));
        let back = |d: usize, far: usize| L::span(window, at.wrapping_add_signed(-OFFSETS[d][far]));
        Taps {
            centre: L::span(window, at),
            primary: [tap(d, 0), back(d, 0), tap(d, 1), back(d, 1)],
            secondary: [
                tap(a, 0),
                back(a, 0),
                tap(b, 0),
                back(b, 0),
                tap(a, 1),
                back(a, 1),
                tap(b, 1),
                back(b, 1),
            ],
        }
    }

    /// The samples to be filtered of group `i`.
    #[inline(always)]
    pub fn samples<S: Simd>(&self, simd: S, i: usize) -> i16x16<S> {
        L::load(simd, self.centre, i)
    }

    /// Weighted contributions, in 1/16, of the primary taps of group `i`.
    #[inline(always)]
    pub fn primary<S: Simd>(&self, simd: S, i: usize, s: Strength, watch: &mut impl Watch<S>) -> i16x16<S> {
        let (near, far) = s.primary_weights();
        let limit = Limit::new(simd, s.primary, s.falloff(s.primary));
        let x = self.samples(simd, i);
        let mut t = [x; 4];
        for (t, tap) in t.iter_mut().zip(self.primary) {
            *t = limit.tap(L::load(simd, tap, i), x, watch);
        }
        (t[0] + t[1]) * near + (t[2] + t[3]) * far
    }

    /// The same of the secondary taps.
    #[inline(always)]
    pub fn secondary<S: Simd>(&self, simd: S, i: usize, s: Strength, watch: &mut impl Watch<S>) -> i16x16<S> {
        let limit = Limit::new(simd, s.secondary, s.falloff(s.secondary));
        let x = self.samples(simd, i);
        let mut t = [x; 8];
        for (t, tap) in t.iter_mut().zip(self.secondary) {
            *t = limit.tap(L::load(simd, tap, i), x, watch);
        }
        let near = (t[0] + t[1]) + (t[2] + t[3]);
        near + near + (t[4] + t[5]) + (t[6] + t[7])
    }
}

/// What is done with the value of every tap besides.
pub trait Watch<S: Simd> {
    fn see(&mut self, tap: i16x16<S>);
}

impl<S: Simd> Watch<S> for () {
    #[inline(always)]
    fn see(&mut self, _: i16x16<S>) {}
}

/// Smallest and largest sample seen.
#[derive(Clone, Copy)]
pub struct Range<S: Simd> {
    low: u16x16<S>,
    high: i16x16<S>,
}

impl<S: Simd> Range<S> {
    #[inline(always)]
    pub fn new(x: i16x16<S>) -> Self {
        Range { low: x.bitcast(), high: x }
    }

    #[inline(always)]
    pub fn limit(&self, y: i16x16<S>) -> i16x16<S> {
        y.max(self.low.bitcast::<i16x16<S>>()).min(self.high)
    }
}

impl<S: Simd> Watch<S> for Range<S> {
    #[inline(always)]
    fn see(&mut self, tap: i16x16<S>) {
        self.low = self.low.min(tap.bitcast::<u16x16<S>>());
        self.high = self.high.max(tap);
    }
}

/// A strength as vectors.
struct Limit<S: Simd> {
    strength: u16x16<S>,
    falloff: u32,
}

impl<S: Simd> Limit<S> {
    #[inline(always)]
    fn new(simd: S, strength: u16, falloff: u32) -> Self {
        Limit { strength: u16x16::splat(simd, strength), falloff }
    }

    #[inline(always)]
    fn tap(&self, tap: i16x16<S>, x: i16x16<S>, watch: &mut impl Watch<S>) -> i16x16<S> {
        watch.see(tap);
        let d = tap - x;
        let size = d.abs().bitcast::<u16x16<S>>();
        let limit = self.strength.saturating_sub(size >> self.falloff).bitcast::<i16x16<S>>();
        d.min(limit).max(-limit)
    }
}

/// Filters a block with vectors; the same as `scalar::filter` on each of its samples.
#[inline(always)]
pub fn filter<S: Simd, L: Layout, T: Sample>(
    simd: S,
    window: &[u16],
    at: usize,
    direction: u8,
    s: Strength,
    out: &mut [T],
    stride: usize,
) {
    let taps = Taps::<L>::new(window, at, direction);
    for i in 0..L::GROUPS {
        let x = taps.samples(simd, i);
        let y = if s.secondary == 0 && s.primary == 0 {
            x // noise, where the primary strength has been adapted to 0
        } else if s.secondary == 0 {
            add(x, taps.primary(simd, i, s, &mut ()))
        } else if s.primary == 0 {
            add(x, taps.secondary(simd, i, s, &mut ()))
        } else {
            let mut range = Range::new(x);
            let sum = taps.primary(simd, i, s, &mut range) + taps.secondary(simd, i, s, &mut range);
            range.limit(add(x, sum))
        };
        L::store(y, out, stride, i);
    }
}

/// The filtered samples, given the weighted contributions. When taps of both kinds took part, the result
/// must be limited to their range; those of one kind, which weigh 12/16, cannot leave it.
#[inline(always)]
pub fn add<S: Simd>(x: i16x16<S>, sum: i16x16<S>) -> i16x16<S> {
    x + ((sum + (sum >> 15) + 8) >> 4)
}
