//! Pictures to decode into, again and again.

use crate::picture::{Format, Picture, Sample};

/// Most pictures that are kept sight of, and so most that are kept when nobody uses them.
const MOST: usize = 28;

/// Gives out pictures, those first that nobody uses any more.
#[derive(Debug)]
pub struct Pool<T: Sample> {
    format: Format,
    /// Border of the pictures.
    pad: usize,
    /// Shared with those who use them.
    seen: Vec<Picture<T>>,
}

impl<T: Sample> Pool<T> {
    pub fn new(format: Format, pad: usize) -> Self {
        Pool { format, pad, seen: Vec::new() }
    }

    /// A picture to decode into; what it holds is undefined.
    pub fn blank(&mut self) -> Picture<T> {
        // The one used last is the likeliest to be in the cache.
        let free = (0..self.seen.len()).rev().find(|&i| self.seen[i].is_unshared());
        match free {
            Some(i) => self.seen.remove(i),
            None => Picture::padded(self.format, self.pad, 8),
        }
    }

    /// Keeps sight of a picture, which may be given out again when all others that share its samples are gone.
    pub fn watch(&mut self, picture: &Picture<T>) {
        if self.seen.len() == MOST {
            self.seen.remove(0);
        }
        self.seen.push(picture.clone());
    }
}
