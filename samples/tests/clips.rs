//! The generated clips are what their names say, and the same on every machine.

use girih::{ChromaFormat, Format, Picture};
use girih_samples::{Clip, Scene, y4m};

fn format(width: usize, height: usize, chroma: ChromaFormat, bit_depth: u8) -> Format {
    Format { width, height, chroma, bit_depth }
}

/// Mean absolute difference of luma, in 1/100 of a sample value.
fn difference(a: &Picture, b: &Picture) -> u64 {
    let (mut sum, mut n) = (0u64, 0);
    for y in 0..a.format.height {
        for (&a, &b) in a.planes[0].row(y).iter().zip(b.planes[0].row(y)) {
            sum += u64::from(a.abs_diff(b));
            n += 1;
        }
    }
    sum * 100 / n
}

fn clip(scene: Scene, frames: usize) -> Vec<Picture> {
    Clip::new(scene, format(96, 64, ChromaFormat::Yuv420, 8), frames).collect()
}

/// Whoever changes the generator changes these on purpose.
#[test]
fn same_samples_everywhere() {
    let expected = [
        ("pan", 0xd86eaee1),
        ("zoom", 0x74a49526),
        ("occlusion", 0x6b99d6af),
        ("text", 0x01d2cf55),
        ("fade", 0xdab2a0f1),
        ("cut", 0x6dd7005f),
        ("noise", 0xb9c68e3c),
        ("mix", 0x39cbb44f),
        ("flat", 0xeaea777eu32),
    ];
    let hash = |name: &str| {
        let scene = name.parse().expect("a scene");
        let pictures = clip(scene, 6);
        pictures.iter().fold(0u32, |h, p| h.rotate_left(5) ^ p.hash())
    };
    let made = expected.map(|(name, _)| (name, hash(name)));
    assert_eq!(made, expected, "{made:#x?}");
}

#[test]
fn every_format_and_odd_sizes() {
    for chroma in [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444] {
        for (bits, (w, h)) in [(8, (1, 1)), (10, (7, 5)), (8, (33, 2))] {
            for (_, scene) in Scene::ALL {
                let f = format(w, h, chroma, bits);
                let pictures: Vec<_> = Clip::new(scene, f, 2).collect();
                assert_eq!(pictures.iter().map(|p| p.pts).collect::<Vec<_>>(), [0, 1]);
                assert!(pictures.iter().all(|p| p.format == f && p.validate().is_ok()));
            }
        }
    }
}

#[test]
fn ten_bits_refine_eight() {
    let eight = Clip::new(Scene::Mix, format(64, 48, ChromaFormat::Yuv444, 8), 1).next().expect("a picture");
    let ten = Clip::new(Scene::Mix, format(64, 48, ChromaFormat::Yuv444, 10), 1).next().expect("a picture");
    for (a, b) in eight.planes.iter().zip(&ten.planes) {
        assert!((0..48).all(|y| a.row(y).iter().zip(b.row(y)).all(|(&a, &b)| (a * 4).abs_diff(b) <= 2)));
    }
}

#[test]
fn cuts_are_cuts_and_fades_end_black() {
    let cut = clip(Scene::Cut, 12);
    let steps: Vec<u64> = cut.windows(2).map(|p| difference(&p[0], &p[1])).collect();
    let jumps: Vec<usize> = (0..11).filter(|&i| steps[i] > 1500).collect();
    assert_eq!(jumps, [3, 7], "{steps:?}");
    let fade = clip(Scene::Fade, 9);
    for end in [0, 8] {
        assert!(fade[end].planes[0].row(30).iter().all(|&v| v <= 20));
    }
    assert!(fade[4].planes[0].row(30).iter().any(|&v| v > 60));
}

#[test]
fn y4m_round_trip() {
    for (chroma, bits) in [(ChromaFormat::Mono, 8), (ChromaFormat::Yuv420, 10), (ChromaFormat::Yuv444, 8)] {
        let f = format(9, 7, chroma, bits);
        let pictures: Vec<_> = Clip::new(Scene::Text, f, 3).collect();
        let mut file = Vec::new();
        y4m::write(&mut file, f, pictures.iter().cloned()).expect("written");
        assert_eq!(y4m::read(&mut &file[..]).expect("read"), (f, pictures));
        assert!(y4m::read(&mut &file[..file.len() - 1]).is_err());
        assert!(y4m::read(&mut &file[1..]).is_err());
    }
}
