use std::io::Cursor;

use proptest::prelude::*;

use super::{Error, Header, Reader, Writer};
use crate::api::{Limits, Packet, Rational};

fn header(sequence: &[u8]) -> Header {
    Header { sequence: sequence.to_vec(), time_base: Rational { num: 1, den: 25 } }
}

fn write(header: &Header, packets: &[Packet]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), header).unwrap();
    packets.iter().for_each(|p| writer.write(p).unwrap());
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<(Header, Vec<Packet>), Error> {
    let mut reader = Reader::new(bytes, Limits::default())?;
    let mut packets = Vec::new();
    while let Some(p) = reader.next_packet()? {
        packets.push(p);
    }
    Ok((reader.header().clone(), packets))
}

fn packet(len: usize, pts: i64, key: bool) -> Packet {
    Packet { data: (0..len).map(|i| (i * 31 + len) as u8).collect(), pts, key }
}

#[test]
fn overhead_is_small() {
    let still = write(&header(&[7; 12]), &[packet(20_000, 0, true)]);
    assert!(still.len() <= 20_000 + 12 + 27, "{}", still.len() - 20_012);
    // Decoding order of hierarchical B frames.
    let group = |n: i64| [8, 4, 2, 6, 1, 3, 5, 7].map(|p| packet(60, 8 * n + p, false));
    let clip: Vec<_> = [packet(60, 0, true)].into_iter().chain((0..12).flat_map(group)).collect();
    let size = write(&header(&[7; 12]), &clip).len();
    assert!(size <= clip.len() * 62 + clip.len() / 8 + 12 + 36, "{size} for {}", clip.len());
}

#[test]
fn every_truncation_is_reported() {
    let bytes = write(&header(b"seq"), &[packet(40, 0, true), packet(1500, 1, false), packet(9, 2, true)]);
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        if let Ok(mut r) = Reader::new(Cursor::new(&bytes[..cut]), Limits::default()) {
            assert!(r.index().is_err(), "index, cut at {cut}");
        }
    }
}

#[test]
fn every_flipped_bit_is_reported() {
    let bytes = write(
        &header(b"seq"),
        &[
            packet(3000, 0, true),
            packet(500, 1, false),
            packet(700, 2, false),
            packet(4100, 9, true),
            packet(1, 8, true),
        ],
    );
    for bit in 0..bytes.len() * 8 {
        let mut bad = bytes.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&bad).is_err(), "bit {bit}");
    }
}

#[test]
fn reading_goes_on_behind_a_damaged_group() {
    let packets = [packet(1030, 5, true), packet(30, 6, false), packet(1030, 7, false), packet(30, 8, false)];
    let mut bytes = write(&header(b""), &packets);
    bytes[1030 + 14 + 20] ^= 0x10;
    let mut r = Reader::new(&bytes[..], Limits::default()).unwrap();
    assert_eq!(r.next_packet().unwrap().as_ref(), Some(&packets[0]));
    assert!(matches!(r.next_packet(), Err(Error::Checksum(1))));
    assert_eq!(r.next_packet().unwrap().as_ref(), Some(&packets[3]));
    assert!(r.next_packet().unwrap().is_none());
}

#[test]
fn lengths_beyond_the_data_allocate_nothing() {
    let mut bytes = write(&header(b""), &[]);
    bytes.truncate(bytes.len() - 9); // the empty index
    super::varint::put(&mut bytes, (200 << 20) << 2);
    super::varint::put_signed(&mut bytes, 0);
    bytes.extend([0; 10]);
    assert!(matches!(read(&bytes), Err(Error::Truncated(_))));
    let mut r = Reader::new(&bytes[..], Limits { max_packet: 1000, ..Limits::default() }).unwrap();
    assert!(matches!(r.next_packet(), Err(Error::Limit(_))));
}

#[test]
fn other_files_are_recognised() {
    assert!(matches!(read(b""), Err(Error::NotGirih)));
    assert!(matches!(read(b"RIFF....AVI "), Err(Error::NotGirih)));
    assert!(matches!(read(b"GIRH\x02rest"), Err(Error::Version(2))));
}

fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let one =
        (prop::collection::vec(any::<u8>(), 1..2500), prop_oneof![any::<i64>(), -40i64..40], any::<bool>());
    prop::collection::vec(one.prop_map(|(data, pts, key)| Packet { data, pts, key }), 0..12)
}

proptest! {
    #[test]
    fn round_trip(
        sequence in prop::collection::vec(any::<u8>(), 0..60),
        num in 1u32..,
        den in 1u32..,
        packets in packets(),
    ) {
        let header = Header { sequence, time_base: Rational { num, den } };
        let bytes = write(&header, &packets);
        let (h, p) = read(&bytes).unwrap();
        prop_assert_eq!(&h, &header);
        prop_assert_eq!(&p, &packets);

        let mut r = Reader::new(Cursor::new(&bytes), Limits::default()).unwrap();
        let index = r.index().unwrap();
        prop_assert_eq!(index.packets, packets.len() as u64);
        let keys: Vec<_> = (0..packets.len()).filter(|&i| i == 0 || packets[i].key).collect();
        prop_assert_eq!(index.keys.len(), keys.len());
        for (key, &i) in index.keys.iter().zip(&keys).rev() {
            prop_assert_eq!(key.pts, packets[i].pts);
            r.seek(*key).unwrap();
            for p in &packets[i..] {
                let read = r.next_packet().unwrap();
                prop_assert_eq!(read.as_ref(), Some(p));
            }
            prop_assert!(r.next_packet().unwrap().is_none());
        }
    }

    #[test]
    fn garbage_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..400), magic in any::<bool>()) {
        if magic {
            bytes.splice(0..0, *b"GIRH\x01\x01\x19\x00");
            let mut crc = crc32fast::Hasher::new();
            crc.update(&bytes[..8]);
            let (check, n) = super::check_bytes(crc.finalize(), 8);
            bytes.splice(8..8, check[..n].iter().copied());
        }
        let _ = read(&bytes);
        if let Ok(mut r) = Reader::new(Cursor::new(&bytes), Limits::default()) {
            let _ = r.index();
        }
    }
}
