use super::*;
use crate::api::{Config, Encoder, Packet};
use crate::picture::{ChromaFormat, Format, Picture};

fn stream(without: &[&str], frames: usize) -> (Vec<u8>, Vec<Packet>) {
    let format = Format { width: 96, height: 72, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    let mut config = Config::new(format);
    config.control.without = without.iter().map(|s| s.to_string()).collect();
    let mut e = Encoder::new(config).expect("settings");
    let mut packets = Vec::new();
    for t in 0..frames {
        let mut p = Picture::new(format);
        for (k, plane) in p.planes.iter_mut().enumerate() {
            for y in 0..plane.height() {
                let wave = |x: usize| ((x + t) * (y + 3 * k) % 97 + (x * 7 + y * 13) % 31) as u16;
                plane.row_mut(y).iter_mut().enumerate().for_each(|(x, v)| *v = wave(x));
            }
        }
        p.pts = t as i64;
        e.push(p).expect("a picture");
    }
    e.finish().expect("packets");
    packets.extend(std::iter::from_fn(|| e.next_packet()));
    (e.header(), packets)
}

#[test]
fn bits_add_up_and_frames_have_their_types() {
    for without in [&[][..], &["vq"]] {
        let (header, packets) = stream(without, 10);
        let mut inspector = Inspector::new(&header, Limits::default(), None).expect("a header");
        let mut types = Vec::new();
        for p in &packets {
            let (r, blocks) = inspector.frame_with_blocks(&p.data).expect("a frame");
            check_blocks(&r, &blocks);
            let told: f64 = r.bits.iter().sum();
            let is = 8.0 * p.data.len() as f64;
            assert!((told - is).abs() < 24.0 + 0.01 * is, "{told} of {is}");
            assert_eq!(r.bits[SYNTAX.len() - 1], 0.0);
            let area = r.areas.intra + r.areas.single + r.areas.double;
            assert!((area - 1.0).abs() < 1e-9, "{area}");
            assert_eq!(r.tools.iter().any(|t| t == "scalar"), !without.is_empty());
            types.push(r.frame_type);
        }
        use FrameType::{Anchor, B, Key};
        assert_eq!(types[..3], [Key, Anchor, B(1)]);
        assert!(types.contains(&B(2)) && !types[1..].contains(&Key), "{types:?}");
        let uses = inspector.book_uses();
        assert!(uses.iter().any(|u| u.used > 0) && uses.iter().all(|u| u.used <= u.words));
        assert!(uses.iter().all(|u| u.entropy >= 0.0 && u.escapes <= u.vectors));
    }
}

/// The blocks cover the frame, have its bits and, some of them, words of the codebook.
fn check_blocks(r: &FrameReport, blocks: &[BlockView]) {
    assert_eq!(blocks.len(), r.blocks);
    assert_eq!(blocks.iter().map(|b| b.w * b.h).sum::<usize>(), 96 * 72);
    let bits: f64 = blocks.iter().map(|b| b.bits).sum();
    let all: f64 = r.bits[1..].iter().sum();
    // The partition down to the first block of a superblock is nobody's.
    assert!(bits <= all + 1e-6 && bits > 0.8 * all - 100.0, "{bits} of {all}");
    let kind = |p| blocks.iter().filter(|b| b.prediction == p).map(|b| b.w * b.h).sum::<usize>() as f64;
    assert!((kind(Prediction::Double) / (96.0 * 72.0) - r.areas.double).abs() < 1e-9);
    let tx = || blocks.iter().flat_map(|b| &b.transforms);
    assert!(tx().all(|t| t.escapes <= t.words.iter().sum()));
    assert!(r.frame_type != FrameType::Key || tx().any(|t| t.words.iter().sum::<u32>() > 0));
    let inside = |b: &BlockView, t: &TxView| t.x >= b.x && t.x + t.w <= b.x + b.w && t.y + t.h <= b.y + b.h;
    assert!(blocks.iter().all(|b| b.transforms.iter().all(|t| inside(b, t))));
}

#[test]
fn damage_is_an_error_or_a_report() {
    let (header, packets) = stream(&[], 4);
    let mut inspector = Inspector::new(&header, Limits::default(), None).expect("a header");
    for i in 0..400usize {
        let mut data = packets[i % packets.len()].data.clone();
        let at = i * 31 % data.len();
        data[at] ^= 1 << (i % 8);
        let _ = inspector.frame(&data[..data.len() - i % 3]);
    }
}

#[test]
fn probabilities_of_words_add_up() {
    for b in books(&CodebookSet::builtin()) {
        assert_eq!(b.probability.len(), b.words.len() + 1);
        assert!((b.probability.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(b.words.iter().all(|w| w.len() == b.dimension));
    }
}
