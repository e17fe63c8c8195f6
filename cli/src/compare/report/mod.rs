//! The comparison as one page: plots, tables, pictures, commands; nothing from outside.

mod page;
mod plots;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use girih::Picture;

use super::{Curve, Outcome, Peer, point};
use crate::args::Compare;
use crate::error::InFile;
use crate::media::pending::Pending;
use crate::media::{Description, png};
use crate::progress::Progress;

/// Largest crop that is shown.
const CROP: (usize, usize) = (640, 400);

/// What one coder makes at about the rate of Girih's.
pub struct Shot {
    pub name: String,
    pub crf: f64,
    pub bytes: u64,
    pub psnr: f64,
    /// Bytes and PSNR-Y of each frame.
    pub frames: Vec<(u64, f64)>,
    /// The picture.
    pub png: Vec<u8>,
}

/// A clip's pictures side by side: the original, Girih's, the peers'.
pub struct Shots {
    pub frame: u64,
    pub original: Vec<u8>,
    pub coders: Vec<Shot>,
}

/// Makes the folder, before all the work.
pub fn prepare(folder: &Path, args: &Compare) -> Result<Pending> {
    fs::create_dir_all(folder).in_file(folder)?;
    let page = folder.join("index.html");
    Pending::create(&page, args.overwrite).in_file(&page)
}

/// Writes the page.
pub fn write(page: Pending, outcomes: &[Outcome], args: &Compare) -> Result<()> {
    let mut shots = Vec::new();
    for o in outcomes {
        shots.push(shoot(o, args).in_file(&o.clip.path)?);
    }
    let html = page::html(outcomes, &shots, args)?;
    page.open()?.write_all(html.as_bytes())?;
    page.commit()
}

/// Decoded pictures at equal rate: that of Girih's second quality. Peers are coded once more at the quality that
/// should give as many bytes.
fn shoot(o: &Outcome, args: &Compare) -> Result<Shots> {
    let clip = &o.clip;
    let frame = clip.frames / 2;
    let d = &clip.description;
    let mut source = clip.pictures()?;
    source.skip(frame)?;
    let original = source.next_picture()?.map_or(Ok(Vec::new()), |p| crop(&p, d))?;
    let Some(girih) = o.curves[0].points.get(1).or(o.curves[0].points.first()) else {
        return Ok(Shots { frame, original, coders: Vec::new() });
    };
    let mut coders = vec![shot("girih", girih, d)?];
    for curve in &o.curves[1..] {
        let Some(peer) = args.against.iter().find(|p| p.name() == curve.name) else { continue };
        let progress = Progress::new(&format!("{} at equal rate", curve.name), Some(clip.frames));
        let quality = quality_for(curve, peer, girih.bytes as f64);
        coders.push(shot(&curve.name, &point::peer(clip, peer, quality, &progress)?, d)?);
    }
    Ok(Shots { frame, original, coders })
}

fn shot(name: &str, p: &point::Point, d: &Description) -> Result<Shot> {
    let png = p.still.as_ref().map_or(Ok(Vec::new()), |s| crop(s, d))?;
    let psnr = p.psnr[0].unwrap_or_default();
    Ok(Shot { name: name.into(), crf: p.crf, bytes: p.bytes, psnr, frames: p.frames.clone(), png })
}

/// The quality at which a peer has about so many bytes, from its curve.
fn quality_for(curve: &Curve, peer: &Peer, bytes: f64) -> u32 {
    let mut points: Vec<_> = curve.points.iter().map(|p| ((p.bytes as f64).ln(), p.crf)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = bytes.ln();
    let pair = points.windows(2).find(|w| wanted <= w[1].0).or(points.windows(2).last());
    let crf =
        pair.map_or(30.0, |w| w[0].1 + (wanted - w[0].0) / (w[1].0 - w[0].0).max(1e-9) * (w[1].1 - w[0].1));
    crf.round().clamp(1.0, f64::from(peer.worst())) as u32
}

/// The middle of a picture.
fn crop(p: &Picture, d: &Description) -> Result<Vec<u8>> {
    png(p, d.color, CROP)
}
