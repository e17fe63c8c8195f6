//! What the page is told, as JSON.

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

/// All numbers are whole, which keeps the formatting of others out of the module: times are in microseconds, shares of
/// a frame's area in thousandths.
pub fn of_film(container: &str, info: &SequenceInfo, (start, end): (f64, f64)) -> String {
    let (f, rate, aspect) = (info.format, info.frame_rate, info.sample_aspect);
    let chroma = ["4:0:0", "4:2:0", "4:4:4"][f.chroma as usize];
    let micros = |t: f64| (t * 1e6) as i64;
    format!(
        r#"{{"container":"{container}","width":{},"height":{},"chroma":"{chroma}","depth":{},"rate":[{},{}],"aspect":[{},{}],"start":{},"end":{}}}"#,
        f.width,
        f.height,
        f.bit_depth,
        rate.num,
        rate.den,
        aspect.num,
        aspect.den,
        micros(start),
        micros(end)
    )
}

pub fn of_frame(r: &FrameReport) -> String {
    let [intra, single, double, skip] =
        [r.areas.intra, r.areas.single, r.areas.double, r.areas.skip].map(|v| (1000.0 * v) as u32);
    let references = list(r.references.iter().map(i32::to_string));
    let tools = list(r.tools.iter().map(|t| quoted(t)));
    let kinds = SYNTAX.iter().zip(&r.bits).filter(|(_, b)| **b >= 0.5);
    let bits: Vec<String> = kinds.map(|(kind, bits)| format!(r#""{kind}":{}"#, *bits as u64)).collect();
    format!(
        r#"{{"type":"{}","order":{},"bytes":{},"qi":{},"references":{references},"kept":{},"blocks":{},"intra":{intra},"single":{single},"double":{double},"skip":{skip},"tools":{tools},"bits":{{{}}}}}"#,
        r.frame_type,
        r.order,
        r.bytes,
        r.qi,
        r.kept,
        r.blocks,
        bits.join(",")
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
