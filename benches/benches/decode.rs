//! Whole decodes, by number of threads. Throughput is in frames.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use girih::{ChromaFormat, Config, Decoder, Encoder, Error, Format, Limits, Packet, Preset};
use girih_samples::{Clip, Scene};

const FRAMES: usize = 17;

/// A stream: its header and packets.
fn stream(crf: f32) -> Result<(Vec<u8>, Vec<Packet>), Error> {
    let format = Format { width: 640, height: 360, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    let mut config = Config::new(format);
    (config.crf, config.preset) = (crf, Preset::Fast);
    let mut encoder = Encoder::new(config)?;
    let mut packets = Vec::new();
    for picture in Clip::new(Scene::Mix, format, FRAMES) {
        encoder.push(picture)?;
        packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    }
    encoder.finish()?;
    packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    Ok((encoder.header(), packets))
}

/// Decodes all of it; returns the number of pictures.
fn decode(header: &[u8], packets: &[Packet], threads: usize) -> Result<usize, Error> {
    let mut decoder = Decoder::new(header, Limits::default())?;
    decoder.set_threads(threads);
    let mut pictures = 0;
    for packet in packets {
        decoder.push(&packet.data, packet.pts)?;
        pictures += std::iter::from_fn(|| decoder.next_as_decoded()).count();
    }
    decoder.finish();
    Ok(pictures + std::iter::from_fn(|| decoder.next_as_decoded()).count())
}

fn decodes(c: &mut Criterion) {
    let mut g = c.benchmark_group("decode 640x360");
    g.throughput(Throughput::Elements(FRAMES as u64));
    for crf in [22.0, 34.0] {
        let (header, packets) = stream(crf).expect("a generated clip can be encoded");
        for threads in [1, 2] {
            g.bench_function(format!("crf {crf}, {threads} threads"), |t| {
                t.iter(|| assert_eq!(decode(&header, &packets, threads), Ok(FRAMES)))
            });
        }
    }
    g.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! { name = whole; config = config(); targets = decodes }
criterion_main!(whole);
