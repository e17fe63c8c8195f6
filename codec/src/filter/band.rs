//! A frame cut into rows of superblocks that can be written independently.

use super::window::MARGIN_Y;
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
    /// Row of the plane that is the band's first, and rows in the band.
    top: usize,
    height: usize,
    /// Size of the plane.
    width: usize,
    frame_height: usize,
}

impl<'a> BandPlane<'a> {
    /// A whole plane as one band.
    pub fn whole(plane: &'a mut Plane) -> Self {
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
    pub fn data(&mut self) -> &mut [u16] {
        self.data
    }

    /// Position in the data of column `x` of row `y` of the plane.
    #[inline]
    pub fn index(&self, x: usize, y: usize) -> usize {
        (y - self.top) * self.stride + self.pad + x
    }

    /// Row `y` of the band.
    pub fn row(&self, y: usize) -> &[u16] {
        &self.data[y * self.stride + self.pad..][..self.width]
    }

    /// Samples from column `x` of row `y` of the band to the band's end; rows are `stride` apart.
    #[inline]
    pub fn from(&mut self, x: usize, y: usize) -> &mut [u16] {
        &mut self.data[y * self.stride + self.pad + x..]
    }
}

/// Cuts planes into superblock rows, top to bottom. Each may be filtered by another thread.
pub fn bands(planes: &mut [Plane], chroma_shift: usize) -> Vec<Band<'_>> {
    let count = planes.first().map_or(0, |p| p.height().div_ceil(SUPERBLOCK));
    let mut bands: Vec<Band> = (0..count).map(|row| Band { row, planes: Vec::new() }).collect();
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

/// What a filter that works in place, band by band, needs of the neighbouring bands: copies of the rows on both
/// sides of each seam between bands, from before the filter.
pub struct Seams {
    planes: Vec<PlaneSeams>,
}

struct PlaneSeams {
    width: usize,
    /// For each seam, the rows above it and those below it.
    rows: Vec<u16>,
}

impl Seams {
    pub fn new(planes: &[Plane], chroma_shift: usize) -> Self {
        let copy = |(p, plane): (usize, &Plane)| {
            let step = if p == 0 { SUPERBLOCK } else { SUPERBLOCK >> chroma_shift };
            let mut rows = Vec::with_capacity(plane.height() / step * 2 * MARGIN_Y * plane.width());
            for seam in (step..plane.height()).step_by(step) {
                (seam - MARGIN_Y..seam + MARGIN_Y).for_each(|y| rows.extend_from_slice(plane.row(y)));
            }
            PlaneSeams { width: plane.width(), rows }
        };
        Seams { planes: planes.iter().enumerate().map(copy).collect() }
    }

    /// Row `y` of a band of plane `p`, also up to [`MARGIN_Y`] rows outside it; `None` outside the frame.
    #[inline]
    pub fn row<'a>(&'a self, band: &'a BandPlane, p: usize, number: usize, y: isize) -> Option<&'a [u16]> {
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
