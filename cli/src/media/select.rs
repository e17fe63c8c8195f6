//! A part of a source.

use anyhow::{Result, bail};
use girih::Picture;

use super::{Description, Extras, Source};
use crate::args::Range;

/// The pictures of `source` in `range`. Time starts anew at zero when the first ones are skipped.
pub fn select(source: Box<dyn Source>, range: Range) -> Box<dyn Source> {
    if range.start == 0 && range.frames.is_none() {
        return source;
    }
    let mut description = source.description().clone();
    let available = description.frames.map(|n| n.saturating_sub(range.start));
    description.frames = match (available, range.frames) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Box::new(Selection { source, description, range, taken: 0, origin: None })
}

struct Selection {
    source: Box<dyn Source>,
    description: Description,
    range: Range,
    taken: u64,
    /// `pts` of the first picture taken.
    origin: Option<i64>,
}

impl Source for Selection {
    fn description(&self) -> &Description {
        &self.description
    }

    fn extras(&self) -> Extras {
        Extras { origin: self.origin.unwrap_or_default(), seconds: None, ..self.source.extras() }
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        if self.range.frames.is_some_and(|n| self.taken >= n) {
            return Ok(None);
        }
        if self.origin.is_none() {
            let n = self.source.skip(self.range.start)?;
            if n < self.range.start {
                bail!("only {n} frames, cannot start at {}", self.range.start);
            }
        }
        let Some(mut picture) = self.source.next_picture()? else {
            if self.taken == 0 && self.range.start > 0 {
                bail!("only {0} frames, cannot start at {0}", self.range.start);
            }
            return Ok(None);
        };
        let origin = *self.origin.get_or_insert(if self.range.start > 0 { picture.pts } else { 0 });
        picture.pts = picture.pts.saturating_sub(origin);
        self.taken += 1;
        Ok(Some(picture))
    }
}

#[cfg(test)]
mod tests {
    use girih::{ChromaFormat, Color, Format, Rational};

    use super::*;

    struct Count(Description, i64);

    impl Source for Count {
        fn description(&self) -> &Description {
            &self.0
        }

        fn next_picture(&mut self) -> Result<Option<Picture>> {
            self.1 += 1;
            let picture = Picture { pts: self.1 * 10, ..Picture::new(self.0.format) };
            Ok((self.1 <= 5).then_some(picture))
        }
    }

    fn times(start: u64, frames: Option<u64>) -> Result<Vec<i64>> {
        let one = Rational { num: 1, den: 1 };
        let format = Format { width: 1, height: 1, chroma: ChromaFormat::Mono, bit_depth: 8 };
        let d = Description {
            format,
            color: Color::default(),
            frame_rate: one,
            sample_aspect: one,
            time_base: one,
            frames: Some(5),
        };
        let mut s = select(Box::new(Count(d, 0)), Range { start, frames });
        let mut times = Vec::new();
        while let Some(p) = s.next_picture()? {
            times.push(p.pts);
        }
        Ok(times)
    }

    #[test]
    fn parts_of_a_clip() -> Result<()> {
        assert_eq!(times(0, None)?, [10, 20, 30, 40, 50]);
        assert_eq!(times(0, Some(2))?, [10, 20]);
        assert_eq!(times(2, None)?, [0, 10, 20]);
        assert_eq!(times(3, Some(9))?, [0, 10]);
        assert!(times(5, None).is_err());
        assert!(times(9, Some(1)).is_err());
        Ok(())
    }
}
