//! `girih metrics`: PSNR and SSIM of a video or image against its original.

use std::io::Write;

use anyhow::{Context, Result, bail};
use girih::ChromaFormat;
use serde_json::{Value, json};

use crate::args::Metrics;
use crate::codebook;
use crate::error::{InFile, display};
use crate::media::{self, Reading};
use crate::progress::Progress;
use crate::quality::{Mean, Quality};

pub fn run(args: &Metrics) -> Result<()> {
    let codebook = codebook::load(args.given.codebook.as_deref())?;
    let reading = Reading { threads: args.threads.count, codebook, ..Reading::default() };
    let mut distorted = media::open(&args.distorted, reading.clone()).in_file(&args.distorted)?;
    // An image has the chroma that was made of it.
    let chroma = Some(distorted.description().format.chroma).filter(|&c| c != ChromaFormat::Mono);
    let reading = Reading { chroma, ..reading };
    let mut reference = media::open(&args.reference, reading).in_file(&args.reference)?;
    let (a, b) = (reference.description().layout(), distorted.description().layout());
    if a != b {
        bail!("{}: is {b}, but {} is {a}", display(&args.distorted), display(&args.reference));
    }
    let lines = args.per_frame && !args.json;
    // Lines show progress well enough.
    let progress = (!lines).then(|| Progress::new("measuring", reference.description().frames));
    let mut mean = Mean::default();
    let mut rows = Vec::new();
    let mut out = std::io::stdout().lock();
    if lines {
        writeln!(out, "{}", heading("frame"))?;
    }
    loop {
        let r = reference.next_picture().in_file(&args.reference)?;
        let d = distorted.next_picture().in_file(&args.distorted)?;
        let (r, d) = match (r, d) {
            (Some(r), Some(d)) => (r, d),
            (None, None) => break,
            (r, _) => {
                let shorter = if r.is_none() { &args.reference } else { &args.distorted };
                bail!("{}: ends after {} frames, the other one does not", display(shorter), mean.frames);
            }
        };
        let q = Quality::of(&r, &d)?;
        if args.json {
            rows.push(value(&q));
        } else if lines {
            writeln!(out, "{:>8}{}", mean.frames, row(&q))?;
        }
        mean.add(q);
        if let Some(p) = &progress {
            p.frame();
        }
    }
    let overall = mean.get().context("no picture to compare").in_file(&args.reference)?;
    drop(progress);
    if args.json {
        let json = json!({ "frames": rows, "overall": value(&overall), "count": mean.frames });
        writeln!(out, "{json:#}")?;
    } else if lines {
        writeln!(out, "{:>8}{}", "all", row(&overall))?;
    } else {
        writeln!(out, "{}", heading("frames"))?;
        writeln!(out, "{:>8}{}", mean.frames, row(&overall))?;
    }
    Ok(())
}

fn heading(first: &str) -> String {
    format!("{first:>8}{}", columns(["PSNR-Y", "PSNR-U", "PSNR-V", "PSNR-YUV", "SSIM"].map(String::from)))
}

fn row(q: &Quality) -> String {
    let db = |v: Option<f64>| v.map_or("-".into(), |v| format!("{v:.3}"));
    let [y, u, v] = [0, 1, 2].map(|p| db(q.psnr(p)));
    columns([y, u, v, db(Some(q.psnr_yuv())), format!("{:.5}", q.ssim)])
}

fn columns(cells: [String; 5]) -> String {
    cells.iter().map(|c| format!("{c:>10}")).collect()
}

fn value(q: &Quality) -> Value {
    json!({
        "psnr_y": q.psnr(0),
        "psnr_u": q.psnr(1),
        "psnr_v": q.psnr(2),
        "psnr_yuv": q.psnr_yuv(),
        "ssim": q.ssim,
        "ssim_db": q.ssim_db(),
    })
}
