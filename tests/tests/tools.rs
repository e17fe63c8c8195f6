//! Coding tools that come in only where a picture suits them: that they do, that they pay, that both sides agree.

use girih::{Config, Picture, Preset};
use girih_samples::Scene;
use girih_tests::{LAYOUTS, Stream, clip, decode, encode, format, psnr};

/// Encodes with and without a tool; both decode, by the hashes in the stream.
fn with_and_without(tool: &str, config: &Config, source: &[Picture]) -> [Stream; 2] {
    [vec![], vec![tool.to_string()]].map(|without| {
        let mut config = config.clone();
        (config.hashes, config.control.without) = (true, without);
        let stream = encode(&config, source).expect("encoded");
        assert_eq!(decode(&stream, 2).expect("decoded").len(), source.len());
        stream
    })
}

/// A screen: glyphs of two or three colours on flat areas, at the border of the picture too.
fn screen(picture: &mut Picture, frame: usize) {
    let peak = picture.format.max_value();
    for (p, plane) in picture.planes.iter_mut().enumerate() {
        for y in 0..plane.height() {
            for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                let cell = (x / 3 * 7 + (y + frame / 2) / 5 * 13) % 11;
                let stroke = (x / 2 + cell * y) % 5 < 2 && !cell.is_multiple_of(3);
                *v =
                    if stroke { peak / 8 * (1 + p as u16) } else { peak - peak / 4 * u16::from(y % 96 > 70) };
            }
        }
    }
}

#[test]
fn palettes_on_screens() {
    for (chroma, bits) in LAYOUTS {
        let mut source = clip(Scene::Flat, format(150, 106, chroma, bits), 3);
        source.iter_mut().enumerate().for_each(|(i, p)| screen(p, i));
        for preset in [Preset::Ultrafast, Preset::Slow] {
            let mut config = Config::new(source[0].format);
            (config.preset, config.crf) = (preset, 20.0);
            let [with, without] = with_and_without("palette", &config, &source);
            let sizes = (with.size(), without.size());
            assert!(sizes.0 * 10 < sizes.1 * 9, "{chroma:?} {bits} {preset:?}: {sizes:?}");
        }
    }
}

#[test]
fn no_palettes_on_textures() {
    let source = clip(Scene::Pan, format(128, 96, LAYOUTS[0].0, LAYOUTS[0].1), 2);
    let [with, without] = with_and_without("palette", &Config::new(source[0].format), &source);
    assert!(with == without);
}

#[test]
fn weights_in_fades() {
    for (chroma, bits) in LAYOUTS {
        let source = clip(Scene::Fade, format(96, 64, chroma, bits), 24);
        let mut config = Config::new(source[0].format);
        (config.preset, config.crf) = (Preset::Medium, 24.0);
        let [with, without] = with_and_without("weights", &config, &source);
        // A doubling of the bits is worth some 4 dB.
        let worth = |s: &Stream| {
            let quality = psnr(&decode(s, 1).expect("decoded"), &source, 0);
            quality - 4.0 * (s.size() as f64).log2()
        };
        let gained = worth(&with) - worth(&without);
        assert!(gained > 0.1, "{chroma:?} {bits}: {gained} dB");
    }
}
