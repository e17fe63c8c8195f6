//! What an interrupted run of `girih encode` has left, to go on from.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use girih::stream::container::Reader;
use girih::stream::unit::{self, Orders};
use girih::{Limits, Packet};

use crate::error::InFile;
use crate::media::ffmpeg::{self, Units};
use crate::media::pending;
use crate::output::Kind;

/// The groups of pictures that are complete.
#[derive(Default)]
pub struct Recovered {
    /// Packets in decoding order, each with the number of its picture in display order.
    pub packets: Vec<(u64, Packet)>,
    /// Files that are of no use once the output is complete.
    pub leftovers: Vec<PathBuf>,
}

impl Recovered {
    /// Looks for the output and for what killed runs have left of it; the longest counts.
    ///
    /// # Errors
    /// Files of another film or other settings.
    pub fn find(output: &Path, kind: Kind, header: &[u8]) -> Result<Self> {
        let mut found = Recovered { leftovers: pending::leftovers(output), ..Recovered::default() };
        let candidates =
            found.leftovers.iter().map(PathBuf::as_path).chain(output.is_file().then_some(output));
        for path in candidates {
            let packets = read(path, kind, header).in_file(path)?;
            if packets.len() > found.packets.len() {
                found.packets = packets;
            }
        }
        Ok(found)
    }

    /// Number of pictures.
    pub fn pictures(&self) -> u64 {
        self.packets.len() as u64
    }
}

/// Removes the files that earlier runs have left.
pub fn clean(leftovers: &[PathBuf]) {
    for file in leftovers {
        // They do no harm where they cannot be removed.
        let _ = fs::remove_file(file);
    }
}

/// Packets before the last key frame; nothing of a file that has none but the first, or is no file of ours yet.
fn read(path: &Path, kind: Kind, header: &[u8]) -> Result<Vec<(u64, Packet)>> {
    let (found, data) = match kind {
        Kind::Native => native(path),
        Kind::Matroska => matroska(path),
    }
    .unwrap_or_default();
    // Matroska's writer makes the header's length even.
    let same = found.strip_prefix(header).is_some_and(|rest| matches!(rest, [] | [0]));
    if !data.is_empty() && !same {
        bail!("is of another film or other settings: it cannot be resumed");
    }
    let (mut orders, mut packets, mut last_key) = (Orders::default(), Vec::new(), 0);
    for data in data {
        let Ok((key, order)) = orders.next(&data) else { break };
        if key {
            last_key = packets.len();
        }
        packets.push((order, Packet { data, pts: 0, key }));
    }
    packets.truncate(last_key);
    Ok(packets)
}

type Stream = (Vec<u8>, Vec<Vec<u8>>);

/// The header and the packets up to where the file is damaged.
fn native(path: &Path) -> Result<Stream> {
    let mut reader = Reader::new(BufReader::new(File::open(path)?), Limits::default())?;
    let mut packets = Vec::new();
    while let Ok(Some(p)) = reader.next_packet() {
        packets.push(p.data);
    }
    Ok((reader.header().sequence.clone(), packets))
}

fn matroska(path: &Path) -> Result<Stream> {
    let mut units = Units::open(ffmpeg::open_file(path)?, true)?;
    let mut packets = Vec::new();
    while let Ok(Some(u)) = units.next_unit() {
        let Ok(parts) = unit::split(&u.data) else { break };
        packets.extend(parts.into_iter().map(<[u8]>::to_vec));
    }
    Ok((units.header, packets))
}

/// Gives recovered packets the times of their pictures.
pub fn timed(packets: Vec<(u64, Packet)>, times: &[i64]) -> Result<Vec<Packet>> {
    let time = |order: u64| usize::try_from(order).ok().and_then(|o| times.get(o)).copied();
    let timed = packets
        .into_iter()
        .map(|(order, p)| Ok(Packet { pts: time(order).context("a picture without a time")?, ..p }));
    timed.collect()
}
