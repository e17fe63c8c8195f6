//! Pictures from files and into files.

pub mod ffmpeg;
mod native;
pub mod pending;
mod select;
mod sequence;
mod still;
mod y4m;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use girih::stream::container;
use girih::{AnyPicture, ChromaFormat, CodebookSet, Color, Format, Packet, Picture, Rational, SequenceInfo};

use crate::error::InFile;
use pending::Pending;
pub use select::select;
pub use still::{is_image, png};
pub use y4m::Writer as Y4mWriter;

/// What is known of a video before its first picture.
#[derive(Clone, Debug)]
pub struct Description {
    pub format: Format,
    pub color: Color,
    pub frame_rate: Rational,
    pub sample_aspect: Rational,
    /// Seconds per unit of a picture's `pts`.
    pub time_base: Rational,
    /// Number of pictures, where the file tells.
    pub frames: Option<u64>,
}

impl Description {
    /// Of a stream of Girih.
    pub fn of(info: &SequenceInfo, time_base: Rational, frames: Option<u64>) -> Self {
        let &SequenceInfo { format, color, frame_rate, sample_aspect, .. } = info;
        Description { format, color, frame_rate, sample_aspect, time_base, frames }
    }

    /// The layout in words, such as `640x360 4:2:0 8-bit`.
    pub fn layout(&self) -> String {
        let Format { width, height, bit_depth, .. } = self.format;
        format!("{width}x{height} {} {bit_depth}-bit", chroma_name(self.format.chroma))
    }

    /// Frames per second as a number.
    pub fn fps(&self) -> f64 {
        f64::from(self.frame_rate.num) / f64::from(self.frame_rate.den.max(1))
    }

    /// Seconds from the start of a picture to the end of another, given their `pts`.
    pub fn seconds(&self, first: i64, last: i64) -> f64 {
        let tick = f64::from(self.time_base.num) / f64::from(self.time_base.den.max(1));
        last.saturating_sub(first) as f64 * tick + 1.0 / self.fps().max(1e-3)
    }
}

/// The usual name of a chroma format.
pub fn chroma_name(chroma: ChromaFormat) -> &'static str {
    match chroma {
        ChromaFormat::Mono => "4:0:0",
        ChromaFormat::Yuv420 => "4:2:0",
        ChromaFormat::Yuv444 => "4:4:4",
    }
}

/// What belongs to a film's pictures and is carried from container to container.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Mastering display and light levels.
    pub side_data: Vec<ffmpeg::SideData>,
    /// FFmpeg's number for where chroma samples lie.
    pub chroma_location: i32,
    /// Time in the source that became zero, once the first picture has been read.
    pub origin: i64,
    /// Microseconds by which the source's time is ahead of the pictures', once the first has been read.
    pub shift: i64,
    /// Length of the whole film, where the container tells.
    pub seconds: Option<f64>,
    /// What the pictures lack of the source's.
    pub notes: Vec<String>,
}

impl Extras {
    /// What is to be said of a film whose pictures last so many seconds, if that is clearly less than its file tells.
    pub fn ends_early(&self, there: f64) -> Option<String> {
        let all = self.seconds.filter(|all| there < all - f64::max(0.5, all / 50.0))?;
        Some(format!("is cut off: {there:.2} of {all:.2} seconds are there"))
    }
}

/// Pictures one after the other, in display order.
pub trait Source {
    fn description(&self) -> &Description;

    fn extras(&self) -> Extras {
        Extras::default()
    }

    /// The next picture, `None` after the last.
    fn next_picture(&mut self) -> Result<Option<Picture>>;

    /// The same in the samples that it was decoded with.
    fn next_as_decoded(&mut self) -> Result<Option<AnyPicture>> {
        Ok(self.next_picture()?.map(AnyPicture::Words))
    }

    /// Passes over so many pictures; gives how many there were.
    fn skip(&mut self, n: u64) -> Result<u64> {
        pass(self, n)
    }
}

