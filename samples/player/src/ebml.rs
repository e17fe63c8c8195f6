//! EBML, the tree of elements that Matroska is made of.

use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

pub const HEADER: u32 = 0x1a45_dfa3;

/// The head of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub id: u32,
    /// Where its content starts.
    pub start: u64,
    /// Where it ends; `None` where the file does not say.
    pub end: Option<u64>,
}

/// Reads elements one after the other.
pub struct Ebml<R> {
    inner: BufReader<R>,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Ebml<R> {
    pub fn new(mut inner: BufReader<R>) -> Result<Self, Error> {
        let length = inner.seek(SeekFrom::End(0))?;
        inner.seek(SeekFrom::Start(0))?;
        Ok(Ebml { inner, position: 0, length })
    }

    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn go(&mut self, position: u64) -> Result<(), Error> {
        // Relative, so that what is buffered stays.
        self.inner.seek_relative(position.wrapping_sub(self.position) as i64)?;
        self.position = position;
        Ok(())
    }

    /// The next element's head, `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<Element>, Error> {
        if self.position >= self.length {
            return Ok(None);
        }
        let (id, _) = self.number(4, false)?;
        let (size, bytes) = self.number(8, true)?;
        let unknown = size == (1 << (7 * bytes)) - 1;
        let start = self.position;
        let end = start.checked_add(size).filter(|_| !unknown);
        if end.is_none() && !unknown {
            return Err(invalid());
        }
        Ok(Some(Element { id: id as u32, start, end }))
    }

    /// An element's content, if it has at most `most` bytes.
    pub fn content(&mut self, e: Element, most: u64) -> Result<Vec<u8>, Error> {
        let size = e.end.map(|end| end - e.start).filter(|&s| s <= most).ok_or_else(invalid)?;
        self.read(e.start, size)
    }

    /// Up to `n` bytes of an element's content.
    pub fn prefix(&mut self, e: Element, n: u64) -> Result<Vec<u8>, Error> {
        let end = e.end.ok_or_else(invalid)?;
        self.read(e.start, n.min(end - e.start))
    }

    fn read(&mut self, from: u64, size: u64) -> Result<Vec<u8>, Error> {
        self.go(from)?;
        if size > self.length.saturating_sub(from) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; size as usize];
        self.inner.read_exact(&mut bytes)?;
        self.position += size;
        Ok(bytes)
    }

    pub fn unsigned(&mut self, e: Element) -> Result<u64, Error> {
        Ok(self.content(e, 8)?.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
    }

    pub fn float(&mut self, e: Element) -> Result<f64, Error> {
        let bytes = self.content(e, 8)?;
        Ok(match (<[u8; 4]>::try_from(&bytes[..]), <[u8; 8]>::try_from(&bytes[..])) {
            (Ok(b), _) => f32::from_be_bytes(b).into(),
            (_, Ok(b)) => f64::from_be_bytes(b),
            _ => 0.0,
        })
    }

    /// Goes behind an element.
    pub fn skip(&mut self, e: Element) -> Result<(), Error> {
        let end = e.end.ok_or_else(invalid)?;
        self.go(end.min(self.length))?;
        if end > self.length { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// A number whose length stands in its leading zeros; and how many bytes it had.
    fn number(&mut self, most: u32, without_marker: bool) -> Result<(u64, u32), Error> {
        let mut byte = [0];
        self.inner.read_exact(&mut byte)?;
        let more = byte[0].leading_zeros();
        if more >= most {
            return Err(invalid());
        }
        let first = if without_marker { u64::from(byte[0]) & (0x7f >> more) } else { byte[0].into() };
        let mut value = first;
        for _ in 0..more {
            self.inner.read_exact(&mut byte)?;
            value = value << 8 | u64::from(byte[0]);
        }
        self.position += u64::from(more) + 1;
        Ok((value, more + 1))
    }
}

/// A number inside a block, and what follows it.
pub fn split_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let more = bytes.first()?.leading_zeros() as usize;
    let (number, rest) = bytes.split_at_checked(more + 1).filter(|_| more < 8)?;
    let first = u64::from(number[0]) & (0x7f >> more);
    Some((number[1..].iter().fold(first, |n, &b| n << 8 | u64::from(b)), rest))
}

fn invalid() -> Error {
    ErrorKind::InvalidData.into()
}
