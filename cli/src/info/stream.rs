//! What is in a `.girih` file: facts, frames, where the bits go.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use anyhow::Result;
use girih::inspect::{FrameReport, FrameType, Inspector, SYNTAX};
use girih::stream::container::{self, Reader};
use girih::stream::unit;
use girih::{BookUse, CodebookSet, Limits, Packet, Rational};
use serde_json::{Value, json};

use super::{Report, describe, table};
use crate::args::Info;
use crate::codebook;
use crate::media::Description;
use crate::media::ffmpeg::Units;
use crate::progress::Progress;
use crate::train::KINDS;

/// A `.girih` file.
pub fn native(args: &Info) -> Result<Report> {
    let mut reader = Reader::new(BufReader::new(File::open(&args.input)?), Limits::default())?;
    let mut inspector = inspector(args, &reader.header().sequence)?;
    let mut frames = Vec::new();
    let progress = Progress::new("reading", reader.index().ok().map(|i| i.packets));
    while let Some(p) = reader.next_packet()? {
        frames.push(Frame::new(&mut inspector, &p));
        progress.frame();
    }
    drop(progress);
    let mut report = Report::default();
    report.put("kind", "girih");
    report.put("container_version", container::VERSION);
    describe_stream(args, report, &frames, &inspector, reader.header().time_base)
}

/// A file of FFmpeg's with Girih in it. What else is in it counts as the container's.
pub fn other(args: &Info, mut units: Units) -> Result<Report> {
    let mut inspector = inspector(args, &units.header)?;
    let mut frames = Vec::new();
    let progress = Progress::new("reading", None);
    while let Some(u) = units.next_unit()? {
        for data in unit::split(&u.data)? {
            let key = u.key && data.first().is_some_and(|b| b & 0x80 != 0);
            frames.push(Frame::new(&mut inspector, &Packet { data: data.to_vec(), pts: u.pts, key }));
            progress.frame();
        }
    }
    drop(progress);
    let mut report = Report::default();
    report.put("kind", "girih in another container");
    describe_stream(args, report, &frames, &inspector, units.time_base)
}

fn inspector(args: &Info, header: &[u8]) -> Result<Inspector> {
    let given = codebook::load(args.given.codebook.as_deref())?;
    Inspector::new(header, Limits::default(), given).map_err(codebook::with_hint)
}

fn describe_stream(
    args: &Info,
    mut report: Report,
    frames: &[Frame],
    inspector: &Inspector,
    time_base: Rational,
) -> Result<Report> {
    let bytes = std::fs::metadata(&args.input)?.len();
    facts(&mut report, frames, inspector, time_base, bytes);
    types(&mut report, frames);
    tools(&mut report, frames);
    syntax(&mut report, frames);
    books(&mut report, &inspector.book_uses());
    if args.frames {
        report.tables.push(frame_table(frames));
    }
    report.detail("packets", frames.iter().map(Frame::json).collect::<Vec<_>>());
    Ok(report)
}

/// A packet.
struct Frame {
    bytes: usize,
    pts: i64,
    key: bool,
    /// `None` if it is damaged, or what it refers to is.
    inside: Option<FrameReport>,
}

impl Frame {
    fn new(inspector: &mut Inspector, p: &Packet) -> Self {
        Frame { bytes: p.data.len(), pts: p.pts, key: p.key, inside: inspector.frame(&p.data).ok() }
    }

    fn json(&self) -> Value {
        let mut v = json!({ "bytes": self.bytes, "pts": self.pts, "key": self.key });
        let Some(r) = &self.inside else {
            v["damaged"] = true.into();
            return v;
        };
        v["type"] = r.frame_type.to_string().into();
        v["order"] = r.order.into();
        v["qi"] = r.qi.into();
        v["references"] = r.references.clone().into();
        v["kept"] = r.kept.into();
        v["tools"] = r.tools.clone().into();
        v["blocks"] = r.blocks.into();
        v["areas"] = json!({
            "intra": r.areas.intra, "single": r.areas.single, "double": r.areas.double, "skip": r.areas.skip,
        });
        v["bits"] = SYNTAX.iter().zip(&r.bits).map(|(k, &b)| (k.to_string(), json!(b))).collect();
        v
    }
}

fn facts(report: &mut Report, frames: &[Frame], inspector: &Inspector, time_base: Rational, bytes: u64) {
    let info = inspector.info();
    let n = frames.len();
    let d = Description::of(info, time_base, Some(n as u64));
    describe(report, &d);
    let coded: usize = frames.iter().map(|f| f.bytes).sum();
    let per_frame = bytes as f64 * 8.0 / n.max(1) as f64;
    let times = || frames.iter().map(|f| f.pts);
    let seconds = times().min().zip(times().max()).map_or(0.0, |(first, last)| d.seconds(first, last));
    report.put("seconds", seconds);
    report.put("bytes", bytes);
    report.put("container_bytes", bytes.saturating_sub(coded as u64));
    report.put("kbps", bytes as f64 * 8.0 / 1000.0 / seconds.max(1e-3));
    report.put("bits_per_pixel", per_frame / (d.format.width * d.format.height) as f64);
    report.put("key_frames", frames.iter().filter(|f| f.key).count());
    report.put("largest_packet", frames.iter().map(|f| f.bytes).max());
    let damaged = frames.iter().filter(|f| f.inside.is_none()).count();
    if damaged > 0 {
        report.put("damaged_packets", damaged);
    }
    report.put("codebook", format!("{:08x}", info.codebook));
    let place = match info.embedded {
        0 if info.codebook == CodebookSet::builtin().hash() => "built in".into(),
        0 => "external".into(),
        n => format!("in the stream, {n} bytes"),
    };
    report.put("codebook_place", place);
}

