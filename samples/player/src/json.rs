//! What the page is told, as JSON.

use std::fmt::Write;

use girih::SequenceInfo;
use girih::inspect::{FrameReport, SYNTAX};

pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

pub fn of_film(container: &str, info: &SequenceInfo, (start, end): (f64, f64)) -> String {
    let (f, rate, aspect) = (info.format, info.frame_rate, info.sample_aspect);
    let chroma = ["4:0:0", "4:2:0", "4:4:4"][f.chroma as usize];
    let aspect = if aspect.num > 0 { f64::from(aspect.num) / f64::from(aspect.den) } else { 1.0 };
    let rate = f64::from(rate.num) / f64::from(rate.den);
    format!(
        r#"{{"container":"{container}","width":{},"height":{},"chroma":"{chroma}","depth":{},"rate":{rate},"aspect":{aspect},"start":{start},"end":{end}}}"#,
        f.width, f.height, f.bit_depth
    )
}

pub fn of_frame(r: &FrameReport) -> String {
    let a = &r.areas;
    let mut out = format!(
        r#"{{"type":"{}","order":{},"bytes":{},"qi":{},"references":{:?},"kept":{},"blocks":{},"intra":{:.4},"single":{:.4},"double":{:.4},"skip":{:.4},"tools":"#,
        r.frame_type, r.order, r.bytes, r.qi, r.references, r.kept, r.blocks, a.intra, a.single, a.double, a.skip
    );
    out.push_str(&list(r.tools.iter().map(|t| quoted(t))));
    out.push_str(",\"bits\":{");
    let mut comma = "";
    for (kind, bits) in SYNTAX.iter().zip(&r.bits).filter(|(_, b)| **b >= 0.5) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{comma}\"{kind}\":{bits:.0}");
        comma = ",";
    }
    out.push_str("}}");
    out
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
