//! The native `.girih` container: one video stream, streamed forwards, with an index for seeking.
//!
//! # Layout
//! A *varint* is an unsigned integer in groups of seven bits, lowest first, bit 7 set in every byte
//! but the last: at most 10 bytes and 64 bits. A *zigzag* varint carries a signed number `n` as
//! `2n` for `n >= 0` and `-2n - 1` for `n < 0`. A *check* of the bytes it covers is their CRC-32
//! (IEEE, as in zlib), little-endian: all 4 bytes when it covers 1024 bytes or more, else the 2 bytes of
//! its upper half XOR its lower half.
//!
//! ```text
//! file    = header packet* end
//! header  = "GIRH"                    magic
//!           varint version            1
//!           varint num, varint den    time base: seconds per unit of pts, both at least 1
//!           varint length, byte*      the sequence header, opaque here
//!           check                     of all bytes before it
//! packet  = varint head               payload length * 2 + (1 if a key frame); the length is at least 1
//!           zigzag delta              pts - pts of the packet before (0 before the first), modulo 2^64
//!           byte*                     payload
//!           check                     of head, delta and payload
//! end     = varint 0                  where the next packet's head would be
//!           varint packets            number of packets in the file
//!           varint keys               number of entries
//!           entry*                    one for each key packet but the first packet of the file:
//!             varint offset           of its head in the file - that of the entry before
//!             zigzag delta            its pts - pts of the entry before
//!           check                     of `end` so far
//!           u32 size                  little-endian: bytes of `end`, these four included
//! ```
//!
//! The entry before the first is the first packet of the file. A reader without seeking stops at the zero
//! head; a file that ends before it is truncated. A seeking reader finds `end` by its last four
//! bytes. Packets are in decoding order. The size of `end` limits a file to about 10^9 key frames.

mod reader;
#[cfg(test)]
mod tests;
mod varint;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

use crate::api::Rational;

/// The first four bytes of every `.girih` file.
pub const MAGIC: [u8; 4] = *b"GIRH";
/// The layout version that this code writes and reads.
pub const VERSION: u64 = 1;
/// Most bytes that a sequence header may have.
const MAX_SEQUENCE_HEADER: u64 = 1 << 16;

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
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The magic is missing.
    #[error("not a girih file")]
    NotGirih,
    #[error("container version {0}: a newer girih is needed")]
    Version(u64),
    /// The bytes end inside the file's structure.
    #[error("the file ends too early (in {0})")]
    Truncated(&'static str),
    /// The check of a packet does not match; the reader can go on with the next one.
    #[error("packet {0} is damaged (checksum)")]
    Checksum(u64),
    #[error("damaged file: {0}")]
    Corrupt(&'static str),
    #[error("limit exceeded: {0}")]
    Limit(&'static str),
}

/// The check bytes after `covered` bytes whose CRC-32 is `crc`: how many, and which.
fn check_bytes(crc: u32, covered: u64) -> ([u8; 4], usize) {
    if covered >= 1024 {
        (crc.to_le_bytes(), 4)
    } else {
        let folded = (crc >> 16) ^ (crc & 0xffff);
        (folded.to_le_bytes(), 2)
    }
}
