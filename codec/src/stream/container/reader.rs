//! Reading a `.girih` file.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::prediction::Prediction;
use super::{
    END_OF_GROUP, Error, GROUP_BYTES, Header, MAGIC, MAX_SEQUENCE_HEADER, VERSION, check_bytes, varint,
};
use crate::api::{Limits, Packet, Rational};

/// Reads a `.girih` file packet by packet. Give it a buffered reader: it reads in small pieces.
pub struct Reader<R: Read> {
    pub(super) inner: R,
    limits: Limits,
    header: Header,
    /// Bytes read so far.
    pub(super) position: u64,
    pub(super) first_packet: u64,
    /// Packets met so far, and those of a group that are still to be handed out.
    packets: u64,
    pub(super) group: VecDeque<Packet>,
    pub(super) prediction: Prediction,
    /// The time of the next packet, known from the index.
    pub(super) jump: Option<i64>,
    pub(super) ended: bool,
    /// Of the bytes since the last check, of which there are `covered`.
    crc: crc32fast::Hasher,
    covered: u64,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::NotGirih`], [`Error::Version`], [`Error::Truncated`] or [`Error::Corrupt`] when the bytes
    /// are not a readable header, [`Error::Io`] when they cannot be read.
    pub fn new(inner: R, limits: Limits) -> Result<Self, Error> {
        let mut r = Reader {
            inner,
            limits,
            header: Header { sequence: Vec::new(), time_base: Rational { num: 1, den: 1 } },
            position: 0,
            first_packet: 0,
            packets: 0,
            group: VecDeque::new(),
            prediction: Prediction::default(),
            jump: None,
            ended: false,
            crc: crc32fast::Hasher::new(),
            covered: 0,
        };
        for expected in MAGIC {
            match r.byte("the header") {
                Ok(byte) if byte == expected => {}
                Ok(_) | Err(Error::Truncated(_)) => return Err(Error::NotGirih),
                Err(e) => return Err(e),
            }
        }
        let version = r.varint("the header")?;
        if version != VERSION {
            return Err(Error::Version(version));
        }
        let (num, den) = (r.varint("the header")?, r.varint("the header")?);
        let length = r.varint("the header")?;
        if length > MAX_SEQUENCE_HEADER {
            return Err(Error::Corrupt("sequence header too long"));
        }
        r.header.sequence = r.bytes(length, "the header")?;
        if !r.check("the header")? {
            return Err(Error::Corrupt("checksum of the header"));
        }
        r.header.time_base = match (u32::try_from(num), u32::try_from(den)) {
            (Ok(num), Ok(den)) if num > 0 && den > 0 => Rational { num, den },
            _ => return Err(Error::Corrupt("time base")),
        };
        r.first_packet = r.position;
        Ok(r)
    }

    /// What stands before the packets.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Position of the first packet from the start of the file.
    pub fn first_packet(&self) -> u64 {
        self.first_packet
    }

    /// The next packet in decoding order, `None` at the end of the file.
    ///
    /// # Errors
    /// After [`Error::Checksum`] the next call goes on behind the damaged group, which helps when only
    /// payload was hit. After any other error there is nothing more to read.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, Error> {
        if self.group.is_empty() && !self.ended {
            let read = self.read_group();
            if read.is_err() {
                self.group.clear();
            }
            self.ended = self.group.is_empty() && !matches!(read, Err(Error::Checksum(_)));
            read?;
        }
        Ok(self.group.pop_front())
    }

    /// Reads and checks a group. It stays empty at the end of the file.
    fn read_group(&mut self) -> Result<(), Error> {
        self.begin();
        let first = self.packets;
        loop {
            let head = self.varint("a packet")?;
            match head {
                0 if self.group.is_empty() => return self.read_end(),
                END_OF_GROUP if !self.group.is_empty() => break,
                0..4 => return Err(Error::Corrupt("a packet without data")),
                _ => {}
            }
            let packet = self.read_packet(head)?;
            self.group.push_back(packet);
            self.packets += 1;
            if self.covered >= GROUP_BYTES {
                break;
            }
        }
        if self.check("a packet")? { Ok(()) } else { Err(Error::Checksum(first)) }
    }

    fn read_packet(&mut self, head: u64) -> Result<Packet, Error> {
        let (length, predicted, key) = (head >> 2, head & 2 != 0, head & 1 != 0);
        if length > self.limits.max_packet as u64 {
            return Err(Error::Limit("packet larger than the limit"));
        }
        if key && !self.group.is_empty() {
            return Err(Error::Corrupt("a key packet inside a group"));
        }
        let mut delta = self.read_delta(predicted)?;
        let jump = self.jump.take();
        if let Some(pts) = jump {
            delta = self.prediction.delta_to(pts);
        }
        let data = self.bytes(length, "a packet")?;
        let pts = self.prediction.advance(delta, key || self.packets == 0 || jump.is_some());
        Ok(Packet { data, pts, key })
    }

    pub(super) fn read_delta(&mut self, predicted: bool) -> Result<i64, Error> {
        if predicted { Ok(self.prediction.delta()) } else { Ok(varint::unzigzag(self.varint("a packet")?)) }
    }

    /// Reads what follows the zero head, entries included but not kept, and checks it.
    fn read_end(&mut self) -> Result<(), Error> {
        self.varint("the index")?;
        for _ in 0..self.varint("the index")? {
            self.varint("the index")?;
            self.varint("the index")?;
        }
        let size = self.covered;
        if !self.check("the index")? {
            return Err(Error::Corrupt("checksum of the index"));
        }
        let expected = size + check_bytes(0, size).1 as u64 + 4;
        let size = self.bytes(4, "the index")?;
        if size.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)) != expected {
            return Err(Error::Corrupt("size of the index"));
        }
        Ok(())
    }

    /// Starts a new check.
    pub(super) fn begin(&mut self) {
        self.crc = crc32fast::Hasher::new();
        self.covered = 0;
    }

    /// Reads the check bytes: do they match what was read since [`begin`](Self::begin)?
    pub(super) fn check(&mut self, what: &'static str) -> Result<bool, Error> {
        let (expected, n) = check_bytes(self.crc.clone().finalize(), self.covered);
        Ok(self.bytes(n as u64, what)? == expected[..n])
    }

    fn byte(&mut self, what: &'static str) -> Result<u8, Error> {
        let mut byte = [0];
        self.inner.read_exact(&mut byte).map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => Error::Truncated(what),
            _ => Error::Io(e),
        })?;
        self.took(&byte);
        Ok(byte[0])
    }

    /// Reads `length` bytes; memory grows only with what is really there.
    pub(super) fn bytes(&mut self, length: u64, what: &'static str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(length.min(1 << 16) as usize);
        self.inner.by_ref().take(length).read_to_end(&mut bytes)?;
        self.took(&bytes);
        if (bytes.len() as u64) < length {
            return Err(Error::Truncated(what));
        }
        Ok(bytes)
    }

    fn took(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.covered += bytes.len() as u64;
        self.position += bytes.len() as u64;
    }

    pub(super) fn varint(&mut self, what: &'static str) -> Result<u64, Error> {
        let mut parser = varint::Parser::default();
        loop {
            let byte = self.byte(what)?;
            match parser.push(byte) {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => {}
                Err(()) => return Err(Error::Corrupt("a number of more than 64 bits")),
            }
        }
    }
}
