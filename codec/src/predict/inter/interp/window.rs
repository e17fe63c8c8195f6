//! Blocks at the very end of a plane, where vectors would read past it: filtered from a copy with a margin.

use super::{Request, Taps, before, reach};
use crate::picture::Sample;

/// The widest block with the filter's reach and the margin that vectors read.
const STRIDE: usize = 64 + 16;
/// Rows likewise, and one more, as rows are taken whole.
const ROWS: usize = 64 + 7 + 1;

/// Calls `f` with the same request on a copy of the block and the samples around it that its filter needs.
#[cold]
#[inline(never)]
pub fn with_copy<T: Sample>(q: &Request<T>, taps: Taps, f: impl FnOnce(&Request<T>)) {
    let (left, above) = (before(q.fx, taps), before(q.fy, taps));
    let n = q.w + reach(q.fx, taps);
    let mut copy = [T::default(); STRIDE * ROWS];
    for (y, row) in copy.chunks_exact_mut(STRIDE).enumerate().take(q.h + reach(q.fy, taps)) {
        row[..n].copy_from_slice(&q.src[q.pos - left - above * q.stride + y * q.stride..][..n]);
    }
    f(&Request { src: &copy, pos: above * STRIDE + left, stride: STRIDE, ..*q });
}
