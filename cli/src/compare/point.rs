//! One encoding: its size, its quality, its speed.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use girih::stream::container::{Header, Reader, Writer};
use girih::{Config, Decoder, Encoder, Limits, Picture};

use super::clip::Clip;
use super::peer::Peer;
use super::vmaf::Recording;
use crate::media::Source;
use crate::media::ffmpeg::{PacketDecoder, PacketEncoder};
use crate::progress::Progress;
use crate::quality::{Mean, Quality};

/// What one encoding of a clip gave.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The quality asked for.
    pub crf: f64,
    /// The whole file of Girih, the sum of the packets of others.
    pub bytes: u64,
    /// PSNR of Y, U and V in dB over the mean error of all frames.
    pub psnr: [Option<f64>; 3],
    /// PSNR of the errors weighted 6:1:1.
    pub psnr_yuv: f64,
    pub ssim: f64,
    pub ssim_db: f64,
    /// Where it is measured.
    pub vmaf: Option<f64>,
    /// Frames per second inside the codec.
    pub encode_fps: f64,
    pub decode_fps: f64,
    /// Bytes and PSNR-Y of each frame in display order.
    pub frames: Vec<(u64, f64)>,
    /// The decoded picture in the middle of the clip.
    pub still: Option<Picture>,
}

/// Adds the time that `f` takes.
fn timed<T>(total: &mut Duration, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = f();
    *total += start.elapsed();
    result
}

/// Encodes with Girih, decodes and measures.
pub fn girih(clip: &Clip, config: Config, progress: &Progress) -> Result<Point> {
    let (crf, threads) = (f64::from(config.crf), config.threads);
    let codebook = config.codebook.clone();
    let mut decoding = Duration::ZERO;
    let mut encoder = Encoder::new(config)?;
    let header = Header { sequence: encoder.header(), time_base: clip.description.time_base };
    let mut writer = Writer::new(BufWriter::new(tempfile::tempfile()?), &header)?;
    let mut sizes = Vec::new();
    let mut source = clip.pictures()?;
    // Reading counts: meanwhile the encoder works.
    let started = Instant::now();
    while let Some(picture) = source.next_picture()? {
        encoder.push(picture)?;
        while let Some(packet) = encoder.next_packet() {
            sizes.push((packet.pts, packet.data.len() as u64));
            writer.write(&packet)?;
        }
        progress.frame();
    }
    encoder.finish()?;
    while let Some(packet) = encoder.next_packet() {
        sizes.push((packet.pts, packet.data.len() as u64));
        writer.write(&packet)?;
    }
    let encoding = started.elapsed();
    let (mut reader, bytes) = reread(writer)?;

    let mut decoder = Decoder::with_codebook(&reader.header().sequence, Limits::default(), codebook)?;
    decoder.set_threads(threads);
    let mut judge = Judge::new(clip)?;
    loop {
        let packet = reader.next_packet()?;
        timed(&mut decoding, || match &packet {
            Some(p) => decoder.push(&p.data, p.pts),
            None => {
                decoder.finish();
                Ok(())
            }
        })?;
        while let Some(picture) = timed(&mut decoding, || decoder.next_as_decoded()) {
            judge.add(&picture.into_words())?;
        }
        if packet.is_none() {
            break;
        }
    }
    judge.point(crf, (bytes, sizes), encoding, decoding)
}

