//! A frame cut into rows of superblocks that can be written independently.

use crate::picture::Plane;

/// Luma samples along the side of a superblock.
pub const SUPERBLOCK: usize = 64;

/// One row of superblocks in all planes of a frame that is being written.
pub struct Band<'a> {
    /// Number of the superblock row.
    pub row: usize,
    /// The part of each plane.
    pub planes: Vec<BandPlane<'a>>,
}

/// The rows of one plane that belong to a band.
pub struct BandPlane<'a> {
    data: &'a mut [u16],
    stride: usize,
    pad: usize,
    height: usize,
}

impl BandPlane<'_> {
    /// Rows in this band.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Distance in samples from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Samples from column `x` of row `y` of the band to the band's end; rows are `stride` apart.
    #[inline]
    pub fn from(&mut self, x: usize, y: usize) -> &mut [u16] {
        &mut self.data[y * self.stride + self.pad + x..]
    }

    /// `n` samples of row `y` from column `x` on.
    #[inline]
    pub fn row(&mut self, x: usize, y: usize, n: usize) -> &mut [u16] {
        &mut self.from(x, y)[..n]
    }

    /// Copies a rectangle from another plane, whose row `top` is this band's first.
    pub fn copy(&mut self, src: &Plane, top: usize, x: usize, y: usize, w: usize, h: usize) {
        for y in y..y + h {
            self.row(x, y, w).copy_from_slice(&src.row(top + y)[x..x + w]);
        }
    }
}

/// Cuts planes into superblock rows, top to bottom. Each may be filtered by another thread.
pub fn bands(planes: &mut [Plane], chroma_shift: usize) -> Vec<Band<'_>> {
    let count = planes.first().map_or(0, |p| p.height().div_ceil(SUPERBLOCK));
    let mut bands: Vec<Band> = (0..count).map(|row| Band { row, planes: Vec::new() }).collect();
    for (p, plane) in planes.iter_mut().enumerate() {
        let rows = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
        let (stride, pad, height) = (plane.stride(), plane.pad(), plane.height());
        let visible = &mut plane.data_mut()[pad * stride..(pad + height) * stride];
        for (i, (band, data)) in bands.iter_mut().zip(visible.chunks_mut(rows * stride)).enumerate() {
            let height = rows.min(height - i * rows);
            band.planes.push(BandPlane { data, stride, pad, height });
        }
    }
    bands
}
