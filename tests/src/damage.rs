//! Damaged streams: how they are made, and a decode that must survive them.

use girih::stream::container::{self, Header, Reader, Writer};
use girih::{Decoder, Limits, Packet, Rational};
use girih_samples::Rng;

use crate::Stream;

/// Limits that a small test stream needs, and hardly more.
pub const TIGHT: Limits = Limits { max_pixels: 1 << 16, max_packet: 1 << 18, max_memory: 1 << 28 };

/// What came out of a decode: numbers of pictures and of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub pictures: usize,
    pub errors: usize,
}

/// Damages bytes in one of the ways that files get damaged.
pub fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let n = bytes.len().max(1) as u64;
    let at = rng.below(n) as usize;
    match rng.below(8) {
        0 => bytes.truncate(at),
        1 | 2 => flip(bytes, at, rng),
        3 => (0..1 + rng.below(16)).for_each(|_| flip(bytes, rng.below(n) as usize, rng)),
        4 => {
            let value = [0, 0xff, 0x80, 0x7f][rng.below(4) as usize];
            bytes.iter_mut().skip(at).take(1 + rng.below(8) as usize).for_each(|b| *b = value);
        }
        5 => bytes.iter_mut().skip(at).for_each(|b| *b = rng.next_u64() as u8),
        6 => {
            let end = (at + 1 + rng.below(32) as usize).min(bytes.len());
            bytes.drain(at.min(end)..end);
        }
        _ => {
            let extra: Vec<u8> = (0..1 + rng.below(32)).map(|_| rng.next_u64() as u8).collect();
            let at = at.min(bytes.len());
            bytes.splice(at..at, extra);
        }
    }
}

fn flip(bytes: &mut [u8], at: usize, rng: &mut Rng) {
    if let Some(b) = bytes.get_mut(at) {
        *b ^= 1 << rng.below(8);
    }
}

/// Decodes whatever these bytes are. Errors are fine, pictures beyond the limits are not.
pub fn decode_packets<'a>(header: &[u8], packets: impl IntoIterator<Item = (&'a [u8], i64)>) -> Outcome {
    let mut outcome = Outcome::default();
    let Ok(mut decoder) = Decoder::new(header, TIGHT) else {
        return Outcome { pictures: 0, errors: 1 };
    };
    decoder.set_threads(1);
    decoder.set_verify(true);
    let format = decoder.info().format;
    assert!(format.check(&TIGHT).is_ok(), "{format:?} is beyond the limits");
    let mut drain = |decoder: &mut Decoder| {
        while let Some(picture) = decoder.next_picture() {
            assert_eq!(picture.format, format);
            assert!(picture.validate().is_ok());
            outcome.pictures += 1;
        }
    };
    let mut errors = 0;
    for (data, pts) in packets {
        errors += usize::from(decoder.push(data, pts).is_err());
        drain(&mut decoder);
    }
    decoder.finish();
    drain(&mut decoder);
    outcome.errors = errors;
    outcome
}

/// Writes a stream as a `.girih` file.
pub fn to_file(stream: &Stream) -> Vec<u8> {
    let header = Header { sequence: stream.header.clone(), time_base: Rational { num: 1, den: 25 } };
    let mut writer = Writer::new(Vec::new(), &header).expect("a vector takes every byte");
    for packet in &stream.packets {
        writer.write(packet).expect("a vector takes every byte");
    }
    writer.finish().expect("a vector takes every byte")
}

/// Reads a `.girih` file.
pub fn from_file(bytes: &[u8]) -> Result<Stream, container::Error> {
    let mut reader = Reader::new(bytes, Limits::default())?;
    let packets =
        std::iter::from_fn(|| reader.next_packet().transpose()).collect::<Result<Vec<Packet>, _>>()?;
    Ok(Stream { header: reader.header().sequence.clone(), packets })
}

/// Decodes a `.girih` file that may be damaged, index and seeking included.
pub fn decode_file(bytes: &[u8]) -> Outcome {
    let Ok(mut reader) = Reader::new(std::io::Cursor::new(bytes), TIGHT) else {
        return Outcome { pictures: 0, errors: 1 };
    };
    let index = reader.index();
    let (mut packets, mut errors) = (Vec::new(), 0);
    loop {
        match reader.next_packet() {
            Ok(Some(packet)) => packets.push(packet),
            Ok(None) => break,
            // Behind a damaged packet the reader goes on; there are never more packets than bytes.
            Err(container::Error::Checksum(_)) => errors += 1,
            Err(_) => {
                errors += 1;
                break;
            }
        }
        assert!(packets.len() + errors <= bytes.len(), "the reader does not come to an end");
    }
    if let Some(&key) = index.as_ref().ok().and_then(|i| i.keys.last()) {
        packets.extend(reader.seek(key).ok().and_then(|()| reader.next_packet().ok().flatten()));
    }
    let outcome =
        decode_packets(&reader.header().sequence, packets.iter().map(|p| (p.data.as_slice(), p.pts)));
    Outcome { errors: outcome.errors + errors + usize::from(index.is_err()), ..outcome }
}

/// Decodes a finding of the fuzzer: a first byte that tells raw packets (even) from a file (odd);
/// raw are a header and packets, each after its length in two bytes, little-endian.
pub fn decode_finding(bytes: &[u8]) -> Outcome {
    let Some((&kind, mut rest)) = bytes.split_first() else {
        return Outcome::default();
    };
    if kind & 1 == 1 {
        return decode_file(rest);
    }
    let mut parts = Vec::new();
    while let Some((length, tail)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        let (part, tail) = tail.split_at(length.min(tail.len()));
        parts.push(part);
        rest = tail;
    }
    let Some((header, packets)) = parts.split_first() else {
        return Outcome::default();
    };
    decode_packets(header, packets.iter().zip(0..).map(|(&p, pts)| (p, pts)))
}

/// The form that [`decode_finding`] reads, for seeds of the fuzzer.
pub fn to_finding(stream: &Stream) -> Vec<u8> {
    let parts = std::iter::once(&stream.header).chain(stream.packets.iter().map(|p| &p.data));
    let mut bytes = vec![0];
    for part in parts {
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        bytes.extend(length.to_le_bytes());
        bytes.extend(&part[..usize::from(length)]);
    }
    bytes
}
