//! Matroska, as far as our track needs it (SPEC.md, "Other containers").

use std::io::{BufReader, Cursor, Error, ErrorKind, Read, Seek};

use girih::stream::unit;

use crate::ebml::{Ebml, Element, split_number};
use crate::film::Unit;
use crate::native::LIMITS;

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x2a_d7b1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const CODEC_PRIVATE: u32 = 0x63a2;
const CLUSTER: u32 = 0x1f43_b675;
const TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;

/// Bytes of the BITMAPINFOHEADER before the sequence header, and where its FourCC is.
const BITMAP_HEADER: usize = 40;
const BITMAP_FOURCC: std::ops::Range<usize> = 16..20;
/// More than a track with a codebook in its header has.
const MAX_TRACK: u64 = 1 << 22;
/// Bits of a block's flags that say that it holds several frames.
const LACING: u8 = 6;

/// Where reading can go on.
#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    /// Timestamp of the cluster that this is in.
    cluster: i64,
}

pub struct Matroska<R: Read> {
    ebml: Ebml<R>,
    pub header: Vec<u8>,
    track: Option<u64>,
    /// Seconds per unit of timestamps.
    scale: f64,
    duration: f64,
    /// Contents of the clusters in the order of the file.
    clusters: Vec<Place>,
    cluster: i64,
    ended: bool,
}

impl<R: Read + Seek> Matroska<R> {
    pub fn open(source: BufReader<R>) -> Result<Self, String> {
        let mut film = Matroska {
            ebml: Ebml::new(source).map_err(text)?,
            header: Vec::new(),
            track: None,
            scale: 1e-3,
            duration: 0.0,
            clusters: Vec::new(),
            cluster: 0,
            ended: false,
        };
        let first = film.read_head().map_err(text)?;
        if film.track.is_none() {
            return Err("no Girih in this Matroska file".into());
        }
        if let Some(first) = first {
            // In a damaged file those up to the damage are found, and only they can be sought.
            film.find_clusters(first).ok();
            let start = Place { offset: first.start, cluster: 0 };
            if film.clusters.is_empty() {
                film.clusters.push(start);
            }
            film.go(start).map_err(text)?;
        }
        Ok(film)
    }

    pub fn span(&self) -> (f64, f64) {
        let time = |c: Option<&Place>| c.map_or(0.0, |c| c.cluster as f64 * self.scale);
        (time(self.clusters.first()), (self.duration * self.scale).max(time(self.clusters.last())))
    }

    pub fn next(&mut self) -> Result<Option<Unit>, String> {
        if self.ended {
            return Ok(None);
        }
        let read = self.read_unit();
        if read.is_err() {
            // Behind damage, the next cluster is sound again.
            let at = self.ebml.position();
            match self.clusters.iter().find(|c| c.offset > at).copied() {
                Some(next) => self.go(next).map_err(text)?,
                None => self.ended = true,
            }
        }
        let unit = read.map_err(text)?.map(|(unit, _)| unit);
        self.ended |= unit.is_none();
        Ok(unit)
    }

    pub fn seek(&mut self, time: f64) -> Result<(), String> {
        let sooner = |c: &&Place| c.cluster as f64 * self.scale <= time;
        let before: Vec<Place> = self.clusters.iter().filter(sooner).copied().collect();
        for (i, &cluster) in before.iter().enumerate().rev() {
            let end = self.clusters.get(i + 1).map_or(u64::MAX, |c| c.offset);
            if let Some(key) = self.last_key(cluster, end, time).map_err(text)? {
                return self.go(key).map_err(text);
            }
        }
        match self.clusters.first().copied() {
            Some(first) => self.go(first).map_err(text),
            None => Ok(()),
        }
    }

    fn go(&mut self, place: Place) -> Result<(), Error> {
        self.cluster = place.cluster;
        self.ended = false;
        self.ebml.go(place.offset)
    }

    /// Reads up to the first cluster.
    fn read_head(&mut self) -> Result<Option<Element>, Error> {
        while let Some(e) = self.ebml.next()? {
            match e.id {
                SEGMENT | INFO | TRACKS => {}
                TIMESTAMP_SCALE => self.scale = self.ebml.unsigned(e)? as f64 * 1e-9,
                DURATION => self.duration = self.ebml.float(e)?,
                TRACK if self.track.is_none() => self.read_track(e)?,
                CLUSTER => return Ok(Some(e)),
                _ => self.ebml.skip(e)?,
            }
        }
        Ok(None)
    }

