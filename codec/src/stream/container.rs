//! The native `.girih` container: one video stream, streamed forwards, with an index for seeking.
//!
//! ```
//! use girih::stream::container::{Header, Reader, Writer};
//! use girih::{Limits, Packet, Rational};
//!
//! # fn main() -> Result<(), girih::stream::container::Error> {
//! # let sequence = vec![1, 2, 3];
//! let header = Header { sequence, time_base: Rational { num: 1, den: 25 } };
//! let mut writer = Writer::new(Vec::new(), &header)?;
//! let packet = Packet { data: vec![7; 100], pts: 0, key: true };
//! writer.write(&packet)?;
//! let file = writer.finish()?;
//!
//! let mut reader = Reader::new(&file[..], Limits::default())?;
//! assert_eq!(reader.header(), &header);
//! assert_eq!(reader.next_packet()?, Some(packet));
//! assert_eq!(reader.next_packet()?, None);
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! A *varint* is an unsigned integer in groups of seven bits, lowest first, bit 7 set in every byte
//! but the last: at most 10 bytes and 64 bits. A *zigzag* varint carries a signed number `n` as
//! `2n` for `n >= 0` and `-2n - 1` for `n < 0`. A *check* of the bytes it covers is their CRC-32
//! (IEEE, as in zlib), little-endian: all 4 bytes when it covers 4096 bytes or more, else the 2 bytes of
//! its upper half XOR its lower half.
//!
//! ```text
//! file    = header group* end
//! header  = "GIRH"                    magic
//!           varint version            1
//!           varint num, varint den    time base: seconds per unit of pts, both at least 1
//!           varint length, byte*      the sequence header, opaque here
//!           check                     of all bytes before it
//! group   = packet+
//!           [varint 1]                only if the packets of the group have less than 1024 bytes
//!           check                     of the group so far
//! packet  = varint head               payload length * 4 + (2 if pts is as predicted) + (1 if a key frame)
//!           [zigzag delta]            unless as predicted: pts - pts of the packet before, modulo 2^64
//!           byte*                     payload, at least one byte
//! end     = varint 0                  where the next head would be
//!           varint packets            number of packets in the file
//!           varint keys               number of entries
//!           entry*                    one for each key packet but the first packet of the file:
//!             varint offset           of its head in the file - that of the entry before
//!             zigzag delta            its pts - pts of the entry before
//!           check                     of `end` so far
//!           u32 size                  little-endian: bytes of `end`, these four included
//! ```
//!
//! A group ends as soon as its packets have 1024 bytes or more; before a key packet and before `end` it ends
//! earlier, which the head 1 says. A key packet is thus the first of its group, and reading can start there.
//! The entry before the first is the first packet of the file, the packet before the first has pts 0.
//!
//! The predicted pts is that of the packet before plus the predicted delta. The last 64 deltas since
//! and without that of the last key packet (or the first packet) are the history, of `n` deltas `d[0..n]`. Without
//! history the prediction is 0. Else for each `j < n - 1` let its match be the largest `m <= j + 1` for which
//! `d[j - k] = d[n - 1 - k]` for all `k < m`. The prediction is `d[j + 1]` for the `j` of the longest match, the
//! largest such `j`; it is `d[n - 1]` when no match is longer than 0. So a repeating order of frames costs nothing.
//!
//! A reader without seeking stops at the zero head; a file that ends before it is truncated. A seeking
//! reader finds `end` by its last four bytes. Packets are in decoding order.

mod prediction;
mod reader;
mod seek;
#[cfg(test)]
mod tests;
pub(super) mod varint;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

use crate::api::Rational;

/// The first four bytes of every `.girih` file.
pub const MAGIC: [u8; 4] = *b"GIRH";
/// The layout version that this code writes and reads.
pub const VERSION: u64 = 1;
/// A group with this many bytes of packets ends.
const GROUP_BYTES: u64 = 1024;
/// Head that ends a group early.
const END_OF_GROUP: u64 = 1;
/// Most bytes that a sequence header may have.
const MAX_SEQUENCE_HEADER: u64 = 1 << 20;

/// What the container stores once, before the packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The sequence header, as [`Encoder::header`](crate::Encoder::header) gives it.
    pub sequence: Vec<u8>,
    /// Seconds per unit of `pts`.
    pub time_base: Rational,
}

/// Where a key frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFrame {
    /// Position of the packet from the start of the file.
    pub offset: u64,
    /// Time of its picture, in units of the time base.
    pub pts: i64,
}

/// The end of the file: what it holds and where decoding can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Number of packets in the file.
    pub packets: u64,
    /// Key frames in the order of the file, the first packet included.
    pub keys: Vec<KeyFrame>,
}

/// Why a `.girih` file could not be written or read on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The magic is missing.
    #[error("not a girih file")]
    NotGirih,
    /// A later layout than [`VERSION`].
    #[error("container version {0}: a newer girih is needed")]
    Version(u64),
    /// The bytes end inside the file's structure.
    #[error("the file ends too early (in {0})")]
    Truncated(&'static str),
    /// The check of the group that starts with this packet does not match; the reader can go on with the
    /// next group.
    #[error("damaged at packet {0} (checksum)")]
    Checksum(u64),
    /// The bytes are no file of this layout.
    #[error("damaged file: {0}")]
    Corrupt(&'static str),
    /// Reading on would exceed the caller's [`Limits`](crate::Limits).
    #[error("limit exceeded: {0}")]
    Limit(&'static str),
}

/// The check bytes after `covered` bytes whose CRC-32 is `crc`: how many, and which.
fn check_bytes(crc: u32, covered: u64) -> ([u8; 4], usize) {
    if covered >= 4096 {
        (crc.to_le_bytes(), 4)
    } else {
        let folded = (crc >> 16) ^ (crc & 0xffff);
        (folded.to_le_bytes(), 2)
    }
}
