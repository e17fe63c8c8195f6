//! The page itself.

use std::fmt::Write;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::point::Point;
use super::super::{Bd, Outcome, means};
use super::{Shot, Shots, plots};
use crate::args::Compare;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("slider.js");

pub fn html(outcomes: &[Outcome], shots: &[Shots], args: &Compare) -> Result<String> {
    let mut h = String::new();
    let preset = format!("{:?}", args.tools.preset).to_lowercase();
    write!(
        h,
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><meta name=viewport \
         content=\"width=device-width\"><title>Girih compared</title><style>{STYLE}</style></head><body>\
         <h1>Girih {} compared</h1><p>Preset {preset}. BD-rate: how many more bits Girih needs for the same quality; \
         negative is better.</p>",
        env!("CARGO_PKG_VERSION")
    )?;
    bd_rates(&mut h, outcomes)?;
    for (o, s) in outcomes.iter().zip(shots) {
        clip(&mut h, o, s, args, &preset)?;
    }
    write!(h, "<script>{SCRIPT}</script></body></html>")?;
    Ok(h)
}

fn bd_rates(h: &mut String, outcomes: &[Outcome]) -> Result<()> {
    let vmaf = outcomes.iter().any(has_vmaf);
    h.push_str("<h2>BD-rate</h2><table><tr><th>clip<th>against<th>PSNR-Y<th>PSNR-YUV<th>SSIM");
    h.push_str(if vmaf { "<th>VMAF" } else { "" });
    let mut row = |clip: &str, bd: &Bd| -> Result<()> {
        write!(h, "<tr><td>{}<td>{}", escape(clip), escape(&bd.peer))?;
        for r in &bd.rates[..if vmaf { 4 } else { 3 }] {
            write!(h, "<td class=n>{}", r.map_or("-".into(), |r| format!("{r:+.1} %")))?;
        }
        Ok(())
    };
    for o in outcomes {
        for bd in &o.bd {
            row(&name(o), bd)?;
        }
    }
    for (bd, n) in means(outcomes) {
        row(&format!("mean of {n}"), &bd)?;
    }
    h.push_str("</table>");
    if !vmaf {
        h.push_str(
            "<p class=note>VMAF left out: no ffmpeg with libvmaf in the search path or in GIRIH_FFMPEG</p>",
        );
    }
    Ok(())
}

