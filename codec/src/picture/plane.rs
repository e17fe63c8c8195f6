//! One plane of samples with an optional border.

use super::Sample;
use std::sync::Arc;

/// A rectangle of samples; at least `pad` extra samples surround it on every side.
///
/// Clones share their samples until one of them is written to.
#[derive(Clone, Debug)]
pub struct Plane<T: Sample = u16> {
    data: Arc<Vec<T>>,
    stride: usize,
    width: usize,
    height: usize,
    pad: usize,
}

impl<T: Sample> Plane<T> {
    /// A plane of zeros.
    pub fn new(width: usize, height: usize, pad: usize) -> Self {
        let stride = (width + 2 * pad).next_multiple_of(16);
        Plane { data: Arc::new(vec![T::default(); stride * (height + 2 * pad)]), stride, width, height, pad }
    }

    /// The top left part of this plane; what is cut off becomes border.
    pub(crate) fn cropped(&self, width: usize, height: usize) -> Self {
        debug_assert!(width <= self.width && height <= self.height);
        Plane { width, height, ..self.clone() }
    }

    /// Whether no other plane shares the samples.
    pub(crate) fn is_unshared(&mut self) -> bool {
        Arc::get_mut(&mut self.data).is_some()
    }

    /// Samples in a row, without the border.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows, without the border.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Distance in samples from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Width of the border around the plane.
    pub fn pad(&self) -> usize {
        self.pad
    }

    /// All samples, border included; use with [`Plane::index`] and [`Plane::stride`].
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// The same for writing. Planes that share the samples keep them as they are.
    pub fn data_mut(&mut self) -> &mut [T] {
        Arc::make_mut(&mut self.data).as_mut_slice()
    }

    /// Position in [`Plane::data`] of sample (x, y); both may reach `pad` samples outside.
    #[inline]
    pub fn index(&self, x: isize, y: isize) -> usize {
        let pad = self.pad as isize;
        debug_assert!(x >= -pad && y >= -pad);
        (y + pad) as usize * self.stride + (x + pad) as usize
    }

    /// Row `y` without its border: [`width`](Plane::width) samples. Panics where there is no such row.
    #[inline]
    pub fn row(&self, y: usize) -> &[T] {
        let i = self.index(0, y as isize);
        &self.data[i..i + self.width]
    }

    /// The same for writing.
    #[inline]
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        let i = self.index(0, y as isize);
        let w = self.width;
        &mut self.data_mut()[i..i + w]
    }

    /// Copies `src` into the top left corner and repeats its last column and row to the edges.
    /// The samples must fit.
    pub fn copy_extended(&mut self, src: &Plane<impl Sample>) {
        let (w, h) = (src.width.min(self.width), src.height.min(self.height));
        for y in 0..self.height {
            let (to, beyond) = self.row_mut(y).split_at_mut(w);
            to.iter_mut().zip(src.row(y.min(h - 1))).for_each(|(to, &v)| *to = T::of(v.into()));
            beyond.fill(to[w - 1]);
        }
    }

    /// Fills the border by repeating the edge samples.
    pub fn extend_border(&mut self) {
        let (w, h, pad, stride) = (self.width, self.height, self.pad, self.stride);
        let data = self.data_mut();
        for row in data.chunks_exact_mut(stride).skip(pad).take(h) {
            let (first, last) = (row[pad], row[pad + w - 1]);
            row[..pad].fill(first);
            row[pad + w..].fill(last);
        }
        for y in 0..pad {
            data.copy_within(pad * stride..(pad + 1) * stride, y * stride);
            let last = (pad + h - 1) * stride;
            data.copy_within(last..last + stride, (pad + h + y) * stride);
        }
    }
}

#[cfg(test)]
impl Plane {
    /// The same samples as bytes.
    pub(crate) fn to_bytes(&self) -> Plane<u8> {
        let data = Arc::new(crate::kernel::testing::bytes(&self.data));
        Plane { data, stride: self.stride, width: self.width, height: self.height, pad: self.pad }
    }
}

/// Planes are equal if their visible samples are.
impl<T: Sample> PartialEq for Plane<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
            && (0..self.height).all(|y| self.row(y) == other.row(y))
    }
}

impl<T: Sample> Eq for Plane<T> {}
