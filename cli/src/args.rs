//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use girih::{ChromaFormat, MAX_THREADS, Preset, Rational, Tune};

use crate::compare::Peer;
use crate::media::VideoCodec;

/// Girih, a video and image codec built on trained vector quantisation.
#[derive(Debug, Parser)]
#[command(name = "girih", version, max_term_width = 100, args_override_self = true)]
pub struct Cli {
    /// Defaults for options; girih.toml in the folder for configurations if not given
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Encode a video or an image
    Encode(Encode),
    /// Decode to y4m, an image, or any video format FFmpeg writes
    Decode(Decode),
    /// Play a file
    Play(Play),
    /// Encode with Girih and with other codecs, and compare quality against size
    Compare(Compare),
    /// Train a codebook on videos and images
    Train(Train),
    /// Show what is in a file
    Info(Info),
    /// Measure the quality of a video or image against its original
    Metrics(Metrics),
    /// Print a script that completes the command line in a shell
    #[command(hide = true)]
    Completions {
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print a manual page: of the program, or of a command
    #[command(hide = true)]
    Man {
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Encode {
    /// Any file FFmpeg reads, an image, .y4m, .girih, or - for y4m on standard input
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// The file to write: .girih, or .mkv with sound, subtitles and chapters of IN
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Copy the Girih in IN into OUT instead of encoding it anew
    #[arg(long, conflicts_with_all = ["crf", "bitrate", "size", "target_psnr", "target_ssim", "start", "frames", "keyint"])]
    pub copy: bool,
    /// Constant quality, 0 (best) to 63
    #[arg(long, value_name = "N", default_value_t = 30.0, value_parser = crf)]
    pub crf: f32,
    #[command(flatten)]
    pub goal: Goal,
    #[command(flatten)]
    pub tools: Tools,
    #[command(flatten)]
    pub own: OwnCodebook,
    /// Most frames from one key frame to the next
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..))]
    pub keyint: u32,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub range: Range,
    /// Frames per second of numbered images (frame%04d.png), such as 24 or 30000/1001
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub fps: Option<Rational>,
    /// Chroma of colour images: 420, or 444 for all of it; videos keep theirs [default: 420]
    #[arg(long, value_name = "CHROMA", value_parser = chroma)]
    pub chroma: Option<ChromaFormat>,
    /// Of a damaged input, encode the frames before the damage instead of nothing
    #[arg(long)]
    pub partial: bool,
    /// Replace OUT if it exists
    #[arg(long)]
    pub overwrite: bool,
    /// Go on from the last complete group of pictures that an interrupted run with the same settings has left
    #[arg(long, conflicts_with_all = ["bitrate", "size", "maxrate"])]
    pub resume: bool,
    /// Print progress and a summary as JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// What to aim at instead of a constant quality.
#[derive(Clone, Debug, Args)]
pub struct Goal {
    /// Aim at a bit rate of the video, such as 800k, in bits per second
    #[arg(long, value_name = "RATE", value_parser = quantity, conflicts_with_all = ["crf", "size"])]
    pub bitrate: Option<u64>,
    /// Aim at a file size, such as 10M, in bytes
    #[arg(long, value_name = "SIZE", value_parser = quantity, conflicts_with = "crf")]
    pub size: Option<u64>,
    /// Passes over the film for --bitrate; 2 keep the quality evener
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub passes: u8,
    /// Aim at a PSNR of luma in dB, found by trials on samples
    #[arg(long, value_name = "DB", value_parser = decibels,
          conflicts_with_all = ["crf", "bitrate", "size", "target_ssim"])]
    pub target_psnr: Option<f64>,
    /// Aim at an SSIM, such as 0.97, found by trials on samples
    #[arg(long, value_name = "SSIM", value_parser = ssim, conflicts_with_all = ["crf", "bitrate", "size"])]
    pub target_ssim: Option<f64>,
    /// Never more bits per second than this over the time that they take to fill the buffer
    #[arg(long, value_name = "RATE", value_parser = quantity)]
    pub maxrate: Option<u64>,
    /// Buffer for --maxrate, in bits; as much as comes in a second if not given
    #[arg(long, value_name = "BITS", value_parser = quantity, requires = "maxrate")]
    pub bufsize: Option<u64>,
}

