//! `girih encode --copy`: the same stream in another container.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use girih::stream::container::Reader;
use girih::stream::unit::{self, Orders};
use girih::{Limits, Packet};

use crate::args::Encode;
use crate::codebook;
use crate::error::{self, InFile, display};
use crate::media::ffmpeg::Units;
use crate::media::pending::Pending;
use crate::media::{self, Reading, ffmpeg};
use crate::output::{Film, Kind, Output, kind};
use crate::resume;

pub fn run(args: &Encode) -> Result<()> {
    let (input, output) = (&args.input, &args.output);
    let to = kind(output)?;
    let pending = Pending::create_from(input, output, args.overwrite).in_file(output)?;
    let exact = to == Kind::Matroska;
    let codebook = codebook::load(args.own.codebook.as_deref())?;
    let reading = Reading { threads: 1, exact, codebook, ..Reading::default() };
    // The source is not decoded; it knows the properties of its film.
    let source = media::open(input, reading).in_file(input)?;
    let (packets, times) = packets(input, exact).in_file(input)?;
    let film = Film {
        header: packets.0,
        description: source.description(),
        extras: source.extras(),
        copier: if exact { media::companions(input) } else { None },
    };
    let mut out = Output::create(to, pending, film).in_file(output)?;
    error::notes(output, out.notes());
    times.into_iter().for_each(|t| out.expect(t));
    for p in packets.1 {
        out.write(p).in_file(output)?;
    }
    out.finish().in_file(output)?;
    Ok(())
}

type Stream = (Vec<u8>, Vec<Packet>);

/// All packets of a file in decoding order, after the header; and the times of pictures in display order.
fn packets(input: &Path, exact: bool) -> Result<(Stream, Vec<i64>)> {
    if input == Path::new("-") {
        bail!("--copy needs a file");
    }
    if let Ok(mut reader) = Reader::new(BufReader::new(File::open(input)?), Limits::default()) {
        let mut packets = Vec::new();
        while let Some(p) = reader.next_packet()? {
            packets.push(p);
        }
        let mut times: Vec<i64> = packets.iter().map(|p| p.pts).collect();
        times.sort_unstable();
        return Ok(((reader.header().sequence.clone(), packets), times));
    }
    let file = ffmpeg::open_file(input)?;
    let mut units = Units::open(file, exact).with_context(|| format!("{} is not Girih", display(input)))?;
    let (mut orders, mut packets, mut times) = (Orders::default(), Vec::new(), Vec::new());
    while let Some(u) = units.next_unit()? {
        times.push(u.pts);
        for data in unit::split(&u.data)? {
            let (key, order) = orders.next(data)?;
            packets.push((order, Packet { data: data.to_vec(), pts: 0, key }));
        }
    }
    let packets = resume::timed(packets, &times)?;
    Ok(((units.header, packets), times))
}
