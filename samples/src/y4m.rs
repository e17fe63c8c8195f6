//! YUV4MPEG2, the plainest video file: a line of text, then raw frames.

use std::io::{self, BufRead, Read, Write};

use girih::{ChromaFormat, Format, Picture};

/// The name of a sample layout in a y4m header.
fn tag(format: Format) -> &'static str {
    match (format.chroma, format.bit_depth) {
        (ChromaFormat::Mono, 8) => "mono",
        (ChromaFormat::Mono, _) => "mono10",
        (ChromaFormat::Yuv420, 8) => "420jpeg",
        (ChromaFormat::Yuv420, _) => "420p10",
        (ChromaFormat::Yuv444, 8) => "444",
        (ChromaFormat::Yuv444, _) => "444p10",
    }
}

/// Writes the stream header, at 25 frames per second.
pub fn write_header(out: &mut impl Write, format: Format) -> io::Result<()> {
    writeln!(out, "YUV4MPEG2 W{} H{} F25:1 Ip A1:1 C{}", format.width, format.height, tag(format))
}

/// Writes one frame.
pub fn write_picture(out: &mut impl Write, picture: &Picture) -> io::Result<()> {
    out.write_all(b"FRAME\n")?;
    let mut bytes = Vec::new();
    for plane in &picture.planes {
        for y in 0..plane.height() {
            if picture.format.bit_depth == 8 {
                bytes.extend(plane.row(y).iter().map(|&v| v as u8));
            } else {
                bytes.extend(plane.row(y).iter().flat_map(|v| v.to_le_bytes()));
            }
        }
    }
    out.write_all(&bytes)
}

/// Writes a whole clip.
pub fn write(
    out: &mut impl Write,
    format: Format,
    clip: impl IntoIterator<Item = Picture>,
) -> io::Result<()> {
    write_header(out, format)?;
    for picture in clip {
        write_picture(out, &picture)?;
    }
    out.flush()
}

/// Reads a whole clip; `pts` counts the frames.
pub fn read(input: &mut impl BufRead) -> io::Result<(Format, Vec<Picture>)> {
    let format = read_header(input)?;
    let mut pictures: Vec<Picture> = Vec::new();
    let (mut line, mut bytes) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if input.by_ref().take(256).read_until(b'\n', &mut line)? == 0 {
            return Ok((format, pictures));
        }
        if !line.starts_with(b"FRAME") {
            return Err(invalid("no FRAME where one should begin"));
        }
        let mut picture = Picture::new(format);
        picture.pts = pictures.len() as i64;
        let step = if format.bit_depth == 8 { 1 } else { 2 };
        for plane in &mut picture.planes {
            for y in 0..plane.height() {
                bytes.resize(plane.width() * step, 0);
                input.read_exact(&mut bytes)?;
                for (v, b) in plane.row_mut(y).iter_mut().zip(bytes.chunks_exact(step)) {
                    *v = b.iter().rev().fold(0, |v, &b| v << 8 | u16::from(b));
                }
            }
        }
        pictures.push(picture);
    }
}

fn read_header(input: &mut impl BufRead) -> io::Result<Format> {
    let mut line = Vec::new();
    input.by_ref().take(1024).read_until(b'\n', &mut line)?;
    let line = str::from_utf8(&line).map_err(|_| invalid("the header is not text"))?;
    let mut words = line.split_whitespace();
    if words.next() != Some("YUV4MPEG2") {
        return Err(invalid("not a YUV4MPEG2 file"));
    }
    let mut format = Format { width: 0, height: 0, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    for word in words {
        let number = || word[1..].parse::<usize>().map_err(|_| invalid("a size that is no number"));
        match word.as_bytes()[0] {
            b'W' => format.width = number()?,
            b'H' => format.height = number()?,
            b'C' => (format.chroma, format.bit_depth) = layout(&word[1..])?,
            _ => {}
        }
    }
    format.check(&girih::Limits::default()).map_err(|e| invalid(&e.to_string()))?;
    Ok(format)
}

fn layout(tag: &str) -> io::Result<(ChromaFormat, u8)> {
    Ok(match tag {
        "mono" => (ChromaFormat::Mono, 8),
        "mono10" => (ChromaFormat::Mono, 10),
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => (ChromaFormat::Yuv420, 8),
        "420p10" => (ChromaFormat::Yuv420, 10),
        "444" => (ChromaFormat::Yuv444, 8),
        "444p10" => (ChromaFormat::Yuv444, 10),
        _ => return Err(invalid("a sample layout that is not known")),
    })
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