/// Settings of the encoder that encode and compare share.
#[derive(Clone, Debug, Args)]
pub struct Tools {
    /// ultrafast, fast, medium, slow or veryslow
    #[arg(long, value_name = "PRESET", default_value = "medium")]
    pub preset: Preset,
    /// What to optimise for: psnr or ssim [default: the eye, close to psnr]
    #[arg(long, value_name = "TUNE", value_parser = tune)]
    pub tune: Option<Tune>,
    /// How the codebook adapts to the film
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Adapt::Online)]
    pub adapt: Adapt,
    /// Development: switch coding tools off
    #[arg(long, value_name = "TOOL", value_delimiter = ',', hide = true)]
    pub without: Vec<String>,
}

/// How the codebook adapts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Adapt {
    /// Every frame starts from the codebook's own probabilities
    Off,
    /// Frames start from the probabilities that those before have left
    Online,
}

#[derive(Clone, Copy, Debug, Args)]
pub struct Threads {
    /// Worker threads, up to 256; 0 is one per core
    #[arg(long = "threads", value_name = "N", default_value_t = 0, value_parser = threads)]
    pub count: usize,
}

/// A codebook other than the built-in one.
#[derive(Clone, Debug, Args)]
pub struct OwnCodebook {
    /// Use this codebook, and put it into the stream
    #[arg(long, value_name = "F.gcb")]
    pub codebook: Option<PathBuf>,
    /// Only refer to the codebook: whoever decodes must have it
    #[arg(long, requires = "codebook")]
    pub codebook_external: bool,
}

/// What streams that do not carry their codebook need.
#[derive(Clone, Debug, Args)]
pub struct Given {
    /// The codebook of a stream that only refers to it
    #[arg(long, value_name = "F.gcb")]
    pub codebook: Option<PathBuf>,
}

