//! Samples x properties: what must hold for every clip, whatever its size, format and settings.

use girih::{ChromaFormat, Config, Format, Preset};
use girih_samples::Scene;
use girih_tests::{LAYOUTS, clip, decode, encode, format, psnr};

const PRESETS: [Preset; 5] =
    [Preset::Ultrafast, Preset::Fast, Preset::Medium, Preset::Slow, Preset::Veryslow];

struct Sample {
    scene: Scene,
    width: usize,
    height: usize,
    frames: usize,
    /// Varies what is not tried in all combinations.
    turn: usize,
}

impl Sample {
    fn format(&self, layout: usize) -> Format {
        let (chroma, bits) = LAYOUTS[layout % LAYOUTS.len()];
        format(self.width, self.height, chroma, bits)
    }

    fn config(&self, layout: usize, preset: usize, crf: f32) -> Config {
        let mut config = Config::new(self.format(layout));
        (config.preset, config.crf) = (PRESETS[preset % PRESETS.len()], crf);
        (config.hashes, config.threads) = (true, 1);
        config
    }

    /// Timestamps with gaps.
    fn clip(&self, layout: usize) -> Vec<girih::Picture> {
        let mut pictures = clip(self.scene, self.format(layout), self.frames);
        pictures.iter_mut().for_each(|p| p.pts = 3 * p.pts + p.pts % 2 - 4);
        pictures
    }
}

/// The decoder gives the encoder's pictures (by hash), all of them, in order, with their timestamps;
/// a coarser quantiser gives fewer bytes and a worse picture.
fn decodes(sample: &Sample) {
    for layout in 0..LAYOUTS.len() {
        let source = sample.clip(layout);
        let mut last: Option<(f64, usize)> = None;
        for (i, crf) in [2.0, 24.0, 45.0, 63.0].into_iter().enumerate() {
            let config = sample.config(layout, sample.turn + layout + i, crf);
            let what = format!("{:?} {:?} crf {crf}", config.format, config.preset);
            let stream = encode(&config, &source).unwrap_or_else(|e| panic!("{what}: encode: {e}"));
            let decoded = decode(&stream, 1).unwrap_or_else(|e| panic!("{what}: decode: {e}"));
            let pts = |p: &[girih::Picture]| p.iter().map(|p| p.pts).collect::<Vec<_>>();
            assert_eq!(pts(&decoded), pts(&source), "{what}");
            assert!(decoded.iter().all(|p| p.validate().is_ok()), "{what}");
            assert_eq!(stream.packets.len(), source.len(), "{what}");
            if sample.width * sample.height < 256 {
                continue;
            }
            let now = (psnr(&source, &decoded, 0), stream.size());
            assert!(i > 0 || now.0 > 42.0, "{what}: only {:.2} dB", now.0);
            assert!(now.0 > 10.0, "{what}: only {:.2} dB", now.0);
            // Presets differ from step to step; at the coarse end hardly anything is left to lose.
            let slack = if crf > 60.0 { 1.0 } else { 0.0 };
            if let Some(last) = last {
                assert!(now.0 < last.0 + slack && now.1 < last.1 + 30, "{what}: {now:.2?} after {last:.2?}");
            }
            last = Some(now);
        }
    }
}

/// The number of threads changes nothing.
fn threads_do_not_matter(sample: &Sample) {
    let mut config = sample.config(sample.turn, sample.turn + 2, 28.0);
    let source = sample.clip(sample.turn);
    let stream = encode(&config, &source).expect("encoded");
    let decoded = decode(&stream, 1).expect("decoded");
    for threads in [2, 4, 0] {
        config.threads = threads;
        assert!(encode(&config, &source).expect("encoded") == stream, "encoder with {threads} threads");
        assert!(decode(&stream, threads).expect("decoded") == decoded, "decoder with {threads} threads");
    }
}

/// Nor with long pyramids and key frames between them, more pictures than wait for the encoder at once, and more rows of
/// superblocks in each frame than are searched at once.
#[test]
fn threads_do_not_matter_in_a_longer_film() {
    let format = Format { width: 136, height: 328, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    let source = clip(Scene::Pan, format, 100);
    for preset in [Preset::Ultrafast, Preset::Medium] {
        let mut config =
            Config { preset, crf: 40.0, threads: 1, hashes: true, keyint: 52, ..Config::new(format) };
        let stream = encode(&config, &source).expect("encoded");
        assert_eq!(decode(&stream, 1).expect("decoded").len(), source.len());
        for threads in [2, 5] {
            config.threads = threads;
            assert!(encode(&config, &source).expect("encoded") == stream, "{preset:?}, {threads} threads");
        }
    }
}

/// Decoding starts at every key frame, and key frames come as often as asked.
fn seeks(sample: &Sample) {
    let mut config = sample.config(sample.turn + 2, 1, 33.0);
    config.keyint = 3;
    let source = clip(sample.scene, config.format, 8);
    let stream = encode(&config, &source).expect("encoded");
    let all = decode(&stream, 1).expect("decoded");
    let mut keys: Vec<i64> = stream.packets.iter().filter(|p| p.key).map(|p| p.pts).collect();
    assert!(stream.packets[0].key);
    keys.push(8);
    assert!(keys.windows(2).all(|k| k[0] < k[1] && k[1] - k[0] <= 3), "{keys:?}");

    let mut decoder = girih::Decoder::new(&stream.header, girih::Limits::default()).expect("a header");
    decoder.set_verify(true);
    decoder.push(&stream.packets[0].data, 0).expect("decoded");
    for start in (0..stream.packets.len()).filter(|&i| stream.packets[i].key) {
        decoder.reset();
        let mut pictures = Vec::new();
        for packet in &stream.packets[start..] {
            decoder.push(&packet.data, packet.pts).expect("decoded");
            pictures.extend(std::iter::from_fn(|| decoder.next_picture()));
        }
        decoder.finish();
        pictures.extend(std::iter::from_fn(|| decoder.next_picture()));
        let first = stream.packets[start].pts;
        pictures.retain(|p| p.pts >= first);
        assert!(pictures == all[first as usize..], "from the key frame at {first}");
    }
}

macro_rules! properties {
    ($($name:ident: $scene:ident, $width:literal x $height:literal, $frames:literal, $turn:literal;)*) => {$(
        mod $name {
            use super::{Sample, Scene};
            const SAMPLE: Sample =
                Sample { scene: Scene::$scene, width: $width, height: $height, frames: $frames, turn: $turn };

            #[test]
            fn decodes() {
                super::decodes(&SAMPLE);
            }

            #[test]
            fn threads_do_not_matter() {
                super::threads_do_not_matter(&SAMPLE);
            }

            #[test]
            fn seeks() {
                super::seeks(&SAMPLE);
            }
        }
    )*};
}

properties! {
    pixel: Mix, 1 x 1, 4, 0;
    column: Pan, 1 x 19, 3, 1;
    crumb: Zoom, 7 x 5, 5, 2;
    block: Occlusion, 16 x 16, 6, 3;
    tall: Pan, 33 x 65, 5, 4;
    superblock: Cut, 64 x 64, 6, 5;
    wide: Text, 130 x 70, 4, 6;
    sliver: Noise, 200 x 8, 3, 7;
    fade: Fade, 48 x 40, 7, 8;
    film: Mix, 72 x 56, 9, 9;
}
