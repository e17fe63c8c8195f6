//! Pictures from files and into files.

pub mod ffmpeg;
mod native;
pub mod pending;
mod rgb;
mod select;
mod still;
mod y4m;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use girih::stream::container;
use girih::{ChromaFormat, CodebookSet, Color, Format, Picture, Rational};

use crate::error::InFile;
use pending::Pending;
pub use select::select;

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
    /// The layout in words, such as `640x360 4:2:0 8-bit`.
    pub fn layout(&self) -> String {
        let Format { width, height, bit_depth, .. } = self.format;
        format!("{width}x{height} {} {bit_depth}-bit", chroma_name(self.format.chroma))
    }

    /// Frames per second as a number.
    pub fn fps(&self) -> f64 {
        f64::from(self.frame_rate.num) / f64::from(self.frame_rate.den.max(1))
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

/// Pictures one after the other, in display order.
pub trait Source {
    fn description(&self) -> &Description;

    /// The next picture, `None` after the last.
    fn next_picture(&mut self) -> Result<Option<Picture>>;
}

/// Takes pictures in display order and makes a file of them.
pub trait Sink {
    fn write(&mut self, picture: &Picture) -> Result<()>;

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
}

/// Opens any input; `-` is standard input.
///
/// # Errors
/// An unreadable or unknown file. The message does not name it.
pub fn open(path: &Path, reading: Reading) -> Result<Box<dyn Source>> {
    if path == Path::new("-") {
        return open_stream(std::io::stdin(), reading);
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
                Ok(Box::new(ffmpeg::FfmpegSource::open(path, reading.threads)?))
            }
            Err(e) => Err(e),
        };
    }
    if still::is_image(path) {
        return Ok(Box::new(still::Still::open(path)?));
    }
    Ok(Box::new(ffmpeg::FfmpegSource::open(path, reading.threads)?))
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

/// Makes the writer for an output; `-` is y4m on standard output.
///
/// # Errors
/// An output that exists (without `overwrite`) or cannot be written.
pub fn create(path: &Path, d: &Description, threads: usize, overwrite: bool) -> Result<Box<dyn Sink>> {
    if path == Path::new("-") {
        return Ok(Box::new(y4m::Writer::new(std::io::stdout(), None, d).in_file(path)?));
    }
    let make = || -> Result<Box<dyn Sink>> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "" => bail!("no file type: end the name in .y4m, .png, .mp4, .mkv, ..."),
            "girih" => bail!("decode writes .y4m, images or FFmpeg's formats; use encode for .girih"),
            _ => {}
        }
        let pending = Pending::create(path, overwrite)?;
        Ok(if extension == "y4m" {
            let file = pending.open()?;
            Box::new(y4m::Writer::new(file, Some(pending), d)?)
        } else if still::is_image(path) {
            Box::new(still::StillSink::new(pending, d.color)?)
        } else {
            Box::new(ffmpeg::FfmpegSink::create(pending, d, threads)?)
        })
    };
    make().in_file(path)
}