/// Encodes with another codec, decodes and measures.
pub fn peer(clip: &Clip, peer: &Peer, quality: u32, progress: &Progress) -> Result<Point> {
    let d = &clip.description;
    let (mut encoding, mut decoding) = (Duration::ZERO, Duration::ZERO);
    let mut encoder = PacketEncoder::open(&peer.settings(quality, clip.threads())?, d)?;
    let parameters = encoder.parameters();
    // Our container holds the packets meanwhile; its bytes do not count.
    let header = Header { sequence: Vec::new(), time_base: d.time_base };
    let mut writer = Writer::new(BufWriter::new(tempfile::tempfile()?), &header)?;
    let (mut bytes, mut sizes) = (0, Vec::new());
    let mut source = clip.pictures()?;
    loop {
        let picture = source.next_picture()?;
        timed(&mut encoding, || match &picture {
            Some(p) => encoder.push(p),
            None => encoder.finish(),
        })?;
        while let Some(packet) = timed(&mut encoding, || encoder.next_packet())? {
            bytes += peer.stored(&packet.data);
            sizes.push((packet.pts, peer.stored(&packet.data)));
            writer.write(&packet)?;
        }
        if picture.is_none() {
            break;
        }
        progress.frame();
    }
    drop(encoder);
    let (mut reader, _) = reread(writer)?;

    let mut decoder = PacketDecoder::open(parameters, d.format, clip.threads())?;
    let mut judge = Judge::new(clip)?;
    loop {
        let packet = reader.next_packet()?;
        timed(&mut decoding, || match &packet {
            Some(p) => decoder.push(p),
            None => decoder.finish(),
        })?;
        while let Some(picture) = timed(&mut decoding, || decoder.next_picture())? {
            judge.add(&picture)?;
        }
        if packet.is_none() {
            break;
        }
    }
    judge.point(quality.into(), (bytes, sizes), encoding, decoding)
}

/// Completes a scratch file and opens it for reading; gives its size too.
fn reread(writer: Writer<BufWriter<File>>) -> Result<(Reader<BufReader<File>>, u64)> {
    let mut file = writer.finish()?.into_inner().map_err(|e| e.into_error())?;
    file.flush()?;
    let bytes = file.stream_position()?;
    file.seek(SeekFrom::Start(0))?;
    Ok((Reader::new(BufReader::new(file), Limits::default())?, bytes))
}

/// Compares decoded pictures with the source, which it reads along.
struct Judge {
    source: Box<dyn Source>,
    expected: u64,
    mean: Mean,
    frames: Vec<f64>,
    still: Option<Picture>,
    vmaf: Option<Recording>,
}

impl Judge {
    fn new(clip: &Clip) -> Result<Self> {
        let vmaf = clip.vmaf.as_ref().map(|v| v.record(&clip.description, clip.threads()));
        Ok(Judge {
            source: clip.pictures()?,
            expected: clip.frames,
            mean: Mean::default(),
            frames: Vec::new(),
            still: None,
            vmaf: vmaf.transpose()?,
        })
    }

    fn add(&mut self, decoded: &Picture) -> Result<()> {
        let Some(original) = self.source.next_picture()? else { bail!("more pictures decoded than encoded") };
        let quality = Quality::of(&original, decoded)?;
        if self.mean.frames == self.expected / 2 {
            self.still = Some(decoded.clone());
        }
        if let Some(v) = &mut self.vmaf {
            v.add(&original, decoded)?;
        }
        self.frames.push(quality.psnr(0).unwrap_or_default());
        self.mean.add(quality);
        Ok(())
    }

    fn point(
        self,
        crf: f64,
        (bytes, mut sizes): (u64, Vec<(i64, u64)>),
        encoding: Duration,
        decoding: Duration,
    ) -> Result<Point> {
        sizes.sort_unstable();
        let q = self.mean.get().context("nothing decoded")?;
        let frames = self.mean.frames;
        if frames != self.expected {
            bail!("{frames} of {} pictures decoded", self.expected);
        }
        let fps = |d: Duration| frames as f64 / d.as_secs_f64().max(1e-9);
        Ok(Point {
            crf,
            bytes,
            psnr: [0, 1, 2].map(|p| q.psnr(p)),
            psnr_yuv: q.psnr_yuv(),
            ssim: q.ssim,
            ssim_db: q.ssim_db(),
            vmaf: self.vmaf.map(Recording::score).transpose()?,
            encode_fps: fps(encoding),
            decode_fps: fps(decoding),
            frames: sizes.iter().map(|s| s.1).zip(self.frames).collect(),
            still: self.still,
        })
    }
}
