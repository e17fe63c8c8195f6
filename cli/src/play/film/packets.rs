//! Packets of Girih from `.girih` files and other containers, from any key frame on.

use std::fs::File;
use std::io::BufReader;

use anyhow::Result;
use girih::stream::{container, unit};
use girih::{Limits, Packet};

use crate::media::ffmpeg::Units;

/// What has to be decoded together.
pub struct Bundle {
    pub packets: Vec<Vec<u8>>,
    /// In a container of FFmpeg's, the time of the next picture; else that of this packet.
    pub pts: i64,
}

pub enum Packets {
    Native { reader: container::Reader<BufReader<File>>, keys: Vec<container::KeyFrame> },
    Units { units: Units, first: Option<Packet> },
}

impl Packets {
    /// A `.girih` file; gives also the number of its packets, if the index is whole.
    pub fn native(file: BufReader<File>) -> Result<(Self, Option<u64>)> {
        let mut reader = container::Reader::new(file, Limits::default())?;
        let index = reader.index().ok();
        let (packets, keys) = index.map_or((None, Vec::new()), |i| (Some(i.packets), i.keys));
        Ok((Packets::Native { reader, keys }, packets))
    }

    pub fn next_bundle(&mut self) -> Result<Option<Bundle>> {
        match self {
            Packets::Native { reader, .. } => {
                Ok(reader.next_packet()?.map(|p| Bundle { packets: vec![p.data], pts: p.pts }))
            }
            Packets::Units { units, first } => {
                let unit = match first.take() {
                    Some(unit) => Some(unit),
                    None => units.next_unit()?,
                };
                let Some(unit) = unit else { return Ok(None) };
                let packets = unit::split(&unit.data)?.into_iter().map(<[u8]>::to_vec).collect();
                Ok(Some(Bundle { packets, pts: unit.pts }))
            }
        }
    }

    /// The next bundle begins with the last key frame up to `pts`, or with the first.
    pub fn rewind(&mut self, pts: i64) -> Result<()> {
        match self {
            Packets::Native { reader, keys } => {
                let at = keys.partition_point(|k| k.pts <= pts).saturating_sub(1);
                match keys.get(at) {
                    Some(&key) => reader.seek(key)?,
                    None => reader.restart()?,
                }
            }
            Packets::Units { units, first } => {
                units.seek(pts)?;
                *first = units.next_unit()?;
                // Times in the container's index are rounded.
                if first.as_ref().is_none_or(|u| !u.key || u.pts > pts) {
                    units.seek(i64::MIN)?;
                    *first = None;
                }
            }
        }
        Ok(())
    }

    pub fn key_before(&self, pts: i64) -> Option<i64> {
        match self {
            Packets::Native { keys, .. } => {
                keys[..keys.partition_point(|k| k.pts <= pts)].last().map(|k| k.pts)
            }
            Packets::Units { units, .. } => units.key_before(pts),
        }
    }
}
