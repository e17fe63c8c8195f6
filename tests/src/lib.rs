//! What the tests share: whole encodes and decodes, damaged streams, runs of the program.

pub mod browser;
pub mod damage;
pub mod program;
pub mod screen;
pub mod tools;
pub mod vectors;
pub mod watchdog;

use girih::{ChromaFormat, Config, Decoder, Encoder, Error, Format, Limits, Packet, Picture};
use girih_samples::{Clip, Scene};

/// What an encoder made: the sequence header and the packets in decoding order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    pub header: Vec<u8>,
    pub packets: Vec<Packet>,
}

impl Stream {
    /// Bytes of all packets.
    pub fn size(&self) -> usize {
        self.packets.iter().map(|p| p.data.len()).sum()
    }
}

/// Shorthand for a format.
pub fn format(width: usize, height: usize, chroma: ChromaFormat, bit_depth: u8) -> Format {
    Format { width, height, chroma, bit_depth }
}

/// All sample layouts.
pub const LAYOUTS: [(ChromaFormat, u8); 6] = [
    (ChromaFormat::Mono, 8),
    (ChromaFormat::Mono, 10),
    (ChromaFormat::Yuv420, 8),
    (ChromaFormat::Yuv420, 10),
    (ChromaFormat::Yuv444, 8),
    (ChromaFormat::Yuv444, 10),
];

/// A generated clip.
pub fn clip(scene: Scene, format: Format, frames: usize) -> Vec<Picture> {
    Clip::new(scene, format, frames).collect()
}

/// Encodes pictures.
pub fn encode(config: &Config, pictures: &[Picture]) -> Result<Stream, Error> {
    let mut encoder = Encoder::new(config.clone())?;
    let mut packets = Vec::new();
    for picture in pictures {
        encoder.push(picture.clone())?;
        packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    }
    encoder.finish()?;
    packets.extend(std::iter::from_fn(|| encoder.next_packet()));
    Ok(Stream { header: encoder.header(), packets })
}

/// Decodes a stream and checks each frame's hash.
pub fn decode(stream: &Stream, threads: usize) -> Result<Vec<Picture>, Error> {
    let mut decoder = Decoder::new(&stream.header, Limits::default())?;
    decoder.set_threads(threads);
    decoder.set_verify(true);
    let mut pictures = Vec::new();
    for packet in &stream.packets {
        decoder.push(&packet.data, packet.pts)?;
        pictures.extend(std::iter::from_fn(|| decoder.next_picture()));
    }
    decoder.finish();
    pictures.extend(std::iter::from_fn(|| decoder.next_picture()));
    Ok(pictures)
}

/// PSNR of plane `p` over a whole clip, at most 100 dB.
pub fn psnr(a: &[Picture], b: &[Picture], p: usize) -> f64 {
    assert_eq!(a.len(), b.len());
    let (mut error, mut samples, mut peak) = (0u64, 0u64, 255.0);
    for (a, b) in a.iter().zip(b) {
        assert_eq!(a.format, b.format);
        peak = f64::from(a.format.max_value());
        for y in 0..a.planes[p].height() {
            for (&a, &b) in a.planes[p].row(y).iter().zip(b.planes[p].row(y)) {
                error += u64::from(a.abs_diff(b)).pow(2);
                samples += 1;
            }
        }
    }
    if error == 0 { 100.0 } else { (10.0 * (peak * peak * samples as f64 / error as f64).log10()).min(100.0) }
}
