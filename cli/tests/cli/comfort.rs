//! Long work done well: stopping and going on, parts, numbered images, progress for programs, defaults from a file.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use girih::{ChromaFormat, Picture};
use girih_samples::Scene;
use girih_tests::program::{Folder, girih};
use girih_tests::tools::{ffmpeg, have};
use girih_tests::{clip, format, psnr};

use crate::small;

fn film(frames: usize) -> Vec<Picture> {
    clip(Scene::Mix, format(64, 48, ChromaFormat::Yuv420, 8), frames)
}

#[test]
fn resumed_runs_give_the_same_bytes() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film(40));
    let encode = "encode in.y4m --preset ultrafast --keyint 10";
    folder.girih(&format!("{encode} -o whole.girih")).ok();
    folder.girih(&format!("{encode} -o whole.mkv")).ok();
    let whole = folder.read("whole.girih");
    // What a stopped run leaves is a file; what a killed run leaves is a piece under another name.
    folder.girih(&format!("{encode} -o a.girih --frames 25")).ok();
    folder.girih(&format!("{encode} -o a.mkv --frames 25")).ok();
    folder.write(".b-1234.part.girih", &whole[..whole.len() * 3 / 4]);
    folder.write(".c-1234.part.girih", b"GI");
    let matroska = folder.read("whole.mkv");
    folder.write(".d-77.part.mkv", &matroska[..matroska.len() * 3 / 4]);
    for name in ["a.girih", "b.girih", "c.girih", "a.mkv", "d.mkv"] {
        folder.girih(&format!("{encode} -o {name} --resume")).ok();
        let expected = if name.ends_with("mkv") { &matroska } else { &whole };
        assert!(folder.read(name) == *expected, "{name}");
    }
    let names = folder.names();
    assert!(!names.iter().any(|n| n.contains("part")), "{names:?}");
    // Nor does it matter when there is nothing to go on from, or nothing to do.
    folder.girih(&format!("{encode} -o new.girih --resume")).ok();
    folder.girih(&format!("{encode} -o new.girih --resume")).ok();
    assert!(folder.read("new.girih") == whole);
    // Matroska makes the header's length even, which it is here or there.
    for preset in ["ultrafast --crf 31", "fast --keyint 3"] {
        let encode = format!("encode other.y4m -o e.mkv --preset {preset}");
        for size in [(64, 48), (300, 40)] {
            let format = format(size.0, size.1, ChromaFormat::Yuv420, 8);
            folder.write_clip("other.y4m", &clip(Scene::Mix, format, 7));
            folder.girih(&format!("{encode} --overwrite")).ok();
            let whole = folder.read("e.mkv");
            folder.girih(&format!("{encode} --resume")).ok();
            assert!(folder.read("e.mkv") == whole, "{size:?}");
        }
    }
    folder.write_clip("other.y4m", &small(3));
    let line = folder.girih("encode other.y4m -o a.girih --preset ultrafast --resume").fails(1);
    assert!(line.contains("a.girih"), "{line}");
    assert!(folder.read("a.girih") == whole);
}

#[cfg(unix)]
#[test]
fn interrupted_runs_leave_a_valid_file() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &clip(Scene::Mix, format(176, 144, ChromaFormat::Yuv420, 8), 200));
    for name in ["out.girih", "out.mkv"] {
        let mut child = Command::new(girih())
            .args(["encode", "in.y4m", "-o", name, "--preset", "slow"])
            .current_dir(folder.path("."))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        // Long enough for some frames, too short for all.
        sleep(Duration::from_millis(1500));
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().is_ok_and(|s| s.success()));
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(130));
        folder.girih(&format!("decode {name} -o out.y4m --verify --overwrite")).ok();
        let frames = folder.read_clip("out.y4m").len();
        assert!((1..200).contains(&frames), "{frames}");
    }
    assert_eq!(folder.names(), ["in.y4m", "out.girih", "out.mkv", "out.y4m"]);
}

#[test]
fn numbered_images_in_and_out() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film(5));
    folder.girih("decode in.y4m -o a%03d.png").ok();
    assert_eq!(folder.names(), ["a001.png", "a002.png", "a003.png", "a004.png", "a005.png", "in.y4m"]);
    folder.girih("encode a%03d.png -o b.girih --crf 6 --preset ultrafast --fps 30000/1001").ok();
    let info = folder.girih("info b.girih").ok();
    assert!(info.contains("30000/1001"), "{info}");
    folder.girih("decode b.girih -o b%d.png").ok();
    for i in 1..=5 {
        let image = |name: String| image::open(folder.path(&name)).expect("a PNG").to_rgb8();
        let (a, b) = (image(format!("a{i:03}.png")), image(format!("b{i}.png")));
        let off: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        assert!(off < 6 * a.as_raw().len() as u64, "{i}: {off}");
    }
    let line = folder.girih("decode b.girih -o b%d.png").fails(1);
    assert!(line.contains("b1.png"), "{line}");
    let line = folder.girih("encode none%d.png -o c.girih").fails(1);
    assert!(line.contains("none%d.png"), "{line}");
    fs::remove_file(folder.path("a003.png")).expect("removed");
    folder.girih("encode a%03d.png -o d.girih --preset ultrafast").ok();
    folder.girih("decode d.girih -o d.y4m").ok();
    assert_eq!(folder.read_clip("d.y4m").len(), 2, "a gap ends the film");
}

