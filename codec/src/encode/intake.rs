//! What is done to a picture before its turn comes.

use super::lookahead::{Id, Sketch};
use super::presets::Settings;
use super::scene::SceneDetector;
use crate::api::{Config, Error};
use crate::picture::Picture;
use std::sync::Arc;

/// Border of source pictures: what the temporal filter's motion may reach.
const SOURCE_PAD: usize = 24;

/// A picture that waits for its turn.
pub struct Queued {
    /// Of the coded size, with a border.
    pub picture: Arc<Picture>,
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
        let padded = pad(picture);
        let cut = self.scenes.is_cut(&padded.planes[0]);
        let sketch =
            self.sketching.then(|| Arc::new(Sketch::of(&padded.planes[0], picture.format.bit_depth)));
        self.taken += 1;
        Queued { picture: Arc::new(padded), pts: picture.pts, id: self.taken - 1, cut, sketch }
    }

    /// Takes notice of a picture that is not coded: all that a key frame does not forget.
    ///
    /// # Errors
    /// [`Error::Config`] after a picture was taken.
    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        if self.taken > 0 {
            return Err(Error::Config("a picture to skip after one to encode"));
        }
        self.scenes.is_cut(&pad(picture).planes[0]);
        Ok(())
    }
}

/// A copy whose planes have the coded size and a border.
fn pad(picture: &Picture) -> Picture {
    let mut padded = Picture::padded(picture.format, SOURCE_PAD, 8);
    for (to, from) in padded.planes.iter_mut().zip(&picture.planes) {
        to.copy_extended(from);
        to.extend_border();
    }
    padded
}
