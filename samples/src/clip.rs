//! A clip: an iterator over pictures.

use girih::{Format, Picture};

use crate::rng::Rng;
use crate::scene::Scene;
use crate::stage::Stage;

/// Yields the pictures of a scene; `pts` counts them from 0.
pub struct Clip {
    scene: Scene,
    format: Format,
    frames: usize,
    next: usize,
    stage: Option<(usize, Stage)>,
}

impl Clip {
    /// A clip of `frames` pictures. `format` must have at least one pixel and 8 or 10 bits.
    pub fn new(scene: Scene, format: Format, frames: usize) -> Self {
        Clip { scene, format, frames, next: 0, stage: None }
    }
}

impl Iterator for Clip {
    type Item = Picture;

    fn next(&mut self) -> Option<Picture> {
        if self.next >= self.frames {
            return None;
        }
        let (frame, shots) = (self.next, self.scene.shots().min(self.frames));
        let first = |shot: usize| (shot * self.frames).div_ceil(shots);
        let shot = frame * shots / self.frames;
        let (start, length) = (first(shot), first(shot + 1) - first(shot));
        self.next += 1;
        if self.stage.as_ref().is_none_or(|s| s.0 != shot) {
            self.stage = Some((shot, self.scene.stage(shot, self.format)));
        }
        let stage = &self.stage.as_ref()?.1;
        let mut rng = Rng::new(0x6772_6169 ^ ((frame as u64) << 32));
        let mut picture = stage.shoot(self.format, (frame - start) as i32, length as i32, &mut rng);
        picture.pts = frame as i64;
        Some(picture)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.frames - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Clip {}
