//! What `girih encode` writes: the native container or Matroska.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Result, bail};
use girih::Packet;
use girih::stream::container::{Header, Writer};

use crate::error::display;
use crate::media::ffmpeg::{Copier, GirihSink};
use crate::media::pending::Pending;
use crate::media::{Description, Extras};

/// The kind of file that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Native,
    Matroska,
}

/// The kind of an output.
///
/// # Errors
/// A name that stands for neither.
pub fn kind(path: &Path) -> Result<Kind> {
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("girih") => Ok(Kind::Native),
        Some("mkv") => Ok(Kind::Matroska),
        _ => bail!("{}: the name of the output must end in .girih or .mkv", display(path)),
    }
}

/// A file in the making.
pub enum Output {
    Native(Box<Writer<BufWriter<File>>>, Pending),
    Matroska(Box<GirihSink>),
}

/// What the file is made for.
pub struct Film<'a> {
    /// The sequence header.
    pub header: Vec<u8>,
    pub description: &'a Description,
    pub extras: Extras,
    pub copier: Option<Copier>,
}

impl Output {
    pub fn create(kind: Kind, pending: Pending, film: Film) -> Result<Self> {
        let d = film.description;
        Ok(match kind {
            Kind::Native => {
                let file = BufWriter::with_capacity(1 << 18, pending.open()?);
                let header = Header { sequence: film.header, time_base: d.time_base };
                Output::Native(Box::new(Writer::new(file, &header)?), pending)
            }
            Kind::Matroska => Output::Matroska(Box::new(GirihSink::create(
                pending,
                &film.header,
                d,
                &film.extras,
                film.copier,
            )?)),
        })
    }

    /// What could not be carried over from the input.
    pub fn notes(&self) -> &[String] {
        match self {
            Output::Native(..) => &[],
            Output::Matroska(sink) => sink.notes(),
        }
    }

    /// Says that a picture of this time comes next in display order.
    pub fn expect(&mut self, pts: i64) {
        if let Output::Matroska(sink) = self {
            sink.expect(pts);
        }
    }

    /// Writes a packet; packets come in decoding order.
    pub fn write(&mut self, packet: Packet) -> Result<()> {
        match self {
            Output::Native(writer, _) => Ok(writer.write(&packet)?),
            Output::Matroska(sink) => sink.write(packet),
        }
    }

    /// Completes the file and gives it its name; gives its size.
    pub fn finish(self) -> Result<u64> {
        match self {
            Output::Native(writer, pending) => {
                let file = writer.finish()?;
                let bytes = file.get_ref().metadata()?.len();
                pending.commit()?;
                Ok(bytes)
            }
            Output::Matroska(sink) => sink.finish(),
        }
    }
}
