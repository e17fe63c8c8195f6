//! A file with Girih in it, of either kind.

use std::io::{BufReader, Read, Seek, SeekFrom};

use girih::SequenceInfo;
use girih::stream::container;

use crate::ebml;
use crate::matroska::Matroska;
use crate::native::Native;

/// What is decoded for the next picture, or some picture.
pub struct Unit {
    /// Packets in decoding order.
    pub packets: Vec<Vec<u8>>,
    /// Seconds.
    pub time: f64,
}

pub enum Film<R: Read> {
    /// A unit is a packet; units come in decoding order, with the times of their own pictures.
    Native(Native<R>),
    /// A unit has any number of packets; units come in display order, one for each picture.
    Matroska(Matroska<R>),
}

impl<R: Read + Seek> Film<R> {
    /// # Errors
    /// A line for the user.
    pub fn open(source: R) -> Result<Self, String> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let mut magic = Vec::new();
        source.by_ref().take(4).read_to_end(&mut magic).map_err(|e| e.to_string())?;
        source.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        match &magic[..] {
            [] => Err("the file is empty".into()),
            m if *m == container::MAGIC => Native::open(source).map(Film::Native),
            m if *m == ebml::HEADER.to_be_bytes() => Matroska::open(source).map(Film::Matroska),
            _ => Err("neither a .girih nor a Matroska file".into()),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Film::Native(_) => "girih",
            Film::Matroska(_) => "matroska",
        }
    }

    /// The sequence header.
    pub fn header(&self) -> &[u8] {
        match self {
            Film::Native(f) => f.header(),
            Film::Matroska(f) => &f.header,
        }
    }

    /// Time of the first picture, and of the end as far as it is known.
    pub fn span(&self, info: &SequenceInfo) -> (f64, f64) {
        match self {
            Film::Native(f) => f.span(info),
            Film::Matroska(f) => f.span(),
        }
    }

    /// The next unit, `None` at the end.
    ///
    /// # Errors
    /// A line for the user. Where the file can be read on after it, the next call does so; else it gives the end.
    pub fn next(&mut self) -> Result<Option<Unit>, String> {
        match self {
            Film::Native(f) => f.next(),
            Film::Matroska(f) => f.next(),
        }
    }

    /// Goes to the last key frame at or before a time, or else to the start.
    ///
    /// # Errors
    /// A line for the user.
    pub fn seek(&mut self, time: f64) -> Result<(), String> {
        match self {
            Film::Native(f) => f.seek(time),
            Film::Matroska(f) => f.seek(time),
        }
    }
}
