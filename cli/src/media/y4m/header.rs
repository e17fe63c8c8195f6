//! The header line of y4m.

use anyhow::{Context, Result, bail};
use girih::{ChromaFormat, Color, Format, Rational};

use super::super::Description;

/// Well-formed y4m whose planes have no Girih format (4:2:2, 12 bits, ...).
#[derive(Debug)]
pub struct OtherLayout(String);

impl std::fmt::Display for OtherLayout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "y4m layout C{} is not supported here", self.0)
    }
}

impl std::error::Error for OtherLayout {}

/// Reads the header line.
pub fn parse(line: &str) -> Result<Description> {
    let mut fields = line.split(' ').filter(|f| !f.is_empty());
    if fields.next() != Some("YUV4MPEG2") {
        bail!("not y4m");
    }
    let (mut width, mut height) = (None, None);
    let mut frame_rate = Rational { num: 25, den: 1 };
    let mut sample_aspect = Rational { num: 0, den: 1 };
    let mut layout = "420jpeg";
    let mut color = Color::default();
    for field in fields {
        let mut chars = field.chars();
        let tag = chars.next();
        let value = chars.as_str();
        match tag {
            Some('W') => width = value.parse().ok(),
            Some('H') => height = value.parse().ok(),
            Some('F') => {
                frame_rate = fraction(value).filter(|r| r.num > 0).context("damaged y4m: frame rate")?
            }
            // 0:0 stands for unknown; so does anything unreadable.
            Some('A') => sample_aspect = fraction(value).unwrap_or(sample_aspect),
            Some('C') => layout = value,
            Some('X') if value == "COLORRANGE=FULL" => color.full_range = true,
            _ => {}
        }
    }
    let (Some(width), Some(height)) = (width, height) else { bail!("damaged y4m: no width and height") };
    let (chroma, bit_depth) = match layout {
        "420jpeg" | "420mpeg2" | "420paldv" | "420" => (ChromaFormat::Yuv420, 8),
        "420p10" => (ChromaFormat::Yuv420, 10),
        "444" => (ChromaFormat::Yuv444, 8),
        "444p10" => (ChromaFormat::Yuv444, 10),
        "mono" => (ChromaFormat::Mono, 8),
        "mono10" => (ChromaFormat::Mono, 10),
        other => return Err(OtherLayout(other.to_string()).into()),
    };
    Ok(Description {
        format: Format { width, height, chroma, bit_depth },
        color,
        frame_rate,
        sample_aspect,
        time_base: Rational { num: frame_rate.den, den: frame_rate.num },
        frames: None,
    })
}

/// The header line for a description.
pub fn format(d: &Description) -> String {
    let layout = match (d.format.chroma, d.format.bit_depth) {
        (ChromaFormat::Yuv420, 8) => "420jpeg",
        (ChromaFormat::Yuv420, _) => "420p10 XYSCSS=420P10",
        (ChromaFormat::Yuv444, 8) => "444",
        (ChromaFormat::Yuv444, _) => "444p10 XYSCSS=444P10",
        (ChromaFormat::Mono, 8) => "mono",
        (ChromaFormat::Mono, _) => "mono10",
    };
    let aspect = if d.sample_aspect.num == 0 { Rational { num: 0, den: 0 } } else { d.sample_aspect };
    let range = if d.color.full_range { "FULL" } else { "LIMITED" };
    format!(
        "YUV4MPEG2 W{} H{} F{}:{} Ip A{}:{} C{layout} XCOLORRANGE={range}",
        d.format.width, d.format.height, d.frame_rate.num, d.frame_rate.den, aspect.num, aspect.den
    )
}

/// `num:den` with a positive denominator.
fn fraction(s: &str) -> Option<Rational> {
    let (num, den) = s.split_once(':')?;
    let (num, den) = (num.parse().ok()?, den.parse().ok()?);
    (den > 0).then_some(Rational { num, den })
}
