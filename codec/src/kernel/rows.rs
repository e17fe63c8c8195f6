//! Cursors over the rows of a block. `chunks(stride)` would do, but it divides the length by the stride, and a
//! division costs as much as a small block; indexing by `y * stride` multiplies and checks twice per row.

/// Yields the slice from each row's start to the end of the plane, then empty slices.
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

    #[inline(always)]
    pub fn next_row(&mut self) -> &'a [T] {
        let row = self.rest;
        self.rest = row.get(self.stride..).unwrap_or_default();
        row
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
