//! Writing a `.girih` file.

use std::io::{self, Write};

use super::{Header, KeyFrame, MAGIC, VERSION, check_bytes, varint};
use crate::api::Packet;

/// Writes a `.girih` file front to back; nothing is written twice, so any [`Write`] will do.
pub struct Writer<W: Write> {
    inner: W,
    /// Bytes written so far.
    position: u64,
    packets: u64,
    last_pts: i64,
    /// The last key frame that an entry stands for.
    last_key: KeyFrame,
    keys: u64,
    entries: Vec<u8>,
    scratch: Vec<u8>,
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
            last_pts: 0,
            last_key: KeyFrame { offset: 0, pts: 0 },
            keys: 0,
            entries: Vec::new(),
            scratch: Vec::new(),
        };
        writer.put_checked(&bytes, &[])?;
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
        if self.packets == 0 {
            self.last_key = KeyFrame { offset: self.position, pts: packet.pts };
        } else if packet.key {
            varint::put(&mut self.entries, self.position - self.last_key.offset);
            varint::put_signed(&mut self.entries, packet.pts.wrapping_sub(self.last_key.pts));
            self.last_key = KeyFrame { offset: self.position, pts: packet.pts };
            self.keys += 1;
        }
        let mut head = std::mem::take(&mut self.scratch);
        head.clear();
        varint::put(&mut head, ((packet.data.len() as u64) << 1) | u64::from(packet.key));
        varint::put_signed(&mut head, packet.pts.wrapping_sub(self.last_pts));
        let written = self.put_checked(&head, &packet.data);
        self.scratch = head;
        self.last_pts = packet.pts;
        self.packets += 1;
        written
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
        let mut end = Vec::with_capacity(self.entries.len() + 24);
        varint::put(&mut end, 0);
        varint::put(&mut end, self.packets);
        varint::put(&mut end, self.keys);
        end.extend_from_slice(&self.entries);
        let start = self.position;
        self.put_checked(&end, &[])?;
        let size = u32::try_from(self.position - start + 4)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "too many key frames"))?;
        self.inner.write_all(&size.to_le_bytes())?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// Writes both parts and the check over them.
    fn put_checked(&mut self, head: &[u8], body: &[u8]) -> io::Result<()> {
        let mut crc = crc32fast::Hasher::new();
        crc.update(head);
        crc.update(body);
        let covered = (head.len() + body.len()) as u64;
        let (check, n) = check_bytes(crc.finalize(), covered);
        self.inner.write_all(head)?;
        self.inner.write_all(body)?;
        self.inner.write_all(&check[..n])?;
        self.position += covered + n as u64;
        Ok(())
    }
}
