//! What is done to a picture before its turn comes.

use super::lookahead::{Id, Sketch};
use super::presets::Settings;
use super::scene::SceneDetector;
use crate::api::{Config, Error};
use crate::picture::{AnyPicture, Picture, Sample};
use std::sync::Arc;

/// A picture that waits for its turn.
pub struct Queued {
    /// Of the coded size.
    pub picture: AnyPicture,
    pub pts: i64,
    pub id: Id,
    /// A new scene starts here.
    pub cut: bool,
    /// For the lookahead, if there is one.
    pub sketch: Option<Arc<Sketch>>,
}

/// Takes pictures in display order.
pub struct Intake {
    scenes: SceneDetector,
    sketching: bool,
    /// Pictures that came so far.
    taken: Id,
}

impl Intake {
    pub fn new(config: &Config) -> Self {
        let sketching = Settings::for_config(config).lookahead > 0;
        Intake { scenes: SceneDetector::default(), sketching, taken: 0 }
    }

    pub fn take(&mut self, picture: &Picture) -> Queued {
        match picture.format.bit_depth {
            8 => self.enter(coded_size::<u8>(picture)),
            _ => self.enter(coded_size::<u16>(picture)),
        }
    }

    fn enter<T: Sample>(&mut self, picture: Picture<T>) -> Queued
    where
        AnyPicture: From<Picture<T>>,
    {
        let (luma, depth, pts) = (&picture.planes[0], picture.format.bit_depth, picture.pts);
        let cut = self.scenes.is_cut(luma);
        let sketch = self.sketching.then(|| Arc::new(Sketch::of(luma, depth)));
        self.taken += 1;
        Queued { picture: picture.into(), pts, id: self.taken - 1, cut, sketch }
    }

    /// Takes notice of a picture that is not coded: all that a key frame does not forget.
    ///
    /// # Errors
    /// [`Error::Config`] after a picture was taken.
    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        if self.taken > 0 {
            return Err(Error::Config("a picture to skip after one to encode"));
        }
        self.scenes.is_cut(&coded_size::<u16>(picture).planes[0]);
        Ok(())
    }
}

/// A copy whose planes have the coded size.
fn coded_size<T: Sample>(picture: &Picture) -> Picture<T> {
    let mut whole = Picture::padded(picture.format, 0, 8);
    for (to, from) in whole.planes.iter_mut().zip(&picture.planes) {
        to.copy_extended(from);
    }
    Picture { pts: picture.pts, ..whole }
}

/// The same picture in 16-bit numbers, with a border; `blank` is one to write to.
pub fn words(picture: &AnyPicture, mut blank: Picture) -> Picture {
    for (p, to) in blank.planes.iter_mut().enumerate() {
        match picture {
            AnyPicture::Bytes(from) => to.copy_extended(&from.planes[p]),
            AnyPicture::Words(from) => to.copy_extended(&from.planes[p]),
        }
        to.extend_border();
    }
    blank
}
