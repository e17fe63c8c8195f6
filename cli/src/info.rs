//! `girih info`: what is in a file.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use anyhow::{Result, bail};
use girih::stream::container::{self, Reader};
use girih::{Decoder, Limits};
use serde_json::{Value, json};

use crate::args::Info;
use crate::error::InFile;
use crate::media::{self, Description, Reading};

pub fn run(args: &Info) -> Result<()> {
    let facts = facts(&args.input).in_file(&args.input)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        let object = facts.0.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        writeln!(out, "{:#}", Value::Object(object))?;
    } else {
        for (name, value) in &facts.0 {
            let text = match value {
                // Long lists are for programs.
                Value::Array(_) => continue,
                Value::String(s) => s.clone(),
                Value::Number(n) if n.is_f64() => format!("{:.3}", n.as_f64().unwrap_or_default()),
                other => other.to_string(),
            };
            writeln!(out, "{:<20} {text}", name.replace('_', " "))?;
        }
    }
    Ok(())
}

/// Names and values in the order in which they are shown.
#[derive(Default)]
struct Facts(Vec<(&'static str, Value)>);

impl Facts {
    fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }
}

fn facts(path: &Path) -> Result<Facts> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gcb")) {
        return codebook(path);
    }
    if path != Path::new("-") && path.is_file() {
        let mut start = [0; container::MAGIC.len()];
        let mut file = BufReader::new(File::open(path)?);
        let read = file.by_ref().take(start.len() as u64).read(&mut start)?;
        if start[..read] == container::MAGIC {
            return native(path);
        }
    }
    let source = media::open(path, Reading { threads: 1, ..Reading::default() })?;
    let mut facts = Facts::default();
    facts.put("kind", "other");
    describe(&mut facts, source.description());
    Ok(facts)
}

/// A codebook file.
fn codebook(_path: &Path) -> Result<Facts> {
    bail!("info about codebooks is not built yet")
}

/// A `.girih` file, by its packets.
fn native(path: &Path) -> Result<Facts> {
    let bytes = std::fs::metadata(path)?.len();
    let limits = Limits::default();
    let mut reader = Reader::new(BufReader::new(File::open(path)?), limits)?;
    let decoder = Decoder::new(&reader.header().sequence, limits)?;
    let info = decoder.info().clone();
    let mut packets = Packets::default();
    while let Some(p) = reader.next_packet()? {
        packets.add(&p);
    }
    let mut facts = Facts::default();
    facts.put("kind", "girih");
    facts.put("container_version", container::VERSION);
    let description = Description {
        format: info.format,
        color: info.color,
        frame_rate: info.frame_rate,
        sample_aspect: info.sample_aspect,
        time_base: reader.header().time_base,
        frames: Some(packets.sizes.len() as u64),
    };
    describe(&mut facts, &description);
    packets.describe(&mut facts, bytes, &description);
    Ok(facts)
}

#[derive(Default)]
struct Packets {
    sizes: Vec<usize>,
    times: Vec<i64>,
    keys: Vec<bool>,
}

impl Packets {
    fn add(&mut self, p: &girih::Packet) {
        self.sizes.push(p.data.len());
        self.times.push(p.pts);
        self.keys.push(p.key);
    }

    fn describe(&self, facts: &mut Facts, bytes: u64, d: &Description) {
        let n = self.sizes.len();
        let of =
            |key: bool| self.sizes.iter().zip(&self.keys).filter(move |(_, k)| **k == key).map(|(s, _)| *s);
        let mean = |key: bool| of(key).sum::<usize>() as f64 / of(key).count().max(1) as f64;
        let coded: usize = self.sizes.iter().sum();
        let per_frame = bytes as f64 * 8.0 / n.max(1) as f64;
        facts.put("seconds", json!(n as f64 / d.fps()));
        facts.put("bytes", bytes);
        facts.put("container_bytes", bytes.saturating_sub(coded as u64));
        facts.put("kbps", json!(per_frame * d.fps() / 1000.0));
        facts.put("bits_per_pixel", json!(per_frame / (d.format.width * d.format.height) as f64));
        facts.put("key_frames", of(true).count());
        facts.put("mean_key_bytes", json!(mean(true)));
        facts.put("mean_other_bytes", json!(mean(false)));
        facts.put("largest_packet", self.sizes.iter().max().copied());
        let packet = |i: usize| json!({ "bytes": self.sizes[i], "pts": self.times[i], "key": self.keys[i] });
        facts.put("packets", (0..n).map(packet).collect::<Vec<_>>());
    }
}

fn describe(facts: &mut Facts, d: &Description) {
    facts.put("width", d.format.width);
    facts.put("height", d.format.height);
    facts.put("chroma", media::chroma_name(d.format.chroma));
    facts.put("bit_depth", d.format.bit_depth);
    facts.put("frame_rate", format!("{}/{}", d.frame_rate.num, d.frame_rate.den));
    facts.put("time_base", format!("{}/{}", d.time_base.num, d.time_base.den));
    facts.put("sample_aspect", format!("{}:{}", d.sample_aspect.num, d.sample_aspect.den));
    let c = d.color;
    let color = format!("primaries {}, transfer {}, matrix {}", c.primaries, c.transfer, c.matrix);
    facts.put("color", color);
    facts.put("range", if c.full_range { "full" } else { "limited" });
    if let Some(n) = d.frames {
        facts.put("frames", n);
    }
}
