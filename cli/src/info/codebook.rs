//! What is in a codebook file.

use anyhow::{Result, bail};
use girih::CodebookSet;
use girih::inspect::{BookInfo, books};
use serde_json::{Value, json};

use super::{Report, mosaic, table};
use crate::args::Info;
use crate::codebook::bytes;
use crate::error::InFile;
use crate::train::KINDS;

/// Words of a book that are listed.
const LISTED: usize = 5;

pub fn report(args: &Info) -> Result<Report> {
    if args.frames {
        bail!("is a codebook: it has no frames");
    }
    let bytes = bytes(&args.input)?;
    let set = CodebookSet::from_bytes(&bytes)?;
    let books: Vec<BookInfo> = books(&set);
    if let Some(path) = &args.mosaic {
        mosaic::write(path, &books, args.overwrite).in_file(path)?;
    }
    let mut report = Report::default();
    report.put("kind", "codebook");
    report.put("version", String::from_utf8_lossy(bytes.get(3..4).unwrap_or_default()));
    report.put("hash", format!("{:08x}", set.hash()));
    report.put("built_in", set.hash() == CodebookSet::builtin().hash());
    report.put("bytes", bytes.len());
    report.put("books", books.len());
    report.put("words", books.iter().map(|b| b.words.len()).sum::<usize>());
    report.put("probabilities", set.is_trained());
    // Books that hold nothing but zero are never coded with.
    let filled = || books.iter().filter(|b| b.words.len() > 1);
    let row = |b: &BookInfo| {
        let words: Vec<String> = listed(b).into_iter().map(|i| word(b, i)).collect();
        [
            KINDS[b.kind].to_string(),
            b.dimension.to_string(),
            b.class.to_string(),
            b.words.len().to_string(),
            format!("{:.2}", entropy(&b.probability)),
            format!("{:.1}", b.probability.first().unwrap_or(&0.0) * 100.0),
            format!("{:.2}", b.probability.last().unwrap_or(&0.0) * 100.0),
            words.join("  "),
        ]
    };
    let header =
        ["book", "dimension", "class", "words", "entropy", "zero %", "escape %", "most probable words"];
    report.tables.push(table(header, filled().map(row)));
    report.detail("books_filled", filled().map(json).collect::<Vec<_>>());
    Ok(report)
}

/// The most probable words but zero.
fn listed(b: &BookInfo) -> Vec<usize> {
    let mut order: Vec<usize> = (1..b.words.len()).collect();
    order.sort_by(|&i, &j| b.probability[j].total_cmp(&b.probability[i]).then(i.cmp(&j)));
    order.truncate(LISTED);
    order
}

/// A word in steps, its rows set apart.
fn word(b: &BookInfo, i: usize) -> String {
    let step = |&v: &i16| format!("{:.1}", f64::from(v) / 16.0).replace(".0", "");
    let rows = b.words[i].chunks(b.columns).map(|r| r.iter().map(step).collect::<Vec<_>>().join(","));
    rows.collect::<Vec<_>>().join("/")
}

fn entropy(p: &[f64]) -> f64 {
    p.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum()
}

fn json(b: &BookInfo) -> Value {
    let words: Vec<Value> = listed(b)
        .into_iter()
        .map(|i| json!({ "word": b.words[i], "probability": b.probability[i] }))
        .collect();
    json!({
        "kind": KINDS[b.kind], "dimension": b.dimension, "class": b.class, "words": b.words.len(),
        "entropy": entropy(&b.probability), "zero": b.probability.first(), "escape": b.probability.last(),
        "most_probable": words,
    })
}
