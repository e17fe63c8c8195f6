//! Numbered images as a film: `frame%04d.png`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use girih::{ChromaFormat, Color, Picture, Rational};

use super::pending::Pending;
use super::still::{Still, StillSink, is_image};
use super::{Description, Sink, Source};
use crate::error::InFile;

/// A name with a place for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    folder: PathBuf,
    before: String,
    /// Digits, filled up with zeros.
    width: usize,
    after: String,
}

impl Pattern {
    /// The pattern that an image's name is, with `%d` or `%04d` in it.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str().filter(|_| is_image(path))?;
        let (before, rest) = name.split_once('%')?;
        let (digits, after) = rest.split_once('d')?;
        let width = match digits {
            "" => 1,
            _ => digits.strip_prefix('0')?.parse().ok().filter(|w| (1..=18).contains(w))?,
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Some(Pattern { folder, before: before.into(), width, after: after.into() })
    }

    /// The name of one image.
    pub fn name(&self, n: u64) -> PathBuf {
        let Pattern { folder, before, width, after } = self;
        folder.join(format!("{before}{n:0width$}{after}"))
    }

    /// The number in a name of this pattern.
    fn number(&self, name: &str) -> Option<u64> {
        let digits = name.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
        (self.name(number) == self.folder.join(name)).then_some(number)
    }

    /// The first number, and how many follow without a gap.
    fn range(&self) -> Result<(u64, u64)> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let names = fs::read_dir(folder)?.filter_map(|e| e.ok()?.file_name().into_string().ok());
        let mut numbers: Vec<u64> = names.filter_map(|n| self.number(&n)).collect();
        numbers.sort_unstable();
        let first = *numbers.first().context("no image of this name")?;
        let count = numbers.iter().zip(first..).take_while(|(n, i)| *n == i).count();
        Ok((first, count as u64))
    }
}

/// Reads images one after the other.
pub struct Sequence {
    pattern: Pattern,
    first: u64,
    next: u64,
    chroma: Option<ChromaFormat>,
    description: Description,
}

impl Sequence {
    pub fn open(pattern: Pattern, rate: Option<Rational>, chroma: Option<ChromaFormat>) -> Result<Self> {
        let (first, count) = pattern.range()?;
        let name = pattern.name(first);
        let still = Still::open(&name, chroma).in_file(&name)?;
        let frame_rate = rate.unwrap_or(Rational { num: 25, den: 1 });
        let description = Description {
            frame_rate,
            time_base: Rational { num: frame_rate.den, den: frame_rate.num },
            frames: Some(count),
            ..still.description().clone()
        };
        Ok(Sequence { pattern, first, next: 0, chroma, description })
    }
}

impl Source for Sequence {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        if self.description.frames.is_none_or(|n| self.next >= n) {
            return Ok(None);
        }
        let name = self.pattern.name(self.first + self.next);
        let mut still = Still::open(&name, self.chroma).in_file(&name)?;
        let (a, b) = (self.description.layout(), still.description().layout());
        if a != b {
            bail!("{} is {b}, those before it are {a}", name.display());
        }
        let pts = i64::try_from(self.next)?;
        self.next += 1;
        Ok(still.next_picture()?.map(|p| Picture { pts, ..p }))
    }

    fn skip(&mut self, n: u64) -> Result<u64> {
        let skipped = n.min(self.description.frames.unwrap_or(0).saturating_sub(self.next));
        self.next += skipped;
        Ok(skipped)
    }
}

/// Writes each picture as an image, numbered from 1.
pub struct SequenceSink {
    pattern: Pattern,
    color: Color,
    overwrite: bool,
    written: Vec<StillSink>,
}

impl SequenceSink {
    pub fn new(pattern: Pattern, color: Color, overwrite: bool) -> Self {
        SequenceSink { pattern, color, overwrite, written: Vec::new() }
    }
}

impl Sink for SequenceSink {
    fn write(&mut self, picture: &Picture) -> Result<()> {
        let name = self.pattern.name(self.written.len() as u64 + 1);
        let pending = Pending::create(&name, self.overwrite).in_file(&name)?;
        let mut sink = StillSink::new(pending, self.color)?;
        sink.write(picture).in_file(&name)?;
        self.written.push(sink);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        // All or none: a failed run has left only temporary files, which are gone.
        self.written.into_iter().try_for_each(|s| Box::new(s).finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let p = Pattern::of(Path::new("a/frame%04d.png"));
        let names = p.as_ref().map(|p| (p.name(7), p.number("frame0012.png"), p.number("frame12.png")));
        assert_eq!(names, Some((PathBuf::from("a/frame0007.png"), Some(12), None)));
        assert_eq!(Pattern::of(Path::new("%d.jpg")).map(|p| p.name(120)), Some("120.jpg".into()));
        for no in ["frame.png", "frame%04d.mkv", "a%sb.png", "a%4d.png", "a%00d.png"] {
            assert_eq!(Pattern::of(Path::new(no)), None, "{no}");
        }
    }
}
