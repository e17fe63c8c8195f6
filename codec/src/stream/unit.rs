//! Units: the stream in containers of other kinds, such as Matroska (SPEC.md, "Other containers").
//!
//! Packets come in decoding order, but containers and the tools that copy them know the order of a codec's frames
//! only for codecs that they know. So a *unit* holds what has to be decoded, after the units before it, to show the next
//! picture: often one packet, several where a pyramid begins, none where the picture has been decoded already.
//! Units are in display order, and the time of a unit is that of its picture.

use std::collections::{BTreeSet, VecDeque};

use super::container::varint;
use crate::api::{Error, Packet};

/// The FourCC of Girih.
pub const FOURCC: [u8; 4] = *b"GRIH";
/// Most packets in a unit.
const MAX_PACKETS: u64 = 256;

/// Makes units of packets.
#[derive(Debug, Default)]
pub struct Packer {
    /// Times of pictures whose units are still to come, in display order.
    expected: VecDeque<i64>,
    /// Those of them that can be shown.
    decoded: BTreeSet<i64>,
    /// Packets of the next unit.
    packets: Vec<Packet>,
}

impl Packer {
    /// Says that a picture of this time comes next in display order.
    pub fn expect(&mut self, pts: i64) {
        self.expected.push_back(pts);
    }

    /// Adds a packet; packets come in decoding order.
    pub fn push(&mut self, packet: Packet) {
        self.decoded.insert(packet.pts);
        self.packets.push(packet);
    }

    /// The next unit in display order, if it is complete.
    pub fn next_unit(&mut self) -> Option<Packet> {
        let pts = self.expected.front().copied().filter(|t| self.decoded.remove(t))?;
        self.expected.pop_front();
        let key = self.packets.first().is_some_and(|p| p.key);
        Some(Packet { data: join(&std::mem::take(&mut self.packets)), pts, key })
    }
}

fn join(packets: &[Packet]) -> Vec<u8> {
    let mut data = Vec::with_capacity(packets.iter().map(|p| p.data.len() + 4).sum::<usize>() + 1);
    varint::put(&mut data, packets.len() as u64);
    for p in packets.iter().rev().skip(1).rev() {
        varint::put(&mut data, p.data.len() as u64);
    }
    packets.iter().for_each(|p| data.extend_from_slice(&p.data));
    data
}

/// The packets of a unit.
///
/// # Errors
/// [`Error::Corrupt`] when its lengths do not fit its size.
pub fn split(mut unit: &[u8]) -> Result<Vec<&[u8]>, Error> {
    let n = number(&mut unit)?;
    if n > MAX_PACKETS {
        return Err(Error::Corrupt("too many packets in a unit"));
    }
    let lengths = (1..n).map(|_| number(&mut unit)).collect::<Result<Vec<_>, _>>()?;
    let mut packets = Vec::with_capacity(lengths.len() + 1);
    for length in lengths {
        let length = usize::try_from(length).ok().filter(|&l| l <= unit.len());
        let (packet, rest) = unit.split_at(length.ok_or(Error::Corrupt("a unit ends early"))?);
        packets.push(packet);
        unit = rest;
    }
    if n > 0 {
        packets.push(unit);
    }
    if packets.iter().any(|p| p.is_empty()) {
        return Err(Error::Corrupt("an empty packet in a unit"));
    }
    Ok(packets)
}

fn number(bytes: &mut &[u8]) -> Result<u64, Error> {
    let mut parser = varint::Parser::default();
    loop {
        let (&byte, rest) = bytes.split_first().ok_or(Error::Corrupt("a unit ends early"))?;
        *bytes = rest;
        match parser.push(byte) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {}
            Err(()) => return Err(Error::Corrupt("a number of more than 64 bits")),
        }
    }
}

/// Finds the display order of packets from their headers.
#[derive(Debug, Default)]
pub struct Orders {
    last: i32,
    /// Pictures before the last key frame, and since, it included.
    before: u64,
    since: u64,
}

impl Orders {
    /// Whether the next packet in decoding order is a key frame, and the number of its picture in display order from
    /// the start of the stream.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn next(&mut self, packet: &[u8]) -> Result<(bool, u64), Error> {
        let (header, _) = super::frame::read(packet, self.last)?;
        self.last = header.order;
        if header.key {
            (self.before, self.since) = (self.before + self.since, 0);
        }
        self.since += 1;
        Ok((header.key, self.before + header.order as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(pts: i64) -> Packet {
        Packet { data: vec![pts as u8; pts as usize * 40 + 1], pts, key: pts == 0 }
    }

    #[test]
    fn units_come_in_display_order_and_come_apart() -> Result<(), Error> {
        let mut packer = Packer::default();
        (0..=8).for_each(|t| packer.expect(t));
        let coding = [0, 8, 4, 2, 6, 1, 3, 5, 7];
        let mut units = Vec::new();
        for t in coding {
            packer.push(packet(t));
            units.extend(std::iter::from_fn(|| packer.next_unit()));
        }
        assert_eq!(units.iter().map(|u| u.pts).collect::<Vec<_>>(), (0..=8).collect::<Vec<_>>());
        assert_eq!(units.iter().map(|u| u.key).collect::<Vec<_>>()[..2], [true, false]);
        let counts = units.iter().map(|u| Ok(split(&u.data)?.len())).collect::<Result<Vec<_>, Error>>()?;
        assert_eq!(counts, [1, 5, 0, 1, 0, 1, 0, 1, 0]);
        let mut packets = Vec::new();
        for u in &units {
            packets.extend(split(&u.data)?.into_iter().map(<[u8]>::to_vec));
        }
        assert_eq!(packets, coding.map(|t| packet(t).data));
        Ok(())
    }

    #[test]
    fn damaged_units_are_refused() {
        for bad in [&[][..], &[1], &[2, 5, 1], &[2, 0, 1], &[0x80], &[255; 12], &[0xff, 0x7f, 1, 1]] {
            assert!(split(bad).is_err(), "{bad:?}");
        }
        assert_eq!(split(&[0]), Ok(Vec::new()));
    }
}
