//! Cursors over the rows of a block. `chunks(stride)` would do, but it divides the length by the stride, and a
//! division costs as much as a small block; indexing by `y * stride` multiplies and checks twice per row.

/// Yields each row up to the start of the next; the last, what is left.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a, T> {
    rest: &'a [T],
    stride: usize,
}

impl<'a, T> Rows<'a, T> {
    #[inline(always)]
    pub fn new(from: &'a [T], stride: usize) -> Self {
        Rows { rest: from, stride }
    }

    /// The next row where another stride of samples is known to follow: all rows are then of one length, and
    /// what the compiler checks for one need not be checked for the others.
    #[inline(always)]
    pub fn next_whole(&mut self) -> &'a [T] {
        let (row, rest) = self.rest.split_at(self.stride);
        self.rest = rest;
        row
    }

    /// What follows the rows taken so far.
    #[inline(always)]
    pub fn rest(self) -> &'a [T] {
        self.rest
    }

    #[inline(always)]
    pub fn next_row(&mut self) -> &'a [T] {
        // A branch, not a minimum: the next row's address must not wait for this one's comparison.
        match self.rest.split_at_checked(self.stride) {
            Some((row, rest)) => {
                self.rest = rest;
                row
            }
            None => std::mem::take(&mut self.rest),
        }
    }
}

/// The same for writing: yields each row up to the start of the next.
pub(crate) struct RowsMut<'a, T> {
    rest: &'a mut [T],
    stride: usize,
}

impl<'a, T> RowsMut<'a, T> {
    #[inline(always)]
    pub fn new(from: &'a mut [T], stride: usize) -> Self {
        RowsMut { rest: from, stride }
    }

    #[inline(always)]
    pub fn next_row(&mut self) -> &'a mut [T] {
        let all = std::mem::take(&mut self.rest);
        let (row, rest) = all.split_at_mut(self.stride.min(all.len()));
        self.rest = rest;
        row
    }
}

/// Runs the body for strips of 16 columns (where vectors are that wide), then of 8, 4, 2 or 1; it sees the column
/// `$x`, the width `$n` and the vector type `$V`.
macro_rules! strips {
    ($w:expr, $x:ident, $n:ident, $V:ident => $body:block) => {
        let mut $x = 0;
        while $crate::kernel::lanes::WIDE && $x + 16 <= $w {
            type $V<S> = fearless_simd::i16x16<S>;
            let $n = 16;
            $body
            $x += 16;
        }
        while $x < $w {
            type $V<S> = fearless_simd::i16x8<S>;
            let $n = 1 << ($w - $x).min(8).ilog2();
            $body
            $x += $n;
        }
    };
}

pub(crate) use strips;
