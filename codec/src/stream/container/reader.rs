//! Reading a `.girih` file.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Error, Header, Index, KeyFrame, MAGIC, MAX_SEQUENCE_HEADER, VERSION, check_bytes, varint};
use crate::api::{Limits, Packet, Rational};

/// Reads a `.girih` file packet by packet. Give it a buffered reader: it reads in small pieces.
pub struct Reader<R: Read> {
    inner: R,
    limits: Limits,
    header: Header,
    /// Bytes read so far.
    position: u64,
    first_packet: u64,
    packets: u64,
    last_pts: i64,
    ended: bool,
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
            last_pts: 0,
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

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Bytes read so far: the offset of the next packet.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next packet in decoding order, `None` at the end of the file.
    ///
    /// # Errors
    /// After [`Error::Checksum`] the next call goes on behind the damaged packet, which helps when only
    /// its payload was hit. After any other error there is nothing more to read.
    pub fn next_packet(&mut self) -> Result<Option<Packet>, Error> {
        if self.ended {
            return Ok(None);
        }
        let number = self.packets;
        let packet = self.read_packet();
        match &packet {
            Ok(Some(_)) | Err(Error::Checksum(_)) => self.packets = number + 1,
            _ => self.ended = true,
        }
        packet
    }

    fn read_packet(&mut self) -> Result<Option<Packet>, Error> {
        self.begin();
        let head = self.varint("a packet")?;
        if head == 0 {
            return self.read_end().map(|()| None);
        }
        let (length, key) = (head >> 1, head & 1 == 1);
        if length == 0 {
            return Err(Error::Corrupt("a packet without data"));
        }
        if length > self.limits.max_packet as u64 {
            return Err(Error::Limit("packet larger than the limit"));
        }
        let delta = varint::unzigzag(self.varint("a packet")?);
        let data = self.bytes(length, "a packet")?;
        // Even in a damaged packet the delta is more likely right than not.
        self.last_pts = self.last_pts.wrapping_add(delta);
        if !self.check("a packet")? {
            return Err(Error::Checksum(self.packets));
        }
        Ok(Some(Packet { data, pts: self.last_pts, key }))
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
    fn begin(&mut self) {
        self.crc = crc32fast::Hasher::new();
        self.covered = 0;
    }

    /// Reads the check bytes: do they match what was read since [`begin`](Self::begin)?
    fn check(&mut self, what: &'static str) -> Result<bool, Error> {
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
    fn bytes(&mut self, length: u64, what: &'static str) -> Result<Vec<u8>, Error> {
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

    fn varint(&mut self, what: &'static str) -> Result<u64, Error> {
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

impl<R: Read + Seek> Reader<R> {
    /// Reads the index at the end of the file and comes back to where reading was.
    ///
    /// # Errors
    /// [`Error::Truncated`] or [`Error::Corrupt`] when there is no intact index: packets can still be read
    /// in order.
    pub fn index(&mut self) -> Result<Index, Error> {
        let back = self.position;
        let index = self.read_index();
        self.inner.seek(SeekFrom::Start(back))?;
        self.position = back;
        index
    }

    fn read_index(&mut self) -> Result<Index, Error> {
        let file = self.inner.seek(SeekFrom::End(0))?;
        if file < self.first_packet + 4 {
            return Err(Error::Truncated("the index"));
        }
        self.inner.seek(SeekFrom::Start(file - 4))?;
        let size = self.bytes(4, "the index")?;
        let size = size.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
        if size > file - self.first_packet {
            return Err(Error::Corrupt("size of the index"));
        }
        let start = file - size;
        self.inner.seek(SeekFrom::Start(start))?;
        self.begin();
        if self.varint("the index")? != 0 {
            return Err(Error::Corrupt("no index at the end"));
        }
        let packets = self.varint("the index")?;
        let count = self.varint("the index")?;
        let mut keys = Vec::new();
        let mut key = KeyFrame { offset: self.first_packet, pts: 0 };
        if packets > 0 {
            keys.push(key);
        }
        for _ in 0..count {
            let offset = self.varint("the index")?;
            key.offset = key.offset.checked_add(offset).filter(|&o| o < start).ok_or(Error::Corrupt("an offset"))?;
            key.pts = key.pts.wrapping_add(varint::unzigzag(self.varint("the index")?));
            keys.push(key);
        }
        if !self.check("the index")? {
            return Err(Error::Corrupt("checksum of the index"));
        }
        // Entries count from the first packet, whose time only the packet itself tells.
        let first = self.first_pts(&keys)?;
        keys.iter_mut().for_each(|key| key.pts = key.pts.wrapping_add(first));
        Ok(Index { packets, keys })
    }

    fn first_pts(&mut self, keys: &[KeyFrame]) -> Result<i64, Error> {
        if keys.is_empty() {
            return Ok(0);
        }
        self.inner.seek(SeekFrom::Start(self.first_packet))?;
        self.varint("a packet")?;
        Ok(varint::unzigzag(self.varint("a packet")?))
    }

    /// Goes to a key frame of the index: the next packet is that one.
    ///
    /// # Errors
    /// [`Error::Io`] when seeking fails, [`Error::Corrupt`] for an offset inside the header.
    pub fn seek(&mut self, key: KeyFrame) -> Result<(), Error> {
        if key.offset < self.first_packet {
            return Err(Error::Corrupt("an offset"));
        }
        self.inner.seek(SeekFrom::Start(key.offset))?;
        self.begin();
        self.varint("a packet")?;
        let delta = varint::unzigzag(self.varint("a packet")?);
        self.last_pts = key.pts.wrapping_sub(delta);
        self.inner.seek(SeekFrom::Start(key.offset))?;
        self.position = key.offset;
        self.ended = false;
        Ok(())
    }
}
