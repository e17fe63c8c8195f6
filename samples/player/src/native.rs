//! Our own container.

use std::io::{BufReader, Read, Seek};

use girih::stream::container::{Error, Index, KeyFrame, Reader};
use girih::{Limits, SequenceInfo};

use crate::film::Unit;

pub struct Native<R: Read> {
    reader: Reader<BufReader<R>>,
    index: Option<Index>,
    seconds: f64,
}

impl<R: Read + Seek> Native<R> {
    pub fn open(source: BufReader<R>) -> Result<Self, String> {
        let mut reader = Reader::new(source, LIMITS).map_err(text)?;
        let base = reader.header().time_base;
        // A file that was cut short has none; it plays, and seeks from its start.
        let index = reader.index().ok();
        Ok(Native { reader, index, seconds: f64::from(base.num) / f64::from(base.den) })
    }

    pub fn header(&self) -> &[u8] {
        &self.reader.header().sequence
    }

    pub fn span(&self, info: &SequenceInfo) -> (f64, f64) {
        let first = self.keys().first().map_or(0.0, |k| self.time(k.pts));
        let frames = self.index.as_ref().map_or(0, |i| i.packets) as f64;
        (first, first + frames * f64::from(info.frame_rate.den) / f64::from(info.frame_rate.num))
    }

    pub fn next(&mut self) -> Result<Option<Unit>, String> {
        let packet = self.reader.next_packet().map_err(text)?;
        Ok(packet.map(|p| Unit { time: self.time(p.pts), packets: vec![p.data] }))
    }

    pub fn seek(&mut self, time: f64) -> Result<(), String> {
        let before = self.keys().iter().rev().find(|k| self.time(k.pts) <= time);
        let start = KeyFrame { offset: self.reader.first_packet(), pts: 0 };
        let key = before.or(self.keys().first()).copied().unwrap_or(start);
        self.reader.seek(key).map_err(text)
    }

    fn keys(&self) -> &[KeyFrame] {
        self.index.as_ref().map_or(&[], |i| &i.keys)
    }

    fn time(&self, pts: i64) -> f64 {
        pts as f64 * self.seconds
    }
}

/// What a page may take of the browser's memory.
pub const LIMITS: Limits = Limits { max_pixels: 1 << 24, max_packet: 1 << 26, max_memory: 1 << 31 };

fn text(e: Error) -> String {
    e.to_string()
}
