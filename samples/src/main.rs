//! `girih-samples SCENE WIDTHxHEIGHT FRAMES OUT.y4m [--format 420|444|400] [--bits 8|10]`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use girih::{ChromaFormat, Format, Limits};
use girih_samples::{Clip, Scene, y4m};

const USAGE: &str =
    "usage: girih-samples SCENE WIDTHxHEIGHT FRAMES OUT.y4m [--format 420|444|400] [--bits 8|10]
Writes a generated clip; OUT - is standard output. Scenes:";

struct Args {
    scene: Scene,
    format: Format,
    frames: usize,
    out: String,
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut format = Format { width: 0, height: 0, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    let mut words = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--format" => {
                format.chroma = match args.next().as_deref() {
                    Some("400") => ChromaFormat::Mono,
                    Some("420") => ChromaFormat::Yuv420,
                    Some("444") => ChromaFormat::Yuv444,
                    _ => return Err("--format is 400, 420 or 444".into()),
                }
            }
            "--bits" => {
                let bits = args.next().and_then(|b| b.parse().ok());
                format.bit_depth = bits.ok_or("--bits is 8 or 10")?;
            }
            _ if arg.starts_with("--") => return Err(format!("no option {arg}")),
            _ => words.push(arg),
        }
    }
    let [scene, size, frames, out] = <[String; 4]>::try_from(words).map_err(|_| "four words, please")?;
    let (w, h) = size.split_once('x').ok_or("the size is WIDTHxHEIGHT")?;
    format.width = w.parse().map_err(|_| "the width is no number")?;
    format.height = h.parse().map_err(|_| "the height is no number")?;
    format.check(&Limits::default()).map_err(|e| e.to_string())?;
    let frames = frames.parse().map_err(|_| "the number of frames is no number")?;
    Ok(Args { scene: scene.parse()?, format, frames, out })
}

fn write(args: &Args) -> io::Result<()> {
    let clip = Clip::new(args.scene, args.format, args.frames);
    let mut out: Box<dyn Write> =
        if args.out == "-" { Box::new(io::stdout().lock()) } else { Box::new(File::create(&args.out)?) };
    y4m::write(&mut BufWriter::new(&mut out), args.format, clip)
}

fn main() -> ExitCode {
    let args = match parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(e) => {
            eprintln!("girih-samples: {e}\n{USAGE} {}", Scene::ALL.map(|s| s.0).join(", "));
            return ExitCode::from(2);
        }
    };
    if let Err(e) = write(&args) {
        eprintln!("girih-samples: {}: {e}", args.out);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
