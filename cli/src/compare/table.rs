//! The comparison as tables.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{Curve, Outcome, Peer, means, ratio_at_equal_psnr};

/// The H.264 curve that others are held against, if there is one.
pub fn h264(outcome: &Outcome) -> Option<&Curve> {
    outcome.curves.iter().find(|c| Peer::is_h264(&c.name))
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().copied());
    table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

/// The points of one clip.
pub fn clip(outcome: &Outcome) -> String {
    let c = &outcome.clip;
    let mut table = table(&[
        "coder", "crf", "bytes", "kbit/s", "bit/px", "raw:1", "H.264:1", "PSNR-Y", "PSNR-U", "PSNR-V",
        "SSIM", "enc fps", "dec fps",
    ]);
    for curve in &outcome.curves {
        for p in &curve.points {
            let ratio = h264(outcome).and_then(|h| ratio_at_equal_psnr(h, p));
            table.add_row([
                curve.name.clone(),
                format!("{}", p.crf),
                p.bytes.to_string(),
                format!("{:.1}", p.bytes as f64 * 8.0 / 1000.0 / c.seconds()),
                format!("{:.4}", p.bytes as f64 * 8.0 / c.pixels()),
                format!("{:.1}", c.raw_bytes() / p.bytes as f64),
                optional(ratio, 2),
                optional(p.psnr[0], 2),
                optional(p.psnr[1], 2),
                optional(p.psnr[2], 2),
                format!("{:.4}", p.ssim),
                format!("{:.1}", p.encode_fps),
                format!("{:.1}", p.decode_fps),
            ]);
        }
    }
    let d = &c.description;
    let mut text =
        format!("{}: {}, {} frames at {} fps\n", c.path.display(), d.layout(), c.frames, Short(d.fps()));
    text += &trimmed(&table);
    for note in &outcome.notes {
        text += &format!("note: {note}\n");
    }
    text
}

/// The BD-rates of all clips, and their means.
pub fn summary(outcomes: &[Outcome]) -> String {
    let mut table = table(&["BD-rate of girih in %", "against", "PSNR-Y", "PSNR-YUV", "SSIM"]);
    let mut add = |name: String, peer: &str, rates: [Option<f64>; 4]| {
        let [y, yuv, ssim, _] = rates.map(signed);
        table.add_row([name, peer.into(), y, yuv, ssim]);
    };
    for o in outcomes {
        for bd in &o.bd {
            add(o.clip.path.display().to_string(), &bd.peer, bd.rates);
        }
    }
    for (bd, clips) in means(outcomes) {
        add(format!("mean of {clips}"), &bd.peer, bd.rates);
    }
    trimmed(&table)
        + "(negative: girih needs fewer bits for the same quality; -: the curves do not overlap enough)"
}

/// The table's lines without trailing blanks.
fn trimmed(table: &Table) -> String {
    table.lines().map(|l| l.trim_end().to_string() + "\n").collect()
}

fn optional(v: Option<f64>, digits: usize) -> String {
    v.map_or("-".into(), |v| format!("{v:.digits$}"))
}

fn signed(v: Option<f64>) -> String {
    v.map_or("-".into(), |v| format!("{v:+.2}"))
}

/// A number without needless digits.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
