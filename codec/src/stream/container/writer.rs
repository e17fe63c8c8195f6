//! Writing a `.girih` file.

use std::io::{self, Write};

use super::prediction::Prediction;
use super::{END_OF_GROUP, GROUP_BYTES, Header, KeyFrame, MAGIC, VERSION, check_bytes, varint};
use crate::api::Packet;

/// Writes a `.girih` file front to back; nothing is written twice, so any [`Write`] will do.
pub struct Writer<W: Write> {
    inner: W,
    /// Bytes written so far.
    position: u64,
    packets: u64,
    prediction: Prediction,
    /// The last key frame that an entry stands for.
    last_key: KeyFrame,
    keys: u64,
    entries: Vec<u8>,
    /// Of the bytes since the last check, of which there are `covered`.
    crc: crc32fast::Hasher,
    covered: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Those of `inner`, and `InvalidInput` for a time base that is not positive.
    pub fn new(inner: W, header: &Header) -> io::Result<Self> {
        if header.time_base.num == 0 || header.time_base.den == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "time base must be positive"));
        }
        let mut bytes = MAGIC.to_vec();
        varint::put(&mut bytes, VERSION);
        varint::put(&mut bytes, u64::from(header.time_base.num));
        varint::put(&mut bytes, u64::from(header.time_base.den));
        varint::put(&mut bytes, header.sequence.len() as u64);
        bytes.extend_from_slice(&header.sequence);
        let mut writer = Writer {
            inner,
            position: 0,
            packets: 0,
            prediction: Prediction::default(),
            last_key: KeyFrame { offset: 0, pts: 0 },
            keys: 0,
            entries: Vec::new(),
            crc: crc32fast::Hasher::new(),
            covered: 0,
        };
        writer.put(&bytes)?;
        writer.check()?;
        Ok(writer)
    }

    /// Appends a packet; packets come in decoding order.
    ///
    /// # Errors
    /// Those of the underlying writer, and `InvalidInput` for an empty packet.
    pub fn write(&mut self, packet: &Packet) -> io::Result<()> {
        if packet.data.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a packet without data"));
        }
        let first = self.packets == 0;
        if packet.key {
            self.end_group()?;
        }
        if first {
            self.last_key = KeyFrame { offset: self.position, pts: packet.pts };
        } else if packet.key {
            varint::put(&mut self.entries, self.position - self.last_key.offset);
            varint::put_signed(&mut self.entries, packet.pts.wrapping_sub(self.last_key.pts));
            self.last_key = KeyFrame { offset: self.position, pts: packet.pts };
            self.keys += 1;
        }
        let delta = self.prediction.delta_to(packet.pts);
        let predicted = delta == self.prediction.delta();
        self.prediction.advance(delta, first || packet.key);
        let mut head = Vec::with_capacity(20);
        let flags = u64::from(predicted) << 1 | u64::from(packet.key);
        varint::put(&mut head, (packet.data.len() as u64) << 2 | flags);
        if !predicted {
            varint::put_signed(&mut head, delta);
        }
        self.put(&head)?;
        self.put(&packet.data)?;
        self.packets += 1;
        if self.covered >= GROUP_BYTES { self.check() } else { Ok(()) }
    }

    /// Bytes written so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Writes the index and gives the writer back, flushed.
    ///
    /// # Errors
    /// Those of the underlying writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_group()?;
        let mut end = Vec::with_capacity(self.entries.len() + 24);
        varint::put(&mut end, 0);
        varint::put(&mut end, self.packets);
        varint::put(&mut end, self.keys);
        end.extend_from_slice(&self.entries);
        let start = self.position;
        self.put(&end)?;
        self.check()?;
        let size = u32::try_from(self.position - start + 4)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "too many key frames"))?;
        self.inner.write_all(&size.to_le_bytes())?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// Ends a group that has begun.
    fn end_group(&mut self) -> io::Result<()> {
        if self.covered == 0 {
            return Ok(());
        }
        let mut head = Vec::with_capacity(1);
        varint::put(&mut head, END_OF_GROUP);
        self.put(&head)?;
        self.check()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        self.crc.update(bytes);
        self.covered += bytes.len() as u64;
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Writes the check of the bytes since the last one.
    fn check(&mut self) -> io::Result<()> {
        let crc = std::mem::take(&mut self.crc).finalize();
        let (check, n) = check_bytes(crc, std::mem::take(&mut self.covered));
        self.inner.write_all(&check[..n])?;
        self.position += n as u64;
        Ok(())
    }
}
