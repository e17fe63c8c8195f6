//! A frame cut into rows of superblocks that can be written independently.

use super::window::MARGIN_Y;
use crate::picture::{Plane, Sample};

/// Luma samples along the side of a superblock.
pub const SUPERBLOCK: usize = 64;

/// One row of superblocks in all planes of a frame that is being written.
pub struct Band<'a, T: Sample> {
    /// Number of the superblock row.
    pub row: usize,
    /// The part of each plane.
    pub planes: Vec<BandPlane<'a, T>>,
}

/// The rows of one plane that belong to a band.
pub struct BandPlane<'a, T: Sample> {
    data: &'a mut [T],
    stride: usize,
    pad: usize,
    /// Row of the plane that is the band's first, and rows in the band.
    top: usize,
    height: usize,
    /// Size of the plane.
    width: usize,
    frame_height: usize,
}

impl<'a, T: Sample> BandPlane<'a, T> {
    /// A whole plane as one band.
    pub fn whole(plane: &'a mut Plane<T>) -> Self {
        let (width, height) = (plane.width(), plane.height());
        let (stride, pad) = (plane.stride(), plane.pad());
        let data = &mut plane.data_mut()[pad * stride..(pad + height) * stride];
        BandPlane { data, stride, pad, top: 0, height, width, frame_height: height }
    }

    /// Rows in this band.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of the plane.
    pub fn frame_height(&self) -> usize {
        self.frame_height
    }

    /// Distance in samples from one row to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All samples of the band.
    pub fn data(&mut self) -> &mut [T] {
        self.data
    }

    /// Position in the data of column `x` of row `y` of the plane.
    #[inline]
    pub fn index(&self, x: usize, y: usize) -> usize {
        (y - self.top) * self.stride + self.pad + x
    }

    /// Row `y` of the band.
    pub fn row(&self, y: usize) -> &[T] {
        &self.data[y * self.stride + self.pad..][..self.width]
    }

    /// Samples from column `x` of row `y` of the band to the band's end; rows are `stride` apart.
    #[inline]
    pub fn from(&mut self, x: usize, y: usize) -> &mut [T] {
        &mut self.data[y * self.stride + self.pad + x..]
    }
}

/// Cuts planes into superblock rows, top to bottom. Each may be filtered by another thread.
pub fn bands<T: Sample>(planes: &mut [Plane<T>], chroma_shift: usize) -> Vec<Band<'_, T>> {
    let count = planes.first().map_or(0, |p| p.height().div_ceil(SUPERBLOCK));
    let mut bands: Vec<Band<T>> = (0..count).map(|row| Band { row, planes: Vec::new() }).collect();
    for (p, plane) in planes.iter_mut().enumerate() {
        let rows = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
        let whole = BandPlane::whole(plane);
        let BandPlane { stride, pad, width, frame_height, .. } = whole;
        for (i, (band, data)) in bands.iter_mut().zip(whole.data.chunks_mut(rows * stride)).enumerate() {
            let top = i * rows;
            let height = rows.min(frame_height - top);
            band.planes.push(BandPlane { data, stride, pad, top, height, width, frame_height });
        }
    }
    bands
}

/// One of them.
pub fn band<T: Sample>(planes: &mut [Plane<T>], chroma_shift: usize, row: usize) -> Band<'_, T> {
    let cut = |(p, plane)| {
        let rows = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
        let BandPlane { data, stride, pad, width, frame_height, .. } = BandPlane::whole(plane);
        let top = row * rows;
        let height = rows.min(frame_height - top);
        let data = &mut data[top * stride..(top + height) * stride];
        BandPlane { data, stride, pad, top, height, width, frame_height }
    };
    Band { row, planes: planes.iter_mut().enumerate().map(cut).collect() }
}

/// What a filter that works in place, band by band, needs of the neighbouring bands: copies of the rows on both
/// sides of each seam between bands, from before the filter.
pub struct Seams<T> {
    planes: Vec<PlaneSeams<T>>,
}

struct PlaneSeams<T> {
    width: usize,
    /// Rows of a band.
    step: usize,
    /// For each seam, the rows above it and those below it.
    rows: Vec<T>,
}

impl<T: Sample> Seams<T> {
    /// All seams of a frame.
    pub fn new(planes: &[Plane<T>], chroma_shift: usize) -> Self {
        let mut seams = Seams::blank(planes, chroma_shift);
        let count = planes.first().map_or(0, |p| p.height().div_ceil(SUPERBLOCK));
        (1..count).for_each(|row| seams.save(planes, row - 1));
        seams
    }

    /// Room for all seams of a frame, which are saved one by one.
    pub fn blank(planes: &[Plane<T>], chroma_shift: usize) -> Self {
        let room = |(p, plane): (usize, &Plane<T>)| {
            let step = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
            let count = plane.height().div_ceil(step).max(1) - 1;
            PlaneSeams {
                width: plane.width(),
                step,
                rows: vec![T::default(); count * 2 * MARGIN_Y * plane.width()],
            }
        };
        Seams { planes: planes.iter().enumerate().map(room).collect() }
    }

    /// Saves the seam below the band with a number.
    pub fn save(&mut self, planes: &[Plane<T>], number: usize) {
        for (plane, seams) in planes.iter().zip(&mut self.planes) {
            let first = (number + 1) * seams.step - MARGIN_Y;
            let rows = seams.rows.chunks_exact_mut(seams.width).skip(number * 2 * MARGIN_Y);
            rows.take(2 * MARGIN_Y).enumerate().for_each(|(i, to)| to.copy_from_slice(plane.row(first + i)));
        }
    }

    /// Row `y` of a band of plane `p`, also up to [`MARGIN_Y`] rows outside it; `None` outside the frame.
    #[inline]
    pub fn row<'a>(&'a self, band: &'a BandPlane<T>, p: usize, number: usize, y: isize) -> Option<&'a [T]> {
        if (0..band.height as isize).contains(&y) {
            return Some(band.row(y as usize));
        }
        let seams = &self.planes[p];
        let below = y >= 0;
        let seam = if below { number } else { number.checked_sub(1)? };
        let row = if below { y as usize - band.height + MARGIN_Y } else { MARGIN_Y.checked_add_signed(y)? };
        seams.rows.get((seam * 2 * MARGIN_Y + row) * seams.width..)?.get(..seams.width)
    }
}
