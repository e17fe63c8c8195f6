//! `girih train`: a codebook from videos and images.

mod state;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, anyhow, bail};
use girih::train::{Clip, Cost, Options, Round, Trained, train};
use girih::{BookUse, Picture};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::args::Train;
use crate::error::{InFile, display};
use crate::info;
use crate::media::pending::Pending;
use crate::media::{self, Reading};
use state::State;

/// Pictures in each run that is taken from a video: enough for all layers of the frame structure.
const FRAMES: usize = 9;
/// Where the first run starts, and the distance from one to the next, in pictures.
const SKIP: usize = 2;
const DISTANCE: usize = 50;
/// Few videos give several runs each, many one each.
const RUNS: usize = 24;
/// Vectors other than zero under which a set is for little more than what it was trained on.
const FEW: u64 = 100_000;
/// Videos and images are represented by their middle, at most so large: many teach more than large ones.
const VIDEO: (usize, usize) = (416, 256);
const IMAGE: (usize, usize) = (256, 256);

pub fn run(args: &Train) -> Result<()> {
    let output = Pending::create(&args.output, args.overwrite).in_file(&args.output)?;
    let files = inputs(&args.inputs)?;
    let runs = RUNS.div_ceil(files.len().max(1));
    let mut clips = Vec::new();
    for path in &files {
        clips.extend(clips_of(path, runs, args.threads.count).in_file(path)?);
    }
    if clips.is_empty() {
        bail!("{}: no picture in it", display(&args.inputs[0]));
    }
    let mut options = Options {
        scalar: args.scalar,
        threads: args.threads.count,
        held_out: args.held_out,
        specialise: !args.from_scratch,
        ..Options::default()
    };
    let state = args.resume.then(|| State::of(&args.output, &clips, &options));
    if let Some(state) = &state {
        options.done = state.load().in_file(&state.path)?;
    }
    let bar = progress_bar();
    let told = train(
        &clips,
        &options,
        |r, set| {
            // A training that cannot be interrupted is better than none.
            if let Some(Err(e)) = state.as_ref().map(|s| s.keep(r.number, set).in_file(&s.path)) {
                bar.suspend(|| say(false, &format!("not kept: {e:#}")));
            }
            let text = if args.json { round_json(r).to_string() } else { round_text(r) };
            bar.suspend(|| say(args.json, &text));
        },
        |p| {
            bar.set_length(p.total);
            bar.inc(1);
        },
    );
    bar.finish_and_clear();
    let trained = told.map_err(|e| match e {
        girih::Error::Config(what) => anyhow!("{what}"),
        e => e.into(),
    });
    let trained = trained.in_file(&args.inputs[0])?;
    let bytes = trained.set.to_bytes();
    output.open().and_then(|mut f| f.write_all(&bytes)).in_file(&args.output)?;
    output.commit().in_file(&args.output)?;
    if let Some(state) = &state {
        // There is none if the rounds could not be kept.
        fs::remove_file(&state.path).ok();
    }
    summary(args, &trained, bytes.len());
    Ok(())
}

