//! The comparison as JSON: the numbers of the tables.

use girih::Tune;
use serde_json::{Map, Value, json};

use super::point::Point;
use super::{Bd, MEASURES, Outcome, means, ratio_at_equal_psnr, table};
use crate::args::Compare;
use crate::media::chroma_name;

pub fn report(outcomes: &[Outcome], args: &Compare) -> Value {
    let mean: Map<_, _> = means(outcomes).iter().map(|(b, n)| (b.peer.clone(), rates(b, Some(*n)))).collect();
    json!({
        "preset": format!("{:?}", args.tools.preset).to_lowercase(),
        "tune": format!("{:?}", args.tools.tune.unwrap_or(Tune::Eye)).to_lowercase(),
        "clips": outcomes.iter().map(clip).collect::<Vec<_>>(),
        "mean_bd_rate": mean,
    })
}

fn clip(o: &Outcome) -> Value {
    let (c, d) = (&o.clip, &o.clip.description);
    let curve = |curve: &super::Curve| {
        json!({
            "name": curve.name,
            "points": curve.points.iter().map(|p| point(o, p)).collect::<Vec<_>>(),
        })
    };
    let bd: Map<_, _> = o.bd.iter().map(|b| (b.peer.clone(), rates(b, None))).collect();
    json!({
        "input": c.path.display().to_string(),
        "width": d.format.width,
        "height": d.format.height,
        "chroma": chroma_name(d.format.chroma),
        "bit_depth": d.format.bit_depth,
        "frames": c.frames,
        "fps": d.fps(),
        "raw_bytes": c.raw_bytes(),
        "coders": o.curves.iter().map(curve).collect::<Vec<_>>(),
        "bd_rate": bd,
        "notes": o.notes,
    })
}

fn point(o: &Outcome, p: &Point) -> Value {
    let c = &o.clip;
    let mut value = json!({
        "q": p.crf,
        "bytes": p.bytes,
        "kbps": p.bytes as f64 * 8.0 / 1000.0 / c.seconds(),
        "bits_per_pixel": p.bytes as f64 * 8.0 / c.pixels(),
        "ratio_raw": c.raw_bytes() / p.bytes as f64,
        "ratio_h264": table::h264(o).and_then(|h| ratio_at_equal_psnr(h, p)),
        "psnr_y": p.psnr[0],
        "psnr_u": p.psnr[1],
        "psnr_v": p.psnr[2],
        "psnr_yuv": p.psnr_yuv,
        "ssim": p.ssim,
        "ssim_db": p.ssim_db,
        "encode_fps": p.encode_fps,
        "decode_fps": p.decode_fps,
    });
    if let Some(vmaf) = p.vmaf {
        value["vmaf"] = vmaf.into();
    }
    value
}

fn rates(bd: &Bd, clips: Option<usize>) -> Value {
    let mut map: Map<_, _> =
        MEASURES.iter().zip(bd.rates).map(|((name, _), r)| (name.to_string(), r.into())).collect();
    if bd.rates[3].is_none() {
        map.remove("vmaf");
    }
    if let Some(n) = clips {
        map.insert("clips".into(), n.into());
    }
    Value::Object(map)
}
