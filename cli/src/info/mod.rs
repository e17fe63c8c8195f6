//! `girih info`: what is in a file.

mod codebook;
mod mosaic;
mod stream;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use anyhow::{Result, bail};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use girih::stream::container;
use serde_json::Value;

pub use stream::book_table;

use crate::args::Info;
use crate::error::{InFile, display};
use crate::media::{self, Description, Reading, ffmpeg};

pub fn run(args: &Info) -> Result<()> {
    let report = report(args).in_file(&args.input)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        let object = report.facts.into_iter().chain(report.details);
        let object = object.map(|(name, value)| (name.to_string(), value)).collect();
        writeln!(out, "{:#}", Value::Object(object))?;
    } else {
        for (name, value) in &report.facts {
            let text = match value {
                Value::String(s) => s.clone(),
                Value::Number(n) if n.is_f64() => format!("{:.3}", n.as_f64().unwrap_or_default()),
                other => other.to_string(),
            };
            writeln!(out, "{:<20} {text}", name.replace('_', " "))?;
        }
        for text in &report.tables {
            write!(out, "\n{text}")?;
        }
    }
    Ok(())
}

/// Names and values in the order in which they are shown.
#[derive(Default)]
struct Report {
    facts: Vec<(&'static str, Value)>,
    /// What is shown as tables to people, and by name to programs.
    tables: Vec<String>,
    details: Vec<(&'static str, Value)>,
}

impl Report {
    fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        self.facts.push((name, value.into()));
    }

    fn detail(&mut self, name: &'static str, value: impl Into<Value>) {
        self.details.push((name, value.into()));
    }
}

fn report(args: &Info) -> Result<Report> {
    let path = args.input.as_path();
    if path != Path::new("-") && path.is_file() {
        let mut start = [0; container::MAGIC.len()];
        let mut file = BufReader::new(File::open(path)?);
        let read = file.by_ref().take(start.len() as u64).read(&mut start)?;
        if start.starts_with(b"GCB") || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gcb")) {
            return codebook::report(args);
        }
        if start[..read] == container::MAGIC {
            refuse_mosaic(args)?;
            return stream::native(args);
        }
    }
    refuse_mosaic(args)?;
    if path.is_file()
        && let Ok(input) = ffmpeg::open_file(path)
        && ffmpeg::find_girih(&input).is_some()
    {
        return stream::other(args, ffmpeg::Units::open(input, false)?);
    }
    let source = media::open(path, Reading { threads: 1, ..Reading::default() })?;
    let mut report = Report::default();
    report.put("kind", "other");
    describe(&mut report, source.description());
    Ok(report)
}

fn refuse_mosaic(args: &Info) -> Result<()> {
    match &args.mosaic {
        Some(path) => bail!("is no codebook: no mosaic {} can be made of it", display(path)),
        None => Ok(()),
    }
}

fn describe(report: &mut Report, d: &Description) {
    report.put("width", d.format.width);
    report.put("height", d.format.height);
    report.put("chroma", media::chroma_name(d.format.chroma));
    report.put("bit_depth", d.format.bit_depth);
    report.put("frame_rate", format!("{}/{}", d.frame_rate.num, d.frame_rate.den));
    report.put("time_base", format!("{}/{}", d.time_base.num, d.time_base.den));
    report.put("sample_aspect", format!("{}:{}", d.sample_aspect.num, d.sample_aspect.den));
    let c = d.color;
    let color = format!("primaries {}, transfer {}, matrix {}", c.primaries, c.transfer, c.matrix);
    report.put("color", color);
    report.put("range", if c.full_range { "full" } else { "limited" });
    if let Some(n) = d.frames {
        report.put("frames", n);
    }
}

/// Rows under a header, the first column and the last if it is long text to the left, numbers to the right.
fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    let text = |name: &str| matches!(name, "tools" | "most probable words");
    for (column, _) in table.column_iter_mut().zip(header).skip(1).filter(|(_, name)| !text(name)) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    rows.into_iter().for_each(|r| {
        table.add_row(r);
    });
    table.lines().map(|l| l.trim_end().to_string() + "\n").collect()
}