/// Which frames of the source to take.
#[derive(Clone, Copy, Debug, Args)]
pub struct Range {
    /// Skip this many frames of the source
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub start: u64,
    /// Take at most this many frames
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub frames: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Decode {
    /// A .girih file, or anything encode takes
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// .y4m, an image, any video format FFmpeg writes, or - for y4m on standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub given: Given,
    /// Compare frames that carry a hash with it: key frames and, counted from these, every 32nd
    #[arg(long)]
    pub verify: bool,
    /// Of a damaged file, write the frames before the damage instead of nothing
    #[arg(long)]
    pub partial: bool,
    /// Codec in containers: h264, ffv1 (lossless) or vp9; the usual one of the container by default
    #[arg(long, value_name = "CODEC", value_parser = video_codec)]
    pub codec: Option<VideoCodec>,
    /// Replace OUT if it exists
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Play {
    /// A .girih file, Matroska, an image, or anything else that encode takes
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    #[command(flatten)]
    pub given: Given,
    /// Tests: write what the window shows at a frame into an image, and end
    #[arg(long, value_name = "PNG", hide = true)]
    pub screenshot: Option<PathBuf>,
    /// Tests: begin with this frame, counted from 0
    #[arg(long, value_name = "FRAME", default_value_t = 0, hide = true)]
    pub at: u64,
    /// Tests: press these keys before the screenshot
    #[arg(long, value_name = "KEY", value_delimiter = ',', requires = "screenshot", hide = true)]
    pub press: Vec<String>,
    /// Tests: end with the film, and print how many frames were shown and dropped
    #[arg(long, hide = true)]
    pub once: bool,
}

#[derive(Debug, Args)]
pub struct Compare {
    #[arg(value_name = "IN", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Codecs to compare with: h264[:PRESET], h265[:PRESET], av1[:PRESET]
    #[arg(long, value_name = "CODEC", value_delimiter = ',', default_value = "h264:slow")]
    pub against: Vec<Peer>,
    /// Girih's qualities
    #[arg(long, value_name = "CRF", value_delimiter = ',', default_value = "20,26,32,38", value_parser = crf)]
    pub crfs: Vec<f32>,
    #[command(flatten)]
    pub tools: Tools,
    #[command(flatten)]
    pub own: OwnCodebook,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub range: Range,
    /// Write a page with plots, tables and pictures into this folder
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Replace the report if it exists
    #[arg(long, requires = "report")]
    pub overwrite: bool,
    /// Print the numbers as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Train {
    #[arg(value_name = "IN", required = true)]
    pub inputs: Vec<PathBuf>,
    /// The codebook file to write
    #[arg(short, long, value_name = "F.gcb")]
    pub output: PathBuf,
    /// Keep one clip or image of N to measure the result with; 0: none
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub held_out: usize,
    /// Keep what each round leads to in F.gcb.round until the end, and go on from there if it exists
    #[arg(long)]
    pub resume: bool,
    /// Log as JSON, an object to a line
    #[arg(long)]
    pub json: bool,
    /// Development: train the scalar control
    #[arg(long, hide = true)]
    pub scalar: bool,
    /// Development: take nothing from the built-in set, where it is itself to be made
    #[arg(long, hide = true)]
    pub from_scratch: bool,
    #[command(flatten)]
    pub threads: Threads,
    /// Replace the output if it exists
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Info {
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    #[command(flatten)]
    pub given: Given,
    /// List the frames of a Girih stream
    #[arg(long)]
    pub frames: bool,
    /// Write a picture of a codebook: each codeword as the pattern it adds
    #[arg(long, value_name = "OUT.png")]
    pub mosaic: Option<PathBuf>,
    /// Replace OUT.png if it exists
    #[arg(long)]
    pub overwrite: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Metrics {
    /// The original
    #[arg(value_name = "REF")]
    pub reference: PathBuf,
    /// What was made of it
    #[arg(value_name = "DIST")]
    pub distorted: PathBuf,
    #[command(flatten)]
    pub given: Given,
    #[command(flatten)]
    pub threads: Threads,
    /// Print a line for each frame, too (JSON always has them)
    #[arg(long)]
    pub per_frame: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn crf(s: &str) -> Result<f32, String> {
    match s.parse() {
        Ok(v) if (0.0..=63.0).contains(&v) => Ok(v),
        _ => Err("expected a number from 0 to 63".into()),
    }
}

fn chroma(s: &str) -> Result<ChromaFormat, String> {
    match s {
        "420" => Ok(ChromaFormat::Yuv420),
        "444" => Ok(ChromaFormat::Yuv444),
        _ => Err("expected 420 or 444".into()),
    }
}

fn threads(s: &str) -> Result<usize, String> {
    s.parse().ok().filter(|&n| n <= MAX_THREADS).ok_or(format!("expected a number from 0 to {MAX_THREADS}"))
}

fn decibels(s: &str) -> Result<f64, String> {
    s.parse().ok().filter(|v| (10.0..=80.0).contains(v)).ok_or("expected a number from 10 to 80".into())
}

fn ssim(s: &str) -> Result<f64, String> {
    s.parse().ok().filter(|v| (0.1..=0.9999).contains(v)).ok_or("expected a number from 0.1 to 0.9999".into())
}

fn video_codec(s: &str) -> Result<VideoCodec, String> {
    match s {
        "h264" => Ok(VideoCodec::H264),
        "ffv1" => Ok(VideoCodec::Ffv1),
        "vp9" => Ok(VideoCodec::Vp9),
        _ => Err("expected h264, ffv1 or vp9".into()),
    }
}

/// Frames per second: 25, 23.976 or 30000/1001.
fn rate(s: &str) -> Result<Rational, String> {
    let (num, den) = match s.split_once('/') {
        Some((num, den)) => (num.parse().ok(), den.parse().ok()),
        None => (s.parse::<f64>().ok().map(|v| (v * 1000.0).round() as u32), Some(1000)),
    };
    match (num, den) {
        (Some(num), Some(den)) if num > 0 && den > 0 && num / den <= 1000 => {
            let shared = (1..=den).rev().find(|d| num % d == 0 && den % d == 0).unwrap_or(1);
            Ok(Rational { num: num / shared, den: den / shared })
        }
        _ => Err("expected frames per second, such as 24 or 30000/1001".into()),
    }
}

fn tune(s: &str) -> Result<Tune, String> {
    match s {
        "psnr" => Ok(Tune::Psnr),
        "ssim" => Ok(Tune::Ssim),
        _ => Err("expected psnr or ssim".into()),
    }
}

/// A number with an optional decimal suffix: 800k, 1.5M, 2G.
fn quantity(s: &str) -> Result<u64, String> {
    let (digits, unit) = match s.char_indices().last() {
        Some((i, 'k' | 'K')) => (&s[..i], 1e3),
        Some((i, 'm' | 'M')) => (&s[..i], 1e6),
        Some((i, 'g' | 'G')) => (&s[..i], 1e9),
        _ => (s, 1.0),
    };
    match digits.parse::<f64>() {
        Ok(v) if v > 0.0 && v * unit >= 1.0 && v * unit <= 1e15 => Ok((v * unit) as u64),
        _ => Err("expected a positive number such as 800k or 10M".into()),
    }
}

#[cfg(test)]
mod tests;
