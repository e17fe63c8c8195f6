//! Rates, sizes and qualities that are asked for are met.

use girih::{ChromaFormat, Picture};
use girih_samples::Scene;
use girih_tests::program::Folder;
use girih_tests::{clip, format};

/// Six seconds with a cut in them.
fn film() -> Vec<Picture> {
    let format = format(80, 48, ChromaFormat::Yuv420, 8);
    let mut film = clip(Scene::Mix, format, 90);
    film.extend(clip(Scene::Pan, format, 60));
    film
}

fn off(bytes: u64, wanted: f64) -> f64 {
    100.0 * (bytes as f64 / wanted - 1.0)
}

#[test]
fn rates_and_sizes_are_met() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film());
    for (options, wanted) in [
        ("--bitrate 60k", 45_000.0),
        ("--bitrate 60k --passes 2", 45_000.0),
        ("--bitrate 25k --passes 2", 18_750.0),
        ("--size 30k", 30_000.0),
    ] {
        folder.girih(&format!("encode in.y4m -o a.girih --preset ultrafast --overwrite {options}")).ok();
        let off = off(folder.size("a.girih"), wanted);
        assert!(off.abs() < 3.0, "{options}: {off:+.2} %");
    }
    folder.girih("decode a.girih -o a.y4m --verify").ok();
    folder.girih("encode in.y4m -o b.girih --preset ultrafast --size 30k --threads 1").ok();
    folder.girih("encode in.y4m -o c.girih --preset ultrafast --size 30k --threads 3").ok();
    assert!(folder.read("b.girih") == folder.read("c.girih"));
    folder.girih("encode in.y4m -o m.mkv --preset ultrafast --size 30k").ok();
    let off = off(folder.size("m.mkv"), 30_000.0);
    assert!(off.abs() < 4.0, "{off:+.2} %");
    let line = folder.girih("encode in.y4m -o d.girih --size 100").fails(1);
    assert!(line.contains("d.girih"), "{line}");
    folder.girih_with("encode - -o e.girih --size 100k", &folder.read("in.y4m")).fails(1);
    folder.girih_with("encode - -o e.girih --preset ultrafast --bitrate 60k", &folder.read("in.y4m")).ok();
}

#[test]
fn one_pass_meets_the_rate_with_all_tools() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &clip(Scene::Zoom, format(96, 64, ChromaFormat::Yuv420, 8), 150));
    for (preset, kilobits) in [("fast", 40), ("fast", 120), ("medium", 80)] {
        let options = format!("--preset {preset} --bitrate {kilobits}k --overwrite");
        folder.girih(&format!("encode in.y4m -o a.girih {options}")).ok();
        let off = off(folder.size("a.girih"), f64::from(kilobits) * 750.0);
        assert!(off.abs() < 1.0, "{options}: {off:+.2} %");
    }
}

#[test]
fn qualities_are_met() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film()[..100]);
    for (options, field, wanted, tolerance) in
        [("--target-psnr 36", "psnr_y", 36.0, 0.6), ("--target-ssim 0.95", "ssim", 0.95, 0.01)]
    {
        folder.girih(&format!("encode in.y4m -o a.girih --preset ultrafast --overwrite {options}")).ok();
        let json = folder.girih("metrics in.y4m a.girih --json").ok();
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let told = value["overall"][field].as_f64().expect("a number");
        assert!((told - wanted).abs() < tolerance, "{options}: {told}");
    }
}

#[test]
fn peaks_are_held_down() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film());
    folder.girih("encode in.y4m -o a.girih --preset ultrafast --crf 10 --maxrate 60k --bufsize 30k").ok();
    let json = folder.girih("info a.girih --json").ok();
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let packets: Vec<f64> = value["packets"]
        .as_array()
        .expect("packets")
        .iter()
        .map(|p| 8.0 * p["bytes"].as_f64().expect("bytes"))
        .collect();
    // Over all stretches of two seconds: what comes in that time and what the buffer held.
    let most = packets.windows(50).map(|w| w.iter().sum::<f64>()).fold(0.0, f64::max);
    assert!(most < 2.0 * 60_000.0 + 30_000.0, "{most}");
}