/// Decodes pictures and drops them; gives how many there were.
fn pass(source: &mut (impl Source + ?Sized), n: u64) -> Result<u64> {
    for i in 0..n {
        if source.next_as_decoded()?.is_none() {
            return Ok(i);
        }
    }
    Ok(n)
}

/// Reads packets or units of Girih, up to the one that picture `n` comes with, into `read`, but forgets those before the
/// last key frame; gives how many it forgot. Each is a picture, and none behind a key frame is shown before it.
fn to_last_key(
    read: &mut VecDeque<Packet>,
    n: u64,
    mut next: impl FnMut() -> Result<Option<Packet>>,
) -> Result<u64> {
    let mut count = 0;
    while count <= n {
        let Some(packet) = next()? else { break };
        if packet.key {
            read.clear();
        }
        read.push_back(packet);
        count += 1;
    }
    Ok(count - read.len() as u64)
}

/// Takes pictures in display order and makes a file of them.
pub trait Sink {
    fn write(&mut self, picture: &Picture) -> Result<()>;

    /// The same of a picture that [`Source::next_as_decoded`] gave.
    fn write_as_decoded(&mut self, picture: AnyPicture) -> Result<()> {
        self.write(&picture.into_words())
    }

    /// What could not be carried over from the input.
    fn notes(&self) -> &[String] {
        &[]
    }

    /// True when no further picture would be used.
    fn full(&self) -> bool {
        false
    }

    /// Completes the file; without it nothing is left of it.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// How to read an input.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Decoder threads; 0 = one per core.
    pub threads: usize,
    /// Check the frame hashes of a Girih stream.
    pub verify: bool,
    /// For Girih streams that name a codebook without carrying it.
    pub codebook: Option<Arc<CodebookSet>>,
    /// Keep the time stamps of the container, instead of counting frames where their rate is constant.
    pub exact: bool,
    /// Frames per second of numbered images.
    pub rate: Option<Rational>,
    /// Chroma of colour images, 4:2:0 if not given.
    pub chroma: Option<ChromaFormat>,
}

/// Opens any input; `-` is standard input.
///
/// # Errors
/// An unreadable or unknown file. The message does not name it.
pub fn open(path: &Path, reading: Reading) -> Result<Box<dyn Source>> {
    if path == Path::new("-") {
        return open_stream(std::io::stdin(), reading);
    }
    if let Some(pattern) = sequence::Pattern::of(path).filter(|_| !path.exists()) {
        return Ok(Box::new(sequence::Sequence::open(pattern, reading.rate, reading.chroma)?));
    }
    let meta = fs::metadata(path)?;
    if meta.is_dir() {
        bail!("is a directory");
    }
    let file = File::open(path)?;
    if !meta.is_file() {
        return open_stream(file, reading);
    }
    let mut file = BufReader::with_capacity(1 << 18, file);
    let start = file.fill_buf()?;
    if start.is_empty() {
        bail!("is empty");
    }
    if start.starts_with(&container::MAGIC) {
        return Ok(Box::new(native::Native::open_file(file, reading)?));
    }
    if start.starts_with(y4m::MAGIC) {
        return match y4m::Reader::new(file) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(e) if e.is::<y4m::OtherLayout>() => {
                Ok(Box::new(ffmpeg::FfmpegSource::open(path, ffmpeg::open_file(path)?, reading)?))
            }
            Err(e) => Err(e),
        };
    }
    if still::is_image(path) {
        return Ok(Box::new(still::Still::open(path, reading.chroma)?));
    }
    let input = ffmpeg::open_file(path)?;
    if ffmpeg::find_girih(&input).is_some() {
        return Ok(Box::new(ffmpeg::GirihSource::open(input, reading)?));
    }
    Ok(Box::new(ffmpeg::FfmpegSource::open(path, input, reading)?))
}

/// Opens what comes through a pipe: y4m or Girih.
fn open_stream(stream: impl Read + 'static, reading: Reading) -> Result<Box<dyn Source>> {
    let mut stream = BufReader::with_capacity(1 << 18, stream);
    let start = stream.fill_buf()?;
    if start.starts_with(&container::MAGIC) {
        Ok(Box::new(native::Native::new(stream, reading)?))
    } else if start.starts_with(y4m::MAGIC) {
        Ok(Box::new(y4m::Reader::new(stream)?))
    } else {
        bail!("neither y4m nor girih")
    }
}

