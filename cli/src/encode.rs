//! `girih encode`: any video or image into a `.girih` file.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use girih::stream::container::{Header, Writer};
use girih::{Config, Control, Encoder};
use serde_json::json;

use crate::args::{Encode, Tools};
use crate::codebook;
use crate::error::{InFile, display};
use crate::media::pending::Pending;
use crate::media::{self, Description, Reading, Source};
use crate::progress::Progress;

pub fn run(args: &Encode) -> Result<()> {
    check(args)?;
    let set = codebook::load(args.own.codebook.as_deref())?;
    let pending = Pending::create(&args.output, args.overwrite).in_file(&args.output)?;
    let reading = Reading { threads: args.threads.count, codebook: set.clone(), ..Reading::default() };
    let source = media::open(&args.input, reading).in_file(&args.input)?;
    let mut source = media::select(source, args.range);
    let mut config = config(source.description(), args.crf, &args.tools, args.threads.count);
    config.keyint = args.keyint;
    config.codebook = set;
    config.embed_codebook = !args.own.codebook_external;
    let started = Instant::now();
    let (frames, bytes) = encode(source.as_mut(), config, &pending, args)?;
    pending.commit().in_file(&args.output)?;
    summary(args, source.description(), frames, bytes, started.elapsed().as_secs_f64())
}

/// Refuses what cannot be done before anything is touched.
fn check(args: &Encode) -> Result<()> {
    if args.bitrate.is_some() || args.size.is_some() {
        bail!("--bitrate and --size are not built yet: use --crf");
    }
    match args.output.extension().and_then(|e| e.to_str()) {
        Some(e) if e.eq_ignore_ascii_case("girih") => Ok(()),
        Some(e) if e.eq_ignore_ascii_case("mkv") => {
            bail!("{}: .mkv output is not built yet: use .girih", display(&args.output))
        }
        _ => bail!("{}: the name of the output must end in .girih", display(&args.output)),
    }
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
fn encode(source: &mut dyn Source, config: Config, pending: &Pending, args: &Encode) -> Result<(u64, u64)> {
    let (input, output): (&Path, &Path) = (&args.input, &args.output);
    let time_base = source.description().time_base;
    let progress = Progress::new("encoding", source.description().frames);
    let mut encoder = Encoder::new(config).in_file(input)?;
    let file = BufWriter::with_capacity(1 << 18, pending.open().in_file(output)?);
    let mut writer = Writer::new(file, &Header { sequence: encoder.header(), time_base }).in_file(output)?;
    let mut frames = 0;
    while let Some(picture) = source.next_picture().in_file(input)? {
        encoder.push(picture).in_file(input)?;
        frames += 1;
        while let Some(packet) = encoder.next_packet() {
            writer.write(&packet).in_file(output)?;
        }
        progress.frame();
    }
    if frames == 0 {
        bail!("{}: no picture in it", display(input));
    }
    encoder.finish().in_file(input)?;
    while let Some(packet) = encoder.next_packet() {
        writer.write(&packet).in_file(output)?;
    }
    let file = writer.finish().in_file(output)?;
    let bytes = file.get_ref().metadata().in_file(output)?.len();
    Ok((frames, bytes))
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
