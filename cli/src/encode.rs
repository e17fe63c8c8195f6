//! `girih encode`: any video or image into a `.girih` or `.mkv` file.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use girih::{Config, Control, Encoder, Packet, Tune};
use serde_json::json;

use crate::args::{Adapt, Encode, Range, Tools};
use crate::codebook;
use crate::copy;
use crate::error::{self, InFile, display};
use crate::goal;
use crate::interrupt;
use crate::media::pending::Pending;
use crate::media::{self, Description, Reading, Source};
use crate::output::{Film, Kind, Output, kind};
use crate::progress::Progress;
use crate::resume::{self, Recovered};

pub fn run(args: &Encode) -> Result<()> {
    if args.copy {
        return copy::run(args);
    }
    let kind = kind(&args.output)?;
    let set = codebook::load(args.own.codebook.as_deref())?;
    let pending = Pending::create_from(&args.input, &args.output, args.overwrite || args.resume)
        .in_file(&args.output)?;
    let mut source = open(args, kind, args.range)?;
    let mut config = config(source.description(), args.crf, &args.tools, args.threads.count);
    config.keyint = args.keyint;
    config.codebook = set;
    config.embed_codebook = !args.own.codebook_external;
    let started = Instant::now();
    goal::set(&mut config, args, kind)?;
    let coded = encode(source.as_mut(), config, (kind, pending), args)?;
    summary(args, source.description(), &coded, started.elapsed().as_secs_f64())
}

/// What was encoded.
struct Coded {
    frames: u64,
    /// Of the file, and of the video alone.
    bytes: u64,
    video: u64,
    /// How long the film is.
    seconds: f64,
}

/// Opens a part of the input.
pub fn open(args: &Encode, kind: Kind, range: Range) -> Result<Box<dyn Source>> {
    // Matroska counts milliseconds, whatever the frame rate.
    let exact = kind == Kind::Matroska;
    let codebook = codebook::load(args.own.codebook.as_deref())?;
    let threads = args.threads.count;
    let (rate, chroma) = (args.fps, args.chroma);
    let reading = Reading { threads, exact, rate, chroma, codebook, ..Reading::default() };
    let source = media::open(&args.input, reading).in_file(&args.input)?;
    Ok(media::select(source, range))
}

/// Encoder settings for a source.
pub fn config(d: &Description, crf: f32, tools: &Tools, threads: usize) -> Config {
    Config {
        color: d.color,
        frame_rate: d.frame_rate,
        sample_aspect: d.sample_aspect,
        crf,
        preset: tools.preset,
        tune: tools.tune.unwrap_or(Tune::Eye),
        threads,
        adapt: tools.adapt == Adapt::Online,
        control: Control { without: tools.without.clone() },
        ..Config::new(d.format)
    }
}

/// Encodes all pictures, or those before the user stops it.
fn encode(
    source: &mut dyn Source,
    config: Config,
    (kind, pending): (Kind, Pending),
    args: &Encode,
) -> Result<Coded> {
    let (input, output): (&Path, &Path) = (&args.input, &args.output);
    let mut encoder = Encoder::new(config).in_file(input)?;
    let mut recovered = match args.resume {
        true => Recovered::find(output, kind, &encoder.header())?,
        false => Recovered::default(),
    };
    let leftovers = std::mem::take(&mut recovered.leftovers);
    let Some(mut picture) = source.next_picture().in_file(input)? else {
        bail!("{}: no picture in it", display(input));
    };
    let extras = source.extras();
    let (seconds, fps) = (extras.seconds, source.description().fps());
    error::notes(input, &extras.notes);
    let mut copier = if kind == Kind::Matroska { media::companions(input) } else { None };
    if let Some(c) = copier.as_mut().filter(|_| args.range.start > 0 || args.range.frames.is_some()) {
        c.trim(extras.origin, source.description().time_base);
    }
    let film = Film { header: encoder.header(), description: source.description(), extras, copier };
    let mut out = Output::create(kind, pending, film).in_file(output)?;
    error::notes(output, out.notes());
    interrupt::ends_well();
    let expected = source.description().frames.or_else(|| seconds.map(|s| (s * fps).round() as u64));
    let progress = Progress::new("encoding", expected).with_json(args.json);
    let (mut frames, mut video) = (0, 0);
    let mut write = |out: &mut Output, packet: Packet| {
        video += packet.data.len() as u64;
        progress.coded(video);
        out.write(packet).in_file(output)
    };
    let first = picture.pts;
    let mut last;
    // Packets of an earlier run wait until the times of their pictures are known.
    let (done, mut times) = (recovered.pictures(), Vec::new());
    let mut recovered = Some(recovered).filter(|_| done > 0);
    loop {
        out.expect(picture.pts);
        last = picture.pts;
        frames += 1;
        if frames <= done {
            times.push(picture.pts);
            encoder.skip(&picture).in_file(input)?;
        } else {
            encoder.push(picture).in_file(input)?;
        }
        if frames == done
            && let Some(r) = recovered.as_mut()
        {
            for packet in resume::timed(std::mem::take(&mut r.packets), &times)? {
                write(&mut out, packet)?;
            }
        }
        while let Some(packet) = encoder.next_packet() {
            write(&mut out, packet)?;
        }
        if interrupt::stopped() && frames >= done {
            break;
        }
        match source.next_picture().in_file(input) {
            Ok(Some(next)) => picture = next,
            Ok(None) => break,
            Err(e) if args.partial => {
                error::cut_short(input, frames, &e);
                break;
            }
            Err(e) => return Err(e),
        }
    }
    if frames < done {
        bail!("{}: has {frames} frames, {} already {done}", display(input), display(output));
    }
    encoder.finish().in_file(input)?;
    while let Some(packet) = encoder.next_packet() {
        write(&mut out, packet)?;
    }
    let bytes = out.finish().in_file(output)?;
    resume::clean(&leftovers);
    Ok(Coded { frames, bytes, video, seconds: source.description().seconds(first, last) })
}

fn summary(args: &Encode, d: &Description, coded: &Coded, seconds: f64) -> Result<()> {
    let &Coded { frames, bytes, video, .. } = coded;
    let kbps = video as f64 * 8.0 / 1000.0 / coded.seconds;
    let fps = frames as f64 / seconds.max(1e-9);
    let mut out = std::io::stdout().lock();
    if args.json {
        let value = json!({
            "event": "done",
            "interrupted": interrupt::stopped(),
            "input": display(&args.input),
            "output": display(&args.output),
            "width": d.format.width,
            "height": d.format.height,
            "frames": frames,
            "bytes": bytes,
            "video_bytes": video,
            "kbps": kbps,
            "seconds": seconds,
            "fps": fps,
        });
        writeln!(out, "{value}")?;
    } else {
        let name = display(&args.output);
        writeln!(out, "{name}: {frames} frames, {bytes} bytes, {kbps:.1} kbit/s, {fps:.2} frames/s")?;
    }
    Ok(())
}