/// Number and bytes of frames by type.
fn types(report: &mut Report, frames: &[Frame]) {
    let mut sums: BTreeMap<FrameType, (usize, usize, f64)> = BTreeMap::new();
    for (bytes, r) in frames.iter().filter_map(|f| Some((f.bytes, f.inside.as_ref()?))) {
        let s = sums.entry(r.frame_type).or_default();
        *s = (s.0 + 1, s.1 + bytes, s.2 + f64::from(r.qi));
    }
    let total = sums.values().map(|s| s.1).sum::<usize>().max(1) as f64;
    let row = |(t, &(n, bytes, qi)): (&FrameType, &(usize, usize, f64))| {
        let share = bytes as f64 / total * 100.0;
        [
            t.to_string(),
            n.to_string(),
            bytes.to_string(),
            format!("{share:.1}"),
            format!("{:.0}", bytes as f64 / n as f64),
            format!("{:.1}", qi / n as f64),
        ]
    };
    let header = ["frame type", "frames", "bytes", "%", "mean bytes", "mean quantiser"];
    report.tables.push(table(header, sums.iter().map(row)));
    let json = sums.iter().map(|(t, &(n, bytes, qi))| {
        json!({ "type": t.to_string(), "frames": n, "bytes": bytes, "mean_qi": qi / n as f64 })
    });
    report.detail("types", json.collect::<Vec<_>>());
}

/// In how many frames each tool is on.
fn tools(report: &mut Report, frames: &[Frame]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let inside = || frames.iter().filter_map(|f| f.inside.as_ref());
    for name in inside().flat_map(|r| &r.tools) {
        *counts.entry(name.split(" (").next().unwrap_or(name)).or_default() += 1;
    }
    let row = |(name, n): (&&str, &usize)| [name.to_string(), n.to_string()];
    report.tables.push(table(["tool", "frames"], counts.iter().map(row)));
    report.detail("tools", json!(counts));
    let n = inside().count().max(1) as f64;
    let mean = |of: fn(&FrameReport) -> f64| inside().map(of).sum::<f64>() / n;
    let areas = [
        ("intra", mean(|r| r.areas.intra)),
        ("one reference", mean(|r| r.areas.single)),
        ("two references", mean(|r| r.areas.double)),
        ("of these skipped", mean(|r| r.areas.skip)),
    ];
    let row = |(name, share): (&str, f64)| [name.to_string(), format!("{:.1}", share * 100.0)];
    report.tables.push(table(["area predicted", "%"], areas.map(|(n, s)| row((n, s)))));
    report.detail("areas", areas.iter().map(|&(n, s)| (n.to_string(), json!(s))).collect::<Value>());
}

/// Bits by kind of syntax.
fn syntax(report: &mut Report, frames: &[Frame]) {
    let mut sums = [0.0; SYNTAX.len()];
    for r in frames.iter().filter_map(|f| f.inside.as_ref()) {
        sums.iter_mut().zip(&r.bits).for_each(|(s, b)| *s += b);
    }
    let total = sums.iter().sum::<f64>().max(1.0);
    let named = || SYNTAX.iter().zip(sums).filter(|(_, b)| *b > 0.0);
    let row = |(name, bits): (&&str, f64)| {
        [name.to_string(), format!("{:.0}", bits / 8.0), format!("{:.1}", bits / total * 100.0)]
    };
    report.tables.push(table(["kind of syntax", "bytes", "%"], named().map(row)));
    let json: Value = named().map(|(name, bits)| (name.to_string(), json!(bits))).collect();
    report.detail("syntax_bits", json);
}

/// Use of the codebook.
fn books(report: &mut Report, uses: &[BookUse]) {
    report.tables.push(book_table(uses));
    let json = uses.iter().map(|b| {
        json!({
            "kind": KINDS[b.kind], "dimension": b.dimension, "class": b.class, "words": b.words,
            "used": b.used, "vectors": b.vectors, "escapes": b.escapes, "entropy": b.entropy,
        })
    });
    report.detail("books", json.collect::<Vec<_>>());
}

/// A row for each book that was used.
pub fn book_table(uses: &[BookUse]) -> String {
    let row = |b: &BookUse| {
        [
            KINDS[b.kind].to_string(),
            b.dimension.to_string(),
            b.class.to_string(),
            b.words.to_string(),
            b.used.to_string(),
            b.vectors.to_string(),
            b.escapes.to_string(),
            format!("{:.2}", b.entropy),
        ]
    };
    let header = ["book", "dimension", "class", "words", "used", "vectors", "escapes", "entropy"];
    table(header, uses.iter().map(row))
}

/// A row for each packet, in decoding order.
fn frame_table(frames: &[Frame]) -> String {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    let row = |(i, f): (usize, &Frame)| match &f.inside {
        None => [i.to_string(), "damaged".into(), f.pts.to_string()]
            .into_iter()
            .chain(std::iter::repeat_n(String::new(), 9))
            .collect::<Vec<_>>()
            .try_into()
            .unwrap_or_default(),
        Some(r) => [
            i.to_string(),
            r.frame_type.to_string(),
            f.pts.to_string(),
            r.order.to_string(),
            r.qi.to_string(),
            f.bytes.to_string(),
            r.references.iter().map(i32::to_string).collect::<Vec<_>>().join(" "),
            percent(r.areas.intra),
            percent(r.areas.double),
            percent(r.areas.skip),
            if r.kept { "yes" } else { "no" }.into(),
            r.tools.join(", "),
        ],
    };
    let header = [
        "packet",
        "type",
        "pts",
        "order",
        "quantiser",
        "bytes",
        "references",
        "intra %",
        "two refs %",
        "skip %",
        "kept",
        "tools",
    ];
    table(header, frames.iter().enumerate().map(row))
}
