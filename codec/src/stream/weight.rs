//! Weights of reference pictures, for fades (SPEC.md, "Weighted references").

use super::fields::Fields;
use crate::api::Error;
use crate::picture::{Picture, Sample};
use std::sync::Arc;

/// One in [`Weight::scale`].
pub const UNIT: i32 = 64;

/// What a plane of a reference is multiplied by and what is added, before anything is predicted from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// In 1/64, 0 to 255.
    pub scale: i32,
    /// In units of a sample of 8 bits, -128 to 127.
    pub offset: i32,
}

impl Default for Weight {
    fn default() -> Self {
        Weight { scale: UNIT, offset: 0 }
    }
}

/// Weights of the three planes.
pub type Weights = [Weight; 3];

/// Codes the weights of a reference, if it has any.
pub fn code<F: Fields>(f: &mut F, weights: Option<Weights>) -> Result<Option<Weights>, Error> {
    if !f.flag(weights.is_some())? {
        return Ok(None);
    }
    let mut weights = weights.unwrap_or_default();
    for w in &mut weights {
        w.scale = (f.signed(w.scale - UNIT)?.clamp(-UNIT, 255 - UNIT)) + UNIT;
        w.offset = f.signed(w.offset)?.clamp(-128, 127);
    }
    Ok(Some(weights))
}

impl Weight {
    /// The weighted sample.
    #[inline]
    pub fn apply(self, v: u16, bit_depth: u8) -> u16 {
        let v = ((i32::from(v) * self.scale + UNIT / 2) >> 6) + (self.offset << (bit_depth - 8));
        v.clamp(0, (1 << bit_depth) - 1) as u16
    }
}

/// References with the weights that a frame gives them.
pub fn weigh<T: Sample>(
    weights: &[Option<Weights>],
    refs: impl Iterator<Item = Arc<Picture<T>>>,
) -> Vec<Arc<Picture<T>>> {
    let all = weights.iter().chain(std::iter::repeat(&None));
    let weigh = |(picture, weights): (Arc<Picture<T>>, &Option<Weights>)| match weights {
        Some(w) => Arc::new(weighted(&picture, w)),
        None => picture,
    };
    refs.zip(all).map(weigh).collect()
}

/// The weighted picture, its border too.
fn weighted<T: Sample>(picture: &Picture<T>, weights: &Weights) -> Picture<T> {
    let mut out = picture.clone();
    let depth = picture.format.bit_depth;
    for (plane, w) in out.planes.iter_mut().zip(weights).filter(|(_, w)| **w != Weight::default()) {
        for v in plane.data_mut() {
            *v = T::of(w.apply((*v).into(), depth));
        }
    }
    out
}