    fn read_track(&mut self, track: Element) -> Result<(), Error> {
        let bytes = self.ebml.content(track, MAX_TRACK)?;
        let mut ebml = Ebml::new(BufReader::new(Cursor::new(bytes)))?;
        let (mut number, mut private) = (0, Vec::new());
        while let Some(e) = ebml.next()? {
            match e.id {
                TRACK_NUMBER => number = ebml.unsigned(e)?,
                CODEC_PRIVATE => private = ebml.content(e, MAX_TRACK)?,
                _ => ebml.skip(e)?,
            }
        }
        if private.get(BITMAP_FOURCC) == Some(&unit::FOURCC[..]) {
            (self.track, self.header) = (Some(number), private.split_off(BITMAP_HEADER.min(private.len())));
        }
        Ok(())
    }

    /// Hops from cluster to cluster. Where one does not tell its size, it is the last that is found.
    fn find_clusters(&mut self, first: Element) -> Result<(), Error> {
        let mut element = Some(first);
        while let Some(e) = element {
            if e.id == CLUSTER {
                let cluster = self.read_timestamp()?;
                self.clusters.push(Place { offset: e.start, cluster });
            }
            self.ebml.skip(e)?;
            element = self.ebml.next()?;
        }
        Ok(())
    }

    /// A cluster's timestamp; little but a checksum may stand before it.
    fn read_timestamp(&mut self) -> Result<i64, Error> {
        loop {
            let e = self.ebml.next()?.ok_or(ErrorKind::UnexpectedEof)?;
            match e.id {
                TIMESTAMP => return Ok(self.ebml.unsigned(e)? as i64),
                CLUSTER | SIMPLE_BLOCK | BLOCK_GROUP => return Err(ErrorKind::InvalidData.into()),
                _ => self.ebml.skip(e)?,
            }
        }
    }

    /// The last key unit of a cluster at or before a time.
    fn last_key(&mut self, cluster: Place, end: u64, time: f64) -> Result<Option<Place>, Error> {
        self.go(cluster)?;
        let mut key = None;
        while let Ok(Some((unit, place))) = self.read_unit() {
            if place.offset >= end || unit.time > time {
                break;
            }
            // The first bit of a frame header.
            if unit.packets.first().and_then(|p| p.first()).is_some_and(|b| b & 0x80 != 0) {
                key = Some(place);
            }
        }
        Ok(key)
    }

    /// The next unit, and where its block is.
    fn read_unit(&mut self) -> Result<Option<(Unit, Place)>, Error> {
        loop {
            let offset = self.ebml.position();
            let Some(e) = self.ebml.next()? else { return Ok(None) };
            match e.id {
                CLUSTER | BLOCK_GROUP => {}
                TIMESTAMP => self.cluster = self.ebml.unsigned(e)? as i64,
                SIMPLE_BLOCK | BLOCK => {
                    if let Some(unit) = self.read_block(e)? {
                        return Ok(Some((unit, Place { offset, cluster: self.cluster })));
                    }
                }
                _ => self.ebml.skip(e)?,
            }
        }
    }

    /// A block's unit, if it is of our track.
    fn read_block(&mut self, e: Element) -> Result<Option<Unit>, Error> {
        let head = self.ebml.prefix(e, 16)?;
        let (track, rest) = split_number(&head).ok_or(ErrorKind::InvalidData)?;
        let &[a, b, flags, ..] = rest else { return Err(ErrorKind::InvalidData.into()) };
        if Some(track) != self.track {
            self.ebml.skip(e)?;
            return Ok(None);
        }
        if flags & LACING != 0 {
            return Err(ErrorKind::Unsupported.into());
        }
        let start = head.len() - rest.len() + 3;
        let data = self.ebml.content(e, LIMITS.max_packet as u64)?;
        let packets = unit::split(&data[start..]).map_err(|_| ErrorKind::InvalidData)?;
        let stamp = self.cluster.wrapping_add(i16::from_be_bytes([a, b]).into());
        let packets = packets.into_iter().map(<[u8]>::to_vec).collect();
        Ok(Some(Unit { packets, time: stamp as f64 * self.scale }))
    }
}

fn text(e: Error) -> String {
    match e.kind() {
        ErrorKind::UnexpectedEof => "the file ends too early".into(),
        ErrorKind::InvalidData => "damaged Matroska file".into(),
        ErrorKind::Unsupported => "several pictures in one block of the Matroska file".into(),
        _ => e.to_string(),
    }
}