fn progress_bar() -> ProgressBar {
    // indicatif draws nothing when standard error is not a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("training {wide_bar} {pos}/{len} encodes, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// The log goes to standard output, text to standard error.
fn say(json: bool, line: &str) {
    // Who closed the pipe does not want to know; the codebook is made all the same.
    let _ = if json { writeln!(io::stdout(), "{line}") } else { writeln!(io::stderr(), "{line}") };
}

fn cost_json(c: &Cost) -> Value {
    json!({ "rate": c.rate, "distortion": c.distortion, "j": c.j })
}

fn round_json(r: &Round) -> Value {
    json!({
        "event": "round", "round": r.number, "rate": r.cost.rate, "distortion": r.cost.distortion,
        "j": r.cost.j, "vectors": r.vectors, "nonzero": r.nonzero, "words": r.words,
    })
}

fn round_text(r: &Round) -> String {
    let Cost { rate, distortion, j } = r.cost;
    format!(
        "round {}: {rate:.4} bit/px, distortion {distortion:.3}, J {j:.4}; {} vectors, {} codewords",
        r.number, r.vectors, r.words
    )
}

fn book_json(b: &BookUse) -> Value {
    json!({
        "event": "book", "kind": KINDS[b.kind], "dimension": b.dimension, "class": b.class, "words": b.words,
        "used": b.used, "vectors": b.vectors, "escapes": b.escapes, "entropy": b.entropy,
    })
}

/// Names of the kinds of residual.
pub const KINDS: [&str; 3] = ["luma intra", "luma inter", "chroma"];

/// Change from `a` to `b` in percent.
fn percent(a: f64, b: f64) -> f64 {
    (b / a.max(f64::MIN_POSITIVE) - 1.0) * 100.0
}

fn summary(args: &Train, t: &Trained, bytes: usize) {
    let hash = format!("{:08x}", t.set.hash());
    if args.json {
        t.books.iter().for_each(|b| say(true, &book_json(b).to_string()));
        let held_out = t.held_out.map(|h| {
            json!({
                "clips": h.clips, "before": cost_json(&h.before), "after": cost_json(&h.after),
                "j_percent": percent(h.before.j, h.after.j),
            })
        });
        let file = display(&args.output);
        let end =
            json!({ "event": "end", "output": file, "hash": hash, "bytes": bytes, "held_out": held_out });
        return say(true, &end.to_string());
    }
    say(false, &info::book_table(&t.books));
    if let Some(r) = t.rounds.last().filter(|r| r.nonzero < FEW) {
        say(false, &format!("few vectors ({} other than zero): more input would serve better", r.nonzero));
    }
    say(
        false,
        &match t.held_out {
            Some(h) => format!(
                "{} clips not trained on: J {:.4} with the built-in set, {:.4} with this one ({:+.2} %)",
                h.clips,
                h.before.j,
                h.after.j,
                percent(h.before.j, h.after.j)
            ),
            None => "nothing was held out: too little input to measure on".into(),
        },
    );
    say(false, &format!("{}: codebook {hash}, {bytes} bytes", display(&args.output)));
}

/// The files named, and those in the folders named, in order of their names.
fn inputs(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in given {
        if path.is_dir() {
            let entries = fs::read_dir(path).in_file(path)?;
            let mut files: Vec<PathBuf> =
                entries.map(|e| Ok(e?.path())).collect::<io::Result<_>>().in_file(path)?;
            files.retain(|f| f.is_file());
            files.sort();
            all.extend(files);
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}

/// The middle of a picture, at most `size`.
fn middle(p: &Picture, size: (usize, usize)) -> Picture {
    let mut format = p.format;
    (format.width, format.height) = (format.width.min(size.0), format.height.min(size.1));
    let mut out = Picture { pts: p.pts, ..Picture::new(format) };
    for (to, from) in out.planes.iter_mut().zip(&p.planes) {
        let (x, y) = ((from.width() - to.width()) / 2, (from.height() - to.height()) / 2);
        let w = to.width();
        for row in 0..to.height() {
            to.row_mut(row).copy_from_slice(&from.row(y + row)[x..x + w]);
        }
    }
    out
}

/// Up to `most` runs of pictures of a video, or the middle of an image.
fn clips_of(path: &Path, most: usize, threads: usize) -> Result<Vec<Clip>> {
    let mut source = media::open(path, Reading { threads, ..Reading::default() })?;
    let (mut runs, mut first): (Vec<Clip>, _) = (Vec::new(), None);
    let mut n = 0;
    while let Some(p) = source.next_picture()? {
        if n == 0 {
            first = Some(middle(&p, IMAGE));
        }
        if n >= SKIP && (n - SKIP) % DISTANCE < FRAMES {
            if (n - SKIP).is_multiple_of(DISTANCE) {
                runs.push(Vec::with_capacity(FRAMES));
            }
            if let Some(run) = runs.last_mut() {
                run.push(middle(&p, VIDEO));
            }
        }
        n += 1;
        if n == SKIP + (most - 1) * DISTANCE + FRAMES {
            break;
        }
    }
    // A single picture says nothing about motion; of a very short video the first picture is as good as any.
    runs.retain(|r| r.len() > 1);
    if runs.is_empty() {
        runs.extend(first.map(|p| vec![p]));
    }
    Ok(runs)
}
