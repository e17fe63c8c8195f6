//! Finding key frames in a `.girih` file.

use std::io::{Read, Seek, SeekFrom};

use super::prediction::Prediction;
use super::{Error, Index, KeyFrame, Reader, varint};

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
            key.offset =
                key.offset.checked_add(offset).filter(|&o| o < start).ok_or(Error::Corrupt("an offset"))?;
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
        let predicted = self.varint("a packet")? & 2 != 0;
        if predicted { Ok(Prediction::default().delta()) } else { self.read_delta(false) }
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
        self.position = key.offset;
        self.prediction = Prediction::start(key.pts);
        self.jump = Some(key.pts);
        self.group.clear();
        self.ended = false;
        Ok(())
    }

    /// Goes back to the first packet, which takes no index.
    ///
    /// # Errors
    /// [`Error::Io`] when seeking fails.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.seek(KeyFrame { offset: self.first_packet, pts: 0 })?;
        (self.prediction, self.jump) = (Prediction::default(), None);
        Ok(())
    }
}
