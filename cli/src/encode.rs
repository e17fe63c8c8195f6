//! `girih encode`: any video or image into a `.girih` or `.mkv` file.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use girih::{Config, Control, Encoder};
use serde_json::json;

use crate::args::{Encode, Tools};
use crate::copy;
use crate::error::{self, InFile, display};
use crate::media::pending::Pending;
use crate::media::{self, Description, Reading, Source};
use crate::output::{Film, Kind, Output, kind};
use crate::progress::Progress;

pub fn run(args: &Encode) -> Result<()> {
    check(args)?;
    if args.copy {
        return copy::run(args);
    }
    let kind = kind(&args.output)?;
    let pending = Pending::create(&args.output, args.overwrite).in_file(&args.output)?;
    // Matroska counts milliseconds, whatever the frame rate.
    let exact = kind == Kind::Matroska;
    let reading = Reading { threads: args.threads.count, exact, ..Reading::default() };
    let source = media::open(&args.input, reading).in_file(&args.input)?;
    let mut source = media::select(source, args.range);
    let mut config = config(source.description(), args.crf, &args.tools, args.threads.count);
    config.keyint = args.keyint;
    let started = Instant::now();
    let (frames, bytes) = encode(source.as_mut(), config, (kind, pending), args)?;
    summary(args, source.description(), frames, bytes, started.elapsed().as_secs_f64())
}

/// Refuses what cannot be done before anything is touched.
fn check(args: &Encode) -> Result<()> {
    if args.bitrate.is_some() || args.size.is_some() {
        bail!("--bitrate and --size are not built yet: use --crf");
    }
    if args.codebook.is_some() {
        bail!("--codebook is not built yet");
    }
    Ok(())
}

/// Encoder settings for a source.
pub fn config(d: &Description, crf: f32, tools: &Tools, threads: usize) -> Config {
    Config {
        color: d.color,
        frame_rate: d.frame_rate,
        sample_aspect: d.sample_aspect,
        crf,
        preset: tools.preset,
        tune: tools.tune,
        threads,
        control: Control { without: tools.without.clone() },
        ..Config::new(d.format)
    }
}

/// Encodes all pictures; gives the number of frames and of bytes.
fn encode(
    source: &mut dyn Source,
    config: Config,
    (kind, pending): (Kind, Pending),
    args: &Encode,
) -> Result<(u64, u64)> {
    let (input, output): (&Path, &Path) = (&args.input, &args.output);
    let progress = Progress::new("encoding", source.description().frames);
    let mut encoder = Encoder::new(config).in_file(input)?;
    let Some(mut picture) = source.next_picture().in_file(input)? else {
        bail!("{}: no picture in it", display(input));
    };
    let extras = source.extras();
    let mut copier = if kind == Kind::Matroska { media::companions(input) } else { None };
    if let Some(c) = copier.as_mut().filter(|_| args.range.start > 0 || args.range.frames.is_some()) {
        c.trim(extras.origin, source.description().time_base);
    }
    let film = Film { header: encoder.header(), description: source.description(), extras, copier };
    let mut out = Output::create(kind, pending, film).in_file(output)?;
    error::notes(output, out.notes());
    let mut frames = 0;
    loop {
        out.expect(picture.pts);
        encoder.push(picture).in_file(input)?;
        frames += 1;
        while let Some(packet) = encoder.next_packet() {
            out.write(packet).in_file(output)?;
        }
        progress.frame();
        match source.next_picture().in_file(input)? {
            Some(next) => picture = next,
            None => break,
        }
    }
    encoder.finish().in_file(input)?;
    while let Some(packet) = encoder.next_packet() {
        out.write(packet).in_file(output)?;
    }
    Ok((frames, out.finish().in_file(output)?))
}

fn summary(args: &Encode, d: &Description, frames: u64, bytes: u64, seconds: f64) -> Result<()> {
    let kbps = bytes as f64 * 8.0 / 1000.0 * d.fps() / frames as f64;
    let fps = frames as f64 / seconds.max(1e-9);
    let mut out = std::io::stdout().lock();
    if args.json {
        let value = json!({
            "input": display(&args.input),
            "output": display(&args.output),
            "width": d.format.width,
            "height": d.format.height,
            "frames": frames,
            "bytes": bytes,
            "kbps": kbps,
            "seconds": seconds,
            "fps": fps,
        });
        writeln!(out, "{value:#}")?;
    } else {
        let name = display(&args.output);
        writeln!(out, "{name}: {frames} frames, {bytes} bytes, {kbps:.1} kbit/s, {fps:.2} frames/s")?;
    }
    Ok(())
}
