//! A picture in the samples that it was decoded with.

use super::{Format, Picture, Plane, Sample};

/// A decoded picture: bytes for 8 bits, where the decoder has them, else 16-bit numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyPicture {
    /// Samples of 8 bits as bytes.
    Bytes(Picture<u8>),
    /// Samples of 8 or 10 bits as 16-bit numbers.
    Words(Picture),
}

impl AnyPicture {
    /// What the planes look like.
    pub fn format(&self) -> Format {
        match self {
            AnyPicture::Bytes(p) => p.format,
            AnyPicture::Words(p) => p.format,
        }
    }

    /// Presentation time in units of the stream's time base.
    pub fn pts(&self) -> i64 {
        match self {
            AnyPicture::Bytes(p) => p.pts,
            AnyPicture::Words(p) => p.pts,
        }
    }

    /// The same picture at another time.
    pub fn at(self, pts: i64) -> Self {
        match self {
            AnyPicture::Bytes(p) => AnyPicture::Bytes(Picture { pts, ..p }),
            AnyPicture::Words(p) => AnyPicture::Words(Picture { pts, ..p }),
        }
    }

    /// The picture in 16-bit numbers: a copy, unless it has them.
    pub fn into_words(self) -> Picture {
        match self {
            AnyPicture::Bytes(p) => p.to_words(),
            AnyPicture::Words(p) => p,
        }
    }
}

impl From<Picture<u8>> for AnyPicture {
    fn from(p: Picture<u8>) -> Self {
        AnyPicture::Bytes(p)
    }
}

impl From<Picture> for AnyPicture {
    fn from(p: Picture) -> Self {
        AnyPicture::Words(p)
    }
}

impl<T: Sample> Picture<T> {
    /// A copy of the visible samples in 16-bit numbers.
    pub fn to_words(&self) -> Picture {
        let widened = |(p, from): (usize, &Plane<T>)| {
            let (width, height) = self.format.plane_size(p);
            let mut to = Plane::new(width, height, 0);
            for y in 0..height {
                to.row_mut(y).iter_mut().zip(from.row(y)).for_each(|(to, &v)| *to = v.into());
            }
            to
        };
        let planes = self.planes.iter().enumerate().map(widened).collect();
        Picture { format: self.format, planes, pts: self.pts }
    }
}
