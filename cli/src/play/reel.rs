//! A film with the last pictures at hand, so that steps back and short jumps are quick.

use std::collections::VecDeque;

use anyhow::Result;

use super::film::{Film, Shot};
use crate::media::Description;

/// Bytes of pictures to keep.
const KEPT_BYTES: usize = 128 << 20;

pub struct Reel {
    film: Box<dyn Film>,
    /// The latest pictures that were decoded.
    kept: VecDeque<Shot>,
    /// Most of them.
    most: usize,
    /// Number in `kept` of the next picture to give.
    next: usize,
    ended: bool,
}

impl Reel {
    pub fn new(film: Box<dyn Film>) -> Self {
        let f = film.description().format;
        let bytes = 2 * f.width * f.height * f.chroma.planes();
        let most = (KEPT_BYTES / bytes.max(1)).clamp(4, 250);
        Reel { film, kept: VecDeque::new(), most, next: 0, ended: false }
    }

    pub fn description(&self) -> &Description {
        self.film.description()
    }

    /// The next picture, `None` after the last.
    pub fn next_shot(&mut self) -> Result<Option<Shot>> {
        if self.next == self.kept.len() && !self.decode()? {
            return Ok(None);
        }
        self.next += 1;
        Ok(self.kept.get(self.next - 1).cloned())
    }

    /// Adds a picture to those at hand; false after the last.
    fn decode(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let Some(shot) = self.film.next_shot()? else {
            self.ended = true;
            return Ok(false);
        };
        if self.kept.len() >= self.most {
            self.kept.pop_front();
            self.next = self.next.saturating_sub(1);
        }
        self.kept.push_back(shot);
        Ok(true)
    }

    /// Makes the picture shown at `pts` the next: the last one up to then, or the first of all.
    pub fn seek(&mut self, pts: i64) -> Result<()> {
        let first = self.kept.front().map(Shot::pts);
        let last = self.kept.back().map(Shot::pts);
        let starts_later = first.is_none_or(|t| t > pts);
        // With a key frame in between, or far away, it is quicker to start there.
        let ahead = last.is_some_and(|t| t < pts)
            && !self.ended
            && self.film.key_before(pts).map_or_else(|| self.is_far(pts), |key| last < Some(key));
        if starts_later || ahead {
            self.rewind(pts)?;
        }
        while self.kept.back().is_none_or(|s| s.pts() <= pts) && self.decode()? {}
        self.next = self.kept.iter().rposition(|s| s.pts() <= pts).unwrap_or(0);
        Ok(())
    }

    /// More than some seconds after the last picture at hand.
    fn is_far(&self, pts: i64) -> bool {
        let base = self.description().time_base;
        let ticks = pts.saturating_sub(self.kept.back().map_or(0, Shot::pts));
        ticks as f64 * f64::from(base.num) / f64::from(base.den) > 8.0
    }

    fn rewind(&mut self, pts: i64) -> Result<()> {
        self.film.rewind(pts)?;
        self.kept.clear();
        (self.next, self.ended) = (0, false);
        Ok(())
    }

    /// Goes to the next key frame up to `pts`, if there is one behind `from`.
    pub fn hurry(&mut self, from: i64, pts: i64) -> Result<()> {
        if self.film.key_before(pts).is_some_and(|key| key > from) {
            self.rewind(pts)?;
        }
        Ok(())
    }

    /// Whether pictures tell how they are coded; to be followed by [`seek`](Self::seek).
    pub fn set_detail(&mut self, on: bool) {
        self.film.set_detail(on);
        self.kept.clear();
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use girih::{ChromaFormat, Color, Format, Picture, Rational};

    use super::*;

    /// Pictures at every tenth tick, a key frame every hundredth; counts what is decoded.
    struct Fake {
        description: Description,
        next: i64,
        decoded: Rc<Cell<usize>>,
        knows_keys: bool,
    }

    const END: i64 = 1000;

    impl Film for Fake {
        fn description(&self) -> &Description {
            &self.description
        }

        fn next_shot(&mut self) -> Result<Option<Shot>> {
            if self.next >= END {
                return Ok(None);
            }
            self.decoded.set(self.decoded.get() + 1);
            let picture = Picture { pts: self.next, ..Picture::new(self.description.format) };
            self.next += 10;
            Ok(Some(Shot { picture, coding: None }))
        }

        fn rewind(&mut self, pts: i64) -> Result<()> {
            self.next = pts.clamp(0, END - 1) / 100 * 100;
            Ok(())
        }

        fn key_before(&self, pts: i64) -> Option<i64> {
            self.knows_keys.then_some(pts.clamp(0, END - 1) / 100 * 100)
        }
    }

    fn reel(size: usize, knows_keys: bool) -> (Reel, Rc<Cell<usize>>) {
        let one = Rational { num: 1, den: 1 };
        let format = Format { width: size, height: size, chroma: ChromaFormat::Mono, bit_depth: 8 };
        let description = Description {
            format,
            color: Color::default(),
            frame_rate: one,
            sample_aspect: one,
            time_base: Rational { num: 1, den: 100 },
            frames: None,
        };
        let decoded = Rc::new(Cell::new(0));
        let film = Fake { description, next: 0, decoded: decoded.clone(), knows_keys };
        (Reel::new(Box::new(film)), decoded)
    }

    fn next(r: &mut Reel) -> Option<i64> {
        r.next_shot().expect("a fake").map(|s| s.pts())
    }

    #[test]
    fn every_place_is_found() {
        for (size, knows_keys) in [(4, true), (4, false), (4096, true), (4096, false)] {
            let (mut r, _) = reel(size, knows_keys);
            assert_eq!((next(&mut r), next(&mut r)), (Some(0), Some(10)));
            let places =
                [(557, 550), (0, 0), (-5, 0), (990, 990), (5000, 990), (120, 120), (119, 110), (121, 120)];
            for (to, shown) in places.into_iter().chain([(i64::MIN, 0), (i64::MAX, 990), (401, 400)]) {
                r.seek(to).expect("a fake");
                assert_eq!(next(&mut r), Some(shown), "{to} of {size} {knows_keys}");
                let after = (shown < 990).then_some(shown + 10);
                assert_eq!(next(&mut r), after, "after {to} of {size} {knows_keys}");
            }
        }
    }

    #[test]
    fn steps_back_decode_little() {
        let (mut r, decoded) = reel(4, true);
        r.seek(595).expect("a fake");
        let before = decoded.get();
        for pts in (500..590).rev().step_by(10) {
            r.seek(pts).expect("a fake");
            assert_eq!(next(&mut r), Some(pts / 10 * 10));
        }
        assert_eq!(decoded.get(), before);
        // The next key frame is reached by decoding on, one far away is not.
        r.seek(605).expect("a fake");
        assert!(decoded.get() - before <= 3, "{}", decoded.get() - before);
        r.seek(995).expect("a fake");
        assert!(decoded.get() - before <= 13, "{}", decoded.get() - before);
    }

    #[test]
    fn hurry_goes_forward_only() {
        let (mut r, _) = reel(4, true);
        next(&mut r);
        r.hurry(0, 99).expect("a fake");
        assert_eq!(next(&mut r), Some(10));
        r.hurry(10, 350).expect("a fake");
        assert_eq!(next(&mut r), Some(300));
    }
}
