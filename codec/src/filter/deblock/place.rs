//! Reading and writing the samples around an edge.

use super::Pass;
use crate::filter::band::BandPlane;
use crate::filter::transpose;
use crate::kernel::lanes::I16;
use crate::picture::Sample;
use fearless_simd::{i16x8, prelude::*};

/// Positions in a band's data of the samples around an edge: `start` is q0 of the first line.
pub struct Place {
    pub start: usize,
    /// Distance from one sample of a line to the next.
    pub across: usize,
    /// Distance from one line to the next.
    pub along: usize,
}

impl Place {
    #[inline]
    pub fn new(plane: &BandPlane<impl Sample>, pass: Pass, x: usize, y: usize) -> Self {
        let start = plane.index(x, y);
        match pass {
            Pass::Vertical => Place { start, across: 1, along: plane.stride() },
            Pass::Horizontal => Place { start, across: plane.stride(), along: 1 },
        }
    }

    /// Reads four lines of N samples, half of them before the edge.
    pub fn load<T: Sample, const N: usize>(&self, data: &[T]) -> [[i32; N]; 4] {
        let first = self.start - N / 2 * self.across;
        std::array::from_fn(|i| {
            std::array::from_fn(|k| data[first + i * self.along + k * self.across].into())
        })
    }

    /// Writes the samples back that an edge may change.
    pub fn store<T: Sample, const N: usize>(&self, data: &mut [T], lines: &[[i32; N]; 4], max: i32) {
        let first = self.start - N / 2 * self.across;
        for (i, line) in lines.iter().enumerate() {
            for (k, &v) in line.iter().enumerate() {
                data[first + i * self.along + k * self.across] = T::of(v.clamp(0, max) as u16);
            }
        }
    }

    /// Reads eight lines p3..p0 q0..q3 and returns each of these samples as a vector over the lines.
    #[inline(always)]
    pub fn load_vectors<S: Simd, T: Sample>(&self, simd: S, data: &[T], pass: Pass) -> [i16x8<S>; 8] {
        let mut v = [i16x8::splat(simd, 0); 8];
        let (first, step) = self.rows(pass);
        for (i, v) in v.iter_mut().enumerate() {
            *v = i16x8::load_samples(simd, &data[first + i * step..]);
        }
        if pass == Pass::Vertical { transpose(v) } else { v }
    }

    /// Writes them back.
    #[inline(always)]
    pub fn store_vectors<S: Simd, T: Sample>(&self, data: &mut [T], pass: Pass, v: [i16x8<S>; 8]) {
        let (first, step) = self.rows(pass);
        let v = if pass == Pass::Vertical { transpose(v) } else { v };
        for (i, v) in v.into_iter().enumerate() {
            v.store_samples(&mut data[first + i * step..]);
        }
    }

    /// The 8x8 samples as rows in memory: the first, and the distance between them.
    #[inline(always)]
    fn rows(&self, pass: Pass) -> (usize, usize) {
        let step = if pass == Pass::Vertical { self.along } else { self.across };
        (self.start - 4 * self.across, step)
    }
}

/// Whether eight samples exist on both sides of the edge at (x, y).
pub fn has_eight(plane: &BandPlane<impl Sample>, pass: Pass, x: usize, y: usize) -> bool {
    let (at, end) = if pass == Pass::Vertical { (x, plane.width()) } else { (y, plane.frame_height()) };
    at >= 8 && at + 8 <= end
}