/// A codec for FFmpeg's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoCodec {
    H264,
    Ffv1,
    Vp9,
}

/// How pictures get into FFmpeg's containers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transcoding {
    /// 0 = one per core.
    pub threads: usize,
    /// What is usual in the container, if `None`.
    pub codec: Option<VideoCodec>,
}

/// Is this the name of a file in Matroska?
pub fn is_matroska(path: &Path) -> bool {
    extension(path) == "mkv"
}

/// Is this y4m, in a file or on standard output?
pub fn is_y4m(path: &Path) -> bool {
    path == Path::new("-") || extension(path) == "y4m"
}

/// Is this a file that FFmpeg's muxers write, to which other streams can be copied?
pub fn is_container(path: &Path) -> bool {
    path != Path::new("-") && !matches!(&*extension(path), "" | "girih" | "y4m") && !still::is_image(path)
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase()
}

/// The streams beside the video of a film, to be copied into a container.
pub fn companions(input: &Path) -> Option<ffmpeg::Copier> {
    if has_companions(input) { ffmpeg::Copier::open(input) } else { None }
}

/// Can this file hold more than pictures?
pub fn has_companions(input: &Path) -> bool {
    if !input.is_file() || still::is_image(input) {
        return false;
    }
    let mut start = [0; 9];
    let Ok(read) = File::open(input).and_then(|f| f.take(9).read(&mut start)) else { return false };
    !start.starts_with(y4m::MAGIC) && !start[..read].starts_with(&container::MAGIC)
}

/// Standard output as a file: the library's own looks for line ends in all that is written.
#[cfg(unix)]
fn standard_output() -> Result<File> {
    use std::os::fd::AsFd;
    Ok(std::io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
fn standard_output() -> Result<std::io::Stdout> {
    Ok(std::io::stdout())
}

/// Makes the writer for an output; `-` is y4m on standard output.
///
/// # Errors
/// An output that exists (without `overwrite`) or cannot be written.
pub fn create(
    (input, path): (&Path, &Path),
    source: &dyn Source,
    how: Transcoding,
    copier: Option<ffmpeg::Copier>,
    overwrite: bool,
) -> Result<Box<dyn Sink>> {
    let d = source.description();
    if path == Path::new("-") {
        return Ok(Box::new(standard_output().and_then(|out| y4m::Writer::new(out, None, d)).in_file(path)?));
    }
    let make = || -> Result<Box<dyn Sink>> {
        let extension = extension(path);
        match extension.as_str() {
            "" => bail!("no file type: end the name in .y4m, .png, .mp4, .mkv, ..."),
            "girih" => bail!("decode writes .y4m, images or FFmpeg's formats; use encode for .girih"),
            _ => {}
        }
        if let Some(pattern) = sequence::Pattern::of(path) {
            return Ok(Box::new(sequence::SequenceSink::new(pattern, d.color, overwrite)));
        }
        let pending = Pending::create_from(input, path, overwrite)?;
        Ok(if extension == "y4m" {
            let file = pending.open()?;
            Box::new(y4m::Writer::new(file, Some(pending), d)?)
        } else if still::is_image(path) {
            Box::new(still::StillSink::new(pending, d.color)?)
        } else {
            Box::new(ffmpeg::FfmpegSink::create(pending, d, &source.extras(), how, copier)?)
        })
    };
    make().in_file(path)
}

/// A picture full of different samples, for tests.
#[cfg(test)]
fn pattern(format: Format, seed: usize) -> Picture {
    let mut p = Picture::new(format);
    let values = usize::from(format.max_value()) + 1;
    for (i, plane) in p.planes.iter_mut().enumerate() {
        for y in 0..plane.height() {
            let value = |x: usize| ((x * 37 + y * 11 + i + seed) % values) as u16;
            plane.row_mut(y).iter_mut().enumerate().for_each(|(x, v)| *v = value(x));
        }
    }
    p
}
