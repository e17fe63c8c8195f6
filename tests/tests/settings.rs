//! Settings that make no sense are refused; the others do what they say.

use girih::{ChromaFormat, Config, Decoder, Encoder, Error, Limits, Picture, Preset, Tune};
use girih_samples::Scene;
use girih_tests::{clip, decode, encode, format};

fn config() -> Config {
    Config::new(format(48, 32, ChromaFormat::Yuv420, 8))
}

fn refused(name: &str, change: impl FnOnce(&mut Config)) {
    let mut config = config();
    change(&mut config);
    match Encoder::new(config) {
        Err(Error::Config(_) | Error::Unsupported(_) | Error::Limit(_)) => {}
        Err(other) => panic!("{name}: {other}"),
        Ok(_) => panic!("{name} is accepted"),
    }
}

#[test]
fn nonsense_is_refused() {
    refused("crf below 0", |c| c.crf = -0.5);
    refused("crf above 63", |c| c.crf = 63.5);
    refused("crf not a number", |c| c.crf = f32::NAN);
    refused("crf infinite", |c| c.crf = f32::INFINITY);
    refused("keyint 0", |c| c.keyint = 0);
    refused("no width", |c| c.format.width = 0);
    refused("no height", |c| c.format.height = 0);
    refused("too wide", |c| c.format.width = 65537);
    refused("9 bits", |c| c.format.bit_depth = 9);
    refused("16 bits", |c| c.format.bit_depth = 16);
    refused("frame rate 0", |c| c.frame_rate.num = 0);
    refused("frame rate infinite", |c| c.frame_rate.den = 0);
}

#[test]
fn other_pictures_are_refused() {
    let mut encoder = Encoder::new(config()).expect("an encoder");
    for (w, h, chroma, bits) in [
        (47, 32, ChromaFormat::Yuv420, 8),
        (48, 33, ChromaFormat::Yuv420, 8),
        (48, 32, ChromaFormat::Yuv444, 8),
        (48, 32, ChromaFormat::Yuv420, 10),
    ] {
        assert!(encoder.push(Picture::new(format(w, h, chroma, bits))).is_err());
    }
    let mut loud = Picture::new(config().format);
    loud.planes[0].row_mut(3)[3] = 256;
    assert!(encoder.push(loud).is_err(), "a sample beyond the bit depth");
    let mut poor = Picture::new(config().format);
    poor.planes.pop();
    assert!(encoder.push(poor).is_err(), "a plane too few");
}

#[test]
fn header_tells_the_settings() {
    let mut config = config();
    (config.frame_rate.num, config.frame_rate.den) = (30000, 1001);
    (config.sample_aspect.num, config.sample_aspect.den) = (16, 15);
    config.color = girih::Color { primaries: 9, transfer: 16, matrix: 9, full_range: true };
    let encoder = Encoder::new(config.clone()).expect("an encoder");
    let decoder = Decoder::new(&encoder.header(), Limits::default()).expect("a header");
    let info = decoder.info();
    assert_eq!(info.format, config.format);
    assert_eq!(info.color, config.color);
    assert_eq!((info.frame_rate, info.sample_aspect), (config.frame_rate, config.sample_aspect));
}

#[test]
fn limits_hold() {
    let encoder = Encoder::new(config()).expect("an encoder");
    let limits = |max_pixels| Limits { max_pixels, ..Limits::default() };
    assert!(matches!(Decoder::new(&encoder.header(), limits(48 * 32 - 1)), Err(Error::Limit(_))));
    assert!(Decoder::new(&encoder.header(), limits(48 * 32)).is_ok());
    let small = Limits { max_packet: 10, ..Limits::default() };
    let mut decoder = Decoder::new(&encoder.header(), small).expect("a header");
    assert!(matches!(decoder.push(&[0; 11], 0), Err(Error::Limit(_))));
}

#[test]
fn hashes_are_optional_and_small() {
    let source = clip(Scene::Occlusion, config().format, 5);
    let mut config = config();
    let without = encode(&config, &source).expect("encoded");
    config.hashes = true;
    let with = encode(&config, &source).expect("encoded");
    assert_eq!(decode(&without, 1).expect("decoded"), decode(&with, 1).expect("decoded"));
    let more = with.size() - without.size();
    // The key frame has its hash in any case.
    assert!((4 * 4..=4 * 6).contains(&more), "{more} bytes for 4 more hashes");
}

#[test]
fn a_slower_preset_and_a_tune_still_decode() {
    let f = format(64, 48, ChromaFormat::Yuv420, 8);
    let source = clip(Scene::Mix, f, 6);
    for tune in [Tune::Eye, Tune::Psnr, Tune::Ssim] {
        let mut config = Config::new(f);
        (config.tune, config.preset, config.hashes) = (tune, Preset::Slow, true);
        assert_eq!(decode(&encode(&config, &source).expect("encoded"), 2).expect("decoded").len(), 6);
    }
}

#[test]
fn a_still_clip_costs_little() {
    let f = format(64, 64, ChromaFormat::Yuv420, 8);
    let one = clip(Scene::Zoom, f, 1);
    let still: Vec<Picture> = (0..10).map(|i| Picture { pts: i, ..one[0].clone() }).collect();
    let config = Config::new(f);
    let (one, ten) = (encode(&config, &one).expect("encoded"), encode(&config, &still).expect("encoded"));
    assert!(ten.size() < one.size() * 3 / 2 + 100, "{} bytes after {}", ten.size(), one.size());
}

#[test]
fn an_empty_stream_is_one() {
    let stream = encode(&config(), &[]).expect("encoded");
    assert!(stream.packets.is_empty());
    assert_eq!(decode(&stream, 1), Ok(Vec::new()));
}
