//! Pictures: planes of samples, chroma formats, bit depth, padded reference frames.

mod any;
mod plane;
mod sample;

pub use any::AnyPicture;
pub use plane::Plane;
pub use sample::Sample;

use crate::api::{Error, Limits};

/// How chroma is sampled against luma.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChromaFormat {
    /// 4:0:0, luma only.
    Mono,
    /// 4:2:0, chroma halved in both directions.
    Yuv420,
    /// 4:4:4, chroma at full resolution.
    Yuv444,
}

impl ChromaFormat {
    /// log2 of the horizontal and vertical subsampling of chroma.
    pub fn shift(self) -> usize {
        usize::from(self == ChromaFormat::Yuv420)
    }

    /// Number of planes: 1 or 3.
    pub fn planes(self) -> usize {
        if self == ChromaFormat::Mono { 1 } else { 3 }
    }
}

/// Everything that fixes the sample layout of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Luma width in samples, from 1.
    pub width: usize,
    /// Luma height in samples, from 1.
    pub height: usize,
    /// Which planes there are, and their size.
    pub chroma: ChromaFormat,
    /// 8 or 10 bits per sample.
    pub bit_depth: u8,
}

impl Format {
    /// Checks the shape against the format's own ranges and the caller's limits.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for an empty picture or a bit depth other than 8 and 10,
    /// [`Error::Limit`] for more pixels than `limits` allows.
    pub fn check(&self, limits: &Limits) -> Result<(), Error> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::Unsupported("a picture without pixels"));
        }
        if self.width > 65536 || self.height > 65536 {
            return Err(Error::Limit("picture side over 65536 samples"));
        }
        if self.bit_depth != 8 && self.bit_depth != 10 {
            return Err(Error::Unsupported("a bit depth other than 8 and 10"));
        }
        limits.check(self)
    }

    /// Width and height of plane `p` (0 = Y, 1 = U, 2 = V).
    pub fn plane_size(&self, p: usize) -> (usize, usize) {
        let s = if p == 0 { 0 } else { self.chroma.shift() };
        (self.width.div_ceil(1 << s), self.height.div_ceil(1 << s))
    }

    /// Largest sample value.
    pub fn max_value(&self) -> u16 {
        (1u16 << self.bit_depth) - 1
    }
}

/// One picture: one or three planes and its timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture<T: Sample = u16> {
    /// What the planes have to look like.
    pub format: Format,
    /// Y, U, V (or Y alone).
    pub planes: Vec<Plane<T>>,
    /// Presentation time in units of the stream's time base.
    pub pts: i64,
}

impl<T: Sample> Picture<T> {
    /// A picture of zeros without padding.
    pub fn new(format: Format) -> Self {
        Self::padded(format, 0, 1)
    }

    /// A picture whose planes are rounded up to a multiple of `align` luma samples and carry a
    /// border of `pad` samples on every side.
    pub(crate) fn padded(format: Format, pad: usize, align: usize) -> Self {
        let s = format.chroma.shift();
        let planes = (0..format.chroma.planes())
            .map(|p| {
                let s = if p == 0 { 0 } else { s };
                let w = format.width.next_multiple_of(align).div_ceil(1 << s);
                let h = format.height.next_multiple_of(align).div_ceil(1 << s);
                Plane::new(w, h, pad)
            })
            .collect();
        Picture { format, planes, pts: 0 }
    }

    /// The visible part of a padded picture, sharing its samples.
    pub(crate) fn visible(&self) -> Self {
        let crop = |(p, plane): (usize, &Plane<T>)| {
            let (w, h) = self.format.plane_size(p);
            plane.cropped(w, h)
        };
        Picture { planes: self.planes.iter().enumerate().map(crop).collect(), ..*self }
    }

    /// Whether no other picture shares samples with this one.
    pub(crate) fn is_unshared(&mut self) -> bool {
        self.planes.iter_mut().all(Plane::is_unshared)
    }

    /// Checks that the planes have the shape that `format` gives and no sample exceeds its depth.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when they do not.
    pub fn validate(&self) -> Result<(), Error> {
        if self.planes.len() != self.format.chroma.planes() {
            return Err(Error::Unsupported("a picture with the wrong number of planes"));
        }
        for (p, plane) in self.planes.iter().enumerate() {
            if (plane.width(), plane.height()) != self.format.plane_size(p) {
                return Err(Error::Unsupported("a plane of the wrong size"));
            }
            let max = self.format.max_value();
            // The greatest of a row: whole rows at once are faster than to stop at the first.
            let most = |y| plane.row(y).iter().fold(0, |most: u16, &v| most.max(v.into()));
            if (0..plane.height()).any(|y| most(y) > max) {
                return Err(Error::Unsupported("a sample beyond the bit depth"));
            }
        }
        Ok(())
    }

    /// CRC-32 over the visible samples (little-endian 16-bit, rows top to bottom, planes in order).
    /// This is the hash that a stream may carry for each frame (SPEC.md, "Frame hash").
    pub fn hash(&self) -> u32 {
        let mut h = crc32fast::Hasher::new();
        let mut bytes = Vec::new();
        for (p, plane) in self.planes.iter().enumerate() {
            let (w, rows) = self.format.plane_size(p);
            for y in 0..rows {
                bytes.clear();
                bytes.extend(plane.row(y)[..w].iter().flat_map(|&v| Into::<u16>::into(v).to_le_bytes()));
                h.update(&bytes);
            }
        }
        h.finalize()
    }
}
