//! `girih compare`: Girih and other codecs on the same clips, quality against size.

mod clip;
mod json;
mod peer;
mod point;
mod report;
mod table;
mod vmaf;

pub use peer::Peer;

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use girih::metrics::bd_rate;

use crate::args::Compare;
use crate::codebook;
use crate::encode;
use crate::error::InFile;
use crate::media::{self, Reading};
use crate::progress::Progress;
use clip::Clip;
use point::Point;
use vmaf::Vmaf;

/// One coder on one clip, at several qualities.
pub struct Curve {
    pub name: String,
    pub points: Vec<Point>,
}

/// Everything measured on one clip. The first curve is Girih's.
pub struct Outcome {
    pub clip: Clip,
    pub curves: Vec<Curve>,
    /// Girih against each other curve.
    pub bd: Vec<Bd>,
    /// Peers that did not run, and why.
    pub notes: Vec<String>,
}

/// BD-rate in percent, negative where Girih needs fewer bits.
#[derive(Clone, Debug, Default)]
pub struct Bd {
    pub peer: String,
    /// By PSNR-Y, PSNR-YUV, SSIM and VMAF.
    pub rates: [Option<f64>; 4],
}

/// One number for the quality of a point, in dB but for VMAF.
type Measure = fn(&Point) -> Option<f64>;

/// The quality measures of [`Bd::rates`].
pub const MEASURES: [(&str, Measure); 4] = [
    ("psnr_y", |p| p.psnr[0]),
    ("psnr_yuv", |p| Some(p.psnr_yuv)),
    ("ssim", |p| Some(p.ssim_db)),
    ("vmaf", |p| p.vmaf),
];

pub fn run(args: &Compare) -> Result<()> {
    let page = args.report.as_deref().map(|folder| report::prepare(folder, args)).transpose()?;
    // Slow, so for reports only.
    let vmaf = if page.is_some() { Vmaf::find()? } else { None };
    // What cannot be read should show before hours of work on the others.
    for input in args.inputs.iter().skip(1).filter(|i| i.as_path() != Path::new("-")) {
        media::open(input, Reading::default()).in_file(input)?;
    }
    let mut outcomes = Vec::new();
    let mut out = std::io::stdout().lock();
    for input in &args.inputs {
        let outcome = compare(input, args, vmaf.clone()).in_file(input)?;
        if !args.json {
            writeln!(out, "{}", table::clip(&outcome))?;
        }
        outcomes.push(outcome);
    }
    if let Some((page, folder)) = page.zip(args.report.as_deref()) {
        report::write(page, &outcomes, args).in_file(folder)?;
    }
    if args.json {
        writeln!(out, "{:#}", json::report(&outcomes, args))?;
    } else {
        writeln!(out, "{}", table::summary(&outcomes))?;
    }
    Ok(())
}

fn compare(input: &Path, args: &Compare, vmaf: Option<Vmaf>) -> Result<Outcome> {
    let mut clip = Clip::open(input, args.range, args.threads.count)?;
    clip.vmaf = vmaf;
    let own = codebook::load(args.own.codebook.as_deref())?;
    let mut curves = vec![Curve { name: "girih".into(), points: Vec::new() }];
    for &crf in &args.crfs {
        let mut config = encode::config(&clip.description, crf, &args.tools, args.threads.count);
        config.codebook = own.clone();
        config.embed_codebook = !args.own.codebook_external;
        let progress = Progress::new(&format!("girih crf {crf}"), Some(clip.frames));
        curves[0].points.push(point::girih(&clip, config, &progress)?);
    }
    let (mut notes, mut bd) = (Vec::new(), Vec::new());
    for peer in &args.against {
        match peer_curve(&clip, peer) {
            Ok(curve) => {
                bd.push(difference(&curves[0], &curve));
                curves.push(curve);
            }
            Err(e) => notes.push(format!("{} left out: {e:#}", peer.name())),
        }
    }
    Ok(Outcome { clip, curves, bd, notes })
}

fn peer_curve(clip: &Clip, peer: &Peer) -> Result<Curve> {
    let mut points = Vec::new();
    for &q in peer.qualities() {
        let progress = Progress::new(&format!("{} crf {q}", peer.name()), Some(clip.frames));
        points.push(point::peer(clip, peer, q, &progress)?);
    }
    Ok(Curve { name: peer.name().into(), points })
}

