//! Encode, decode, metrics, info: files, pipes, options.

use girih::Picture;
use girih_samples::{Scene, y4m};
use girih_tests::program::Folder;
use girih_tests::{LAYOUTS, clip, format, psnr};

use crate::small;

#[test]
fn encode_decode_metrics_info() {
    let folder = Folder::new();
    let source = small(8);
    folder.write_clip("in.y4m", &source);
    folder.girih("encode in.y4m -o out.girih --crf 20 --preset fast").ok();
    folder.girih("decode out.girih -o out.y4m --verify").ok();
    let decoded = folder.read_clip("out.y4m");
    assert_eq!(decoded.len(), 8);
    let quality = psnr(&source, &decoded, 0);
    assert!(quality > 34.0, "{quality:.2} dB");
    assert!(folder.size("out.girih") * 4 < folder.size("in.y4m"));

    let metrics = folder.girih("metrics in.y4m out.y4m").ok();
    assert!(metrics.to_lowercase().contains("psnr") && metrics.to_lowercase().contains("ssim"), "{metrics}");
    assert_eq!(metrics.lines().count(), 2, "a heading and a summary");
    let lines = folder.girih("metrics in.y4m out.y4m --per-frame").ok();
    assert_eq!(lines.lines().count(), 10, "a heading, eight frames and a summary");
    let last =
        |text: &str| text.lines().last().and_then(|l| l.trim().split_once(' ').map(|(_, l)| l.to_owned()));
    assert_eq!(last(&metrics), last(&lines));
    let json = folder.girih("metrics in.y4m out.y4m --json").ok();
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["frames"].as_array().map(Vec::len), Some(8));
    let told = value["overall"]["psnr_y"].as_f64().expect("a number");
    assert!((told - quality).abs() < 0.5, "{told} against {quality}");
    let info = folder.girih("info out.girih").ok();
    for (name, value) in [("width", "80"), ("height", "56"), ("frames", "8")] {
        let told = info.lines().any(|l| l.split_whitespace().eq([name, value]));
        assert!(told, "no {name} {value} in\n{info}");
    }
}

#[test]
fn y4m_through_pipes() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(4));
    folder.girih_with("encode - -o out.girih --preset ultrafast", &folder.read("in.y4m")).ok();
    let run = folder.girih("decode out.girih -o -");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    folder.girih("decode out.girih -o out.y4m").ok();
    let (format, piped) = y4m::read(&mut &run.stdout[..]).expect("y4m on standard output");
    assert_eq!((format.width, format.height), (80, 56));
    assert_eq!(piped, folder.read_clip("out.y4m"));
    assert_eq!(folder.names(), ["in.y4m", "out.girih", "out.y4m"]);
}

#[test]
fn every_sample_layout() {
    let folder = Folder::new();
    for (chroma, bits) in LAYOUTS {
        let source = clip(Scene::Occlusion, format(33, 17, chroma, bits), 3);
        folder.write_clip("in.y4m", &source);
        folder.girih("encode in.y4m -o out.girih --crf 12 --preset ultrafast --overwrite").ok();
        folder.girih("decode out.girih -o out.y4m --verify --overwrite").ok();
        let decoded = folder.read_clip("out.y4m");
        assert_eq!(decoded[0].format, source[0].format);
        for p in 0..chroma.planes() {
            let quality = psnr(&source, &decoded, p);
            assert!(quality > 33.0, "{chroma:?} {bits}, plane {p}: {quality:.2} dB");
        }
    }
}

/// The frame of `source` that is closest to a picture.
fn closest(source: &[Picture], picture: &Picture) -> usize {
    let distance = |i: &usize| -psnr(&source[*i..=*i], std::slice::from_ref(picture), 0);
    (0..source.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("a source")
}

#[test]
fn start_and_frames_choose() {
    let folder = Folder::new();
    let source = clip(Scene::Pan, format(96, 48, girih::ChromaFormat::Yuv420, 8), 10);
    folder.write_clip("in.y4m", &source);
    for (options, first, count) in [("--start 6", 6, 4), ("--frames 3", 0, 3), ("--start 2 --frames 5", 2, 5)]
    {
        folder
            .girih(&format!("encode in.y4m -o out.girih --crf 8 --preset ultrafast --overwrite {options}"))
            .ok();
        folder.girih("decode out.girih -o out.y4m --overwrite").ok();
        let decoded = folder.read_clip("out.y4m");
        let chosen: Vec<usize> = decoded.iter().map(|p| closest(&source, p)).collect();
        assert_eq!(chosen, (first..first + count).collect::<Vec<_>>(), "{options}");
    }
}

#[test]
fn threads_and_runs_give_the_same_file() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(6));
    for (name, options) in [("a", "--threads 1"), ("b", "--threads 3"), ("c", ""), ("d", "--json")] {
        folder.girih(&format!("encode in.y4m -o {name}.girih --preset fast {options}")).ok();
        assert!(folder.read("a.girih") == folder.read(&format!("{name}.girih")), "{options}");
    }
}

#[test]
fn quality_preset_and_key_frames_matter() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(6));
    let size = |options: &str| {
        folder.girih(&format!("encode in.y4m -o out.girih --preset fast --overwrite {options}")).ok();
        folder.girih("decode out.girih -o out.y4m --verify --overwrite").ok();
        folder.size("out.girih")
    };
    let default = size("");
    assert_eq!(size("--crf 30"), default, "30 is the default");
    assert!(size("--crf 18") > default && size("--crf 45") < default);
    assert!(size("--crf 30.7") != default, "fractions count");
    assert!(size("--keyint 1") > default);
    size("--tune ssim");
}

#[test]
fn a_size_is_met() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &clip(Scene::Pan, format(112, 64, girih::ChromaFormat::Yuv420, 8), 25));
    // One second of film, so 64 kbit/s are 8000 bytes too.
    for options in ["--size 8k", "--bitrate 64k"] {
        let run =
            folder.girih(&format!("encode in.y4m -o out.girih --preset ultrafast --overwrite {options}"));
        if run.not_built() {
            continue;
        }
        run.ok();
        let size = folder.size("out.girih");
        assert!((5600..=8800).contains(&size), "{options}: {size} bytes");
    }
}

#[test]
fn json_is_json() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(3));
    let out = folder.girih("encode in.y4m -o out.girih --preset ultrafast --json").ok();
    let value: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"));
    assert!(value.is_object(), "{out}");
}
