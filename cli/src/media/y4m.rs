//! YUV4MPEG2: a header line, then frames of raw planes.

mod header;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Read, Write};

use anyhow::{Context, Result, bail};
use girih::{AnyPicture, Limits, Picture, Sample};

use super::pending::Pending;
use super::{Description, Sink, Source};
pub use header::OtherLayout;

/// The start of every y4m file.
pub const MAGIC: &[u8] = b"YUV4MPEG2";
/// Longest header line accepted.
const MAX_LINE: u64 = 4096;
/// Bytes from which on a frame is passed on before it is complete.
const PIECE: usize = 1 << 18;

/// Reads y4m of 8 and 10 bits: 4:2:0, 4:4:4 and luma only.
pub struct Reader<R: BufRead> {
    inner: R,
    description: Description,
    frames: i64,
    row: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// A malformed header, or [`OtherLayout`] for planes that Girih has no format for.
    pub fn new(mut inner: R) -> Result<Self> {
        let line = read_line(&mut inner)?.context("is empty")?;
        let description = header::parse(&line)?;
        description.format.check(&Limits::default())?;
        Ok(Reader { inner, description, frames: 0, row: Vec::new() })
    }
}

impl<R: BufRead> Source for Reader<R> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn next_picture(&mut self) -> Result<Option<Picture>> {
        let n = self.frames;
        let Some(line) = read_line(&mut self.inner)? else { return Ok(None) };
        if line != "FRAME" && !line.starts_with("FRAME ") {
            bail!("damaged y4m: no frame header where frame {n} should start");
        }
        let format = self.description.format;
        let mut picture = Picture { pts: n, ..Picture::new(format) };
        let wide = format.bit_depth > 8;
        for (p, plane) in picture.planes.iter_mut().enumerate() {
            let (w, h) = format.plane_size(p);
            self.row.resize(w << usize::from(wide), 0);
            for y in 0..h {
                self.inner.read_exact(&mut self.row).map_err(|e| match e.kind() {
                    std::io::ErrorKind::UnexpectedEof => anyhow::anyhow!("truncated in frame {n}"),
                    _ => e.into(),
                })?;
                let row = &mut plane.row_mut(y)[..w];
                if wide {
                    for (v, b) in row.iter_mut().zip(self.row.chunks_exact(2)) {
                        *v = u16::from_le_bytes([b[0], b[1]]).min(format.max_value());
                    }
                } else {
                    row.iter_mut().zip(&self.row).for_each(|(v, &b)| *v = b.into());
                }
            }
        }
        self.frames += 1;
        Ok(Some(picture))
    }
}

/// A line without its end, `None` at the end of the file.
fn read_line(inner: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    let read = inner.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        bail!("damaged y4m: a header line does not end");
    }
    Ok(Some(String::from_utf8(line).ok().context("damaged y4m: a header line is not text")?))
}

/// Writes y4m, to a file or a pipe.
pub struct Writer<W: Write> {
    inner: W,
    pending: Option<Pending>,
    /// What is to be written at once.
    piece: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the header. `pending` is the file behind `inner`, if it is one.
    ///
    /// # Errors
    /// Those of `inner`.
    pub fn new(mut inner: W, pending: Option<Pending>, description: &Description) -> Result<Self> {
        inner.write_all(format!("{}\n", header::format(description)).as_bytes())?;
        Ok(Writer { inner, pending, piece: Vec::with_capacity(2 * PIECE) })
    }

    /// Writes a frame, of which `append` turns each row into bytes.
    fn write_rows<T: Sample>(
        &mut self,
        picture: &Picture<T>,
        append: impl Fn(&[T], &mut Vec<u8>),
    ) -> Result<()> {
        self.piece.extend_from_slice(b"FRAME\n");
        for (p, plane) in picture.planes.iter().enumerate() {
            let (w, h) = picture.format.plane_size(p);
            for y in 0..h {
                append(&plane.row(y)[..w], &mut self.piece);
                if self.piece.len() >= PIECE {
                    self.pass_on()?;
                }
            }
        }
        self.pass_on()
    }

    fn pass_on(&mut self) -> Result<()> {
        self.inner.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Writer<W> {
    fn write(&mut self, picture: &Picture) -> Result<()> {
        let wide = picture.format.bit_depth > 8;
        self.write_rows(picture, |row, to| {
            if wide {
                to.extend(row.iter().flat_map(|v| v.to_le_bytes()));
            } else {
                to.extend(row.iter().map(|&v| v as u8));
            }
        })
    }

    fn write_as_decoded(&mut self, picture: AnyPicture) -> Result<()> {
        match picture {
            AnyPicture::Bytes(p) => self.write_rows(&p, |row, to| to.extend_from_slice(row)),
            AnyPicture::Words(p) => self.write(&p),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.inner.flush()?;
        self.pending.map_or(Ok(()), Pending::commit)
    }
}