#[test]
fn starts_are_exact() {
    let folder = Folder::new();
    let source = film(60);
    folder.write_clip("in.y4m", &source);
    folder.girih("encode in.y4m -o in.girih --crf 4 --preset ultrafast --keyint 16").ok();
    folder.girih("encode in.girih -o in.mkv --copy").ok();
    let mut files = vec!["in.girih", "in.mkv"];
    if have("ffmpeg") {
        ffmpeg(&folder, "-i in.y4m -c:v libx264 -g 12 -bf 3 -crf 4 in.mp4");
        files.push("in.mp4");
    }
    for file in files {
        for start in [1, 15, 16, 47, 58] {
            let part = format!("encode {file} -o p.girih --crf 4 --preset ultrafast --overwrite");
            folder.girih(&format!("{part} --start {start} --frames 2")).ok();
            folder.girih("decode p.girih -o p.y4m --overwrite").ok();
            let part = folder.read_clip("p.y4m");
            for (i, p) in part.iter().enumerate() {
                let at = |n: usize| psnr(&source[n..=n], std::slice::from_ref(p), 0);
                let best = (0..60).max_by(|a, b| at(*a).total_cmp(&at(*b)));
                assert_eq!(best, Some(start + i), "{file} from {start}");
            }
        }
        let line = folder.girih(&format!("encode {file} -o q.girih --start 60")).fails(1);
        assert!(line.contains(file) && line.contains("60"), "{line}");
    }
}

#[test]
fn json_lines_end_with_a_summary() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film(12));
    let out = folder.girih("encode in.y4m -o a.girih --preset ultrafast --json").ok();
    let lines: Vec<serde_json::Value> =
        out.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect();
    let (last, progress) = lines.split_last().expect("a summary");
    assert_eq!(last["event"], "done");
    assert_eq!(last["bytes"].as_u64(), Some(folder.size("a.girih")));
    assert!(progress.iter().all(|p| p["event"] == "progress" && p["frame"].is_u64()), "{out}");
}

#[test]
fn defaults_come_from_a_file() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &film(3));
    folder.write("girih.toml", b"[encode]\npreset = \"ultrafast\"\ncrf = 45\noverwrite = true\n");
    folder.girih("encode in.y4m -o a.girih --config girih.toml").ok();
    folder.girih("encode in.y4m -o b.girih --preset ultrafast --crf 45").ok();
    assert!(folder.read("a.girih") == folder.read("b.girih"));
    folder.girih("--config girih.toml encode in.y4m -o a.girih --crf 12").ok();
    folder.girih("encode in.y4m -o c.girih --preset ultrafast --crf 12").ok();
    assert!(folder.read("a.girih") == folder.read("c.girih"), "the command line counts more");
    folder.girih("--config girih.toml encode in.y4m -o a.girih --target-psnr 33").ok();
    folder.girih("--config girih.toml encode a.girih -o a.mkv --copy").ok();
    // As is usual, the last of an option given twice counts.
    folder.girih("encode in.y4m -o d.girih --preset slow --crf 3 --preset ultrafast --crf 12").ok();
    assert!(folder.read("d.girih") == folder.read("c.girih"));
    folder.girih("encode in.y4m -o d.girih --overwrite --preset ultrafast --overwrite").ok();
    for (text, word) in
        [("[encode]\nspeed = 1\n", "speed"), ("[polish]\n", "polish"), ("encode = [", "bad.toml")]
    {
        folder.write("bad.toml", text.as_bytes());
        let line = folder.girih("encode in.y4m -o d.girih --config bad.toml").fails(1);
        assert!(line.contains("bad.toml") && line.contains(word), "{line}");
    }
    folder.girih("encode in.y4m -o d.girih --config absent.toml").fails(1);
    folder.write("bad.toml", b"[encode]\ncrf = 99\n");
    folder.girih("encode in.y4m -o d.girih --config bad.toml").fails(2);
}

#[test]
fn completions_and_manual() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.girih(&format!("completions {shell}")).ok().contains("target-psnr"), "{shell}");
    }
    assert!(folder.girih("man").ok().contains(".SH NAME"));
    assert!(folder.girih("man encode").ok().contains("preset"));
    folder.girih("man polish").fails(1);
    assert!(!folder.girih("--help").ok().contains("completions"));
}