/// A clip's name in headings; the commands have its whole path.
fn name(o: &Outcome) -> String {
    let path = &o.clip.path;
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// Was VMAF measured?
fn has_vmaf(o: &Outcome) -> bool {
    o.clip.vmaf.is_some()
}

fn clip(h: &mut String, o: &Outcome, shots: &Shots, args: &Compare, preset: &str) -> Result<()> {
    let (c, d) = (&o.clip, &o.clip.description);
    let name = escape(&name(o));
    let fps = (d.fps() * 100.0).round() / 100.0;
    write!(h, "<h2>{name}</h2><p>{}, {} frames at {fps} fps</p>", d.layout(), c.frames)?;
    o.notes.iter().try_for_each(|n| write!(h, "<p class=note>{}</p>", escape(n)))?;
    write!(h, "<div class=plots>{}{}", plots::rate_distortion(o, 0)?, plots::rate_distortion(o, 2)?)?;
    if has_vmaf(o) {
        h.push_str(&plots::rate_distortion(o, 3)?);
    }
    h.push_str("</div>");
    equal_rate(h, shots)?;
    points(h, o)?;
    commands(h, o, args, preset)
}

fn equal_rate(h: &mut String, shots: &Shots) -> Result<()> {
    let Some((girih, others)) = shots.coders.split_first() else { return Ok(()) };
    let lines = |value: fn(&(u64, f64)) -> f64| {
        let line = |s: &Shot| {
            let values = s.frames.iter().enumerate().map(|(i, f)| (i as f64, value(f))).collect();
            (format!("{} crf {}", s.name, s.crf), values)
        };
        shots.coders.iter().map(line).collect::<Vec<_>>()
    };
    write!(
        h,
        "<h3>Each frame, at about {} bytes for the clip</h3><div class=plots>{}{}</div>",
        girih.bytes,
        plots::per_frame(&lines(|f| f.1.min(100.0)), "PSNR-Y in dB")?,
        plots::per_frame(&lines(|f| f.0 as f64 / 1000.0), "kB")?
    )?;
    let image = |png: &[u8]| format!("data:image/png;base64,{}", STANDARD.encode(png));
    write!(h, "<h3>Frame {}, at the same rate</h3>", shots.frame)?;
    let original = ("original".to_string(), &shots.original);
    let peers = others.iter().map(|s| (format!("{}: {} bytes, {:.2} dB", s.name, s.bytes, s.psnr), &s.png));
    for (label, png) in peers.chain([original]) {
        write!(
            h,
            "<figure class=slider><div><img alt=girih src=\"{}\"><img class=over alt=\"{}\" src=\"{}\"></div>\
             <input type=range min=0 max=100 value=50 aria-label=\"where the two pictures meet\">\
             <figcaption><span>{}</span><span>girih: {} bytes, {:.2} dB</span></figcaption></figure>",
            image(&girih.png),
            escape(&label),
            image(png),
            escape(&label),
            girih.bytes,
            girih.psnr
        )?;
    }
    Ok(())
}

fn points(h: &mut String, o: &Outcome) -> Result<()> {
    let seconds = o.clip.seconds();
    h.push_str(
        "<h3>Sizes, quality, speed</h3><table><tr><th>coder<th>crf<th>bytes<th>kbit/s<th>PSNR-Y<th>PSNR-U<th>PSNR-V\
         <th>SSIM<th>encoding, frames/s<th>decoding, frames/s",
    );
    h.push_str(if has_vmaf(o) { "<th>VMAF" } else { "" });
    let db = |v: Option<f64>| v.map_or("-".into(), |v| format!("{v:.2}"));
    let mut row = |name: &str, p: &Point| {
        write!(
            h,
            "<tr><td>{}<td class=n>{}<td class=n>{}<td class=n>{:.1}<td class=n>{}<td class=n>{}<td class=n>{}\
             <td class=n>{:.4}<td class=n>{:.1}<td class=n>{:.1}",
            escape(name),
            p.crf,
            p.bytes,
            p.bytes as f64 * 8.0 / 1000.0 / seconds,
            db(p.psnr[0]),
            db(p.psnr[1]),
            db(p.psnr[2]),
            p.ssim,
            p.encode_fps,
            p.decode_fps
        )?;
        p.vmaf.map_or(Ok(()), |v| write!(h, "<td class=n>{v:.2}"))
    };
    for c in &o.curves {
        c.points.iter().try_for_each(|p| row(&c.name, p))?;
    }
    h.push_str("</table>");
    Ok(())
}

/// What to type to get the same.
fn commands(h: &mut String, o: &Outcome, args: &Compare, preset: &str) -> Result<()> {
    let clip = o.clip.path.display().to_string();
    h.push_str("<h3>Commands</h3><pre>");
    let list = |crfs: &[f32]| crfs.iter().map(f32::to_string).collect::<Vec<_>>().join(",");
    let against: Vec<_> = args.against.iter().map(|p| p.name()).collect();
    let mut all = format!(
        "girih compare {clip} --preset {preset} --crfs {} --against {} --report DIR",
        list(&args.crfs),
        against.join(",")
    );
    let mut range = String::new();
    if args.range.start > 0 {
        write!(range, " --start {}", args.range.start)?;
    }
    if let Some(n) = args.range.frames {
        write!(range, " --frames {n}")?;
    }
    all += &range;
    writeln!(h, "{}", escape(&all))?;
    for crf in &args.crfs {
        writeln!(
            h,
            "{}",
            escape(&format!("girih encode {clip} -o OUT.girih --preset {preset} --crf {crf}{range}"))
        )?;
    }
    for peer in &args.against {
        for &q in peer.qualities() {
            let Ok(s) = peer.settings(q, args.threads.count) else { continue };
            let options: Vec<_> = s.options.iter().map(|(k, v)| format!("-{k} {v}")).collect();
            writeln!(
                h,
                "{}",
                escape(&format!("ffmpeg -i {clip} -c:v {} {} OUT.mkv", s.name, options.join(" ")))
            )?;
        }
    }
    h.push_str("</pre>");
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