/// BD-rates of `test` against `reference`.
fn difference(test: &Curve, reference: &Curve) -> Bd {
    let rates = MEASURES.map(|(_, measure)| {
        let points = |c: &Curve| -> Option<Vec<_>> {
            c.points.iter().map(|p| Some((p.bytes as f64, measure(p)?))).collect()
        };
        bd_rate(&points(reference)?, &points(test)?)
    });
    Bd { peer: reference.name.clone(), rates }
}

/// The mean over the clips of each peer's BD-rates, and over how many clips.
pub fn means(outcomes: &[Outcome]) -> Vec<(Bd, usize)> {
    let mut peers: Vec<&str> = Vec::new();
    for bd in outcomes.iter().flat_map(|o| &o.bd) {
        if !peers.contains(&bd.peer.as_str()) {
            peers.push(&bd.peer);
        }
    }
    let of = |peer: &str| {
        let all: Vec<_> = outcomes.iter().flat_map(|o| &o.bd).filter(|b| b.peer == peer).collect();
        let mean = |i: usize| {
            let rates: Vec<f64> = all.iter().filter_map(|b| b.rates[i]).collect();
            (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64)
        };
        (Bd { peer: peer.into(), rates: [0, 1, 2, 3].map(mean) }, all.len())
    };
    peers.into_iter().map(of).collect()
}

/// How many times larger than `p` the file is that `reference` needs for the same PSNR-Y: interpolated
/// on the logarithm of the size, `None` outside the curve.
pub fn ratio_at_equal_psnr(reference: &Curve, p: &Point) -> Option<f64> {
    let psnr = |p: &Point| p.psnr[0].unwrap_or_default();
    let mut points: Vec<_> = reference.points.iter().collect();
    points.sort_by(|a, b| psnr(a).total_cmp(&psnr(b)));
    let wanted = psnr(p);
    let pair = points.windows(2).find(|w| psnr(w[0]) <= wanted && wanted <= psnr(w[1]))?;
    let span = psnr(pair[1]) - psnr(pair[0]);
    let t = if span > 0.0 { (wanted - psnr(pair[0])) / span } else { 0.0 };
    let [a, b] = [pair[0], pair[1]].map(|p| (p.bytes as f64).ln());
    Some((a + (b - a) * t).exp() / p.bytes as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(name: &str, scale: f64) -> Curve {
        let point = |i: i32| Point {
            bytes: (scale * 1000.0 * f64::from(1 << i)) as u64,
            psnr: [Some(30.0 + 3.0 * f64::from(i)), None, None],
            psnr_yuv: 31.0 + 3.0 * f64::from(i),
            ssim_db: 10.0 + f64::from(i),
            vmaf: Some(80.0 + f64::from(i)),
            ..Point::default()
        };
        Curve { name: name.into(), points: (0..5).map(point).collect() }
    }

    #[test]
    fn half_the_bytes_is_minus_fifty_percent() {
        let bd = difference(&curve("girih", 0.5), &curve("h264", 1.0));
        assert_eq!(bd.peer, "h264");
        assert!(bd.rates.iter().all(|r| r.is_some_and(|r| (r + 50.0).abs() < 0.1)), "{bd:?}");
    }

    #[test]
    fn ratios() {
        let (h264, girih) = (curve("h264", 1.0), curve("girih", 0.5));
        let ratio = |p: &Point| ratio_at_equal_psnr(&h264, p);
        assert!(ratio(&girih.points[2]).is_some_and(|r| (r - 2.0).abs() < 1e-6));
        assert!(ratio(&h264.points[0]).is_some_and(|r| (r - 1.0).abs() < 1e-6));
        assert!(ratio(&Point { bytes: 1, psnr: [Some(29.0), None, None], ..Point::default() }).is_none());
        let between = Point { bytes: 1414, psnr: [Some(31.5), None, None], ..Point::default() };
        assert!(ratio(&between).is_some_and(|r| (r - 1.0).abs() < 1e-3));
    }
}
