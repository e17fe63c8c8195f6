//! Files of other programs: Matroska and MP4, the committed clips, real clips where there are any.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use girih::ChromaFormat;
use girih_samples::{Scene, y4m};
use girih_tests::program::Folder;
use girih_tests::{clip, format, psnr};

use crate::small;

/// Decodes any file with the `ffmpeg` program.
fn ffmpeg(input: &Path, format: &str) -> Vec<girih::Picture> {
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(input)
        .args(["-pix_fmt", format, "-strict", "-1", "-f", "yuv4mpegpipe", "-"])
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg runs: `make setup` installs it");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    y4m::read(&mut &out.stdout[..]).expect("y4m from ffmpeg").1
}

#[test]
fn matroska_out_and_in() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(7));
    let run = folder.girih("encode in.y4m -o out.mkv --preset ultrafast");
    if run.not_built() {
        return assert_eq!(folder.names(), ["in.y4m"]);
    }
    run.ok();
    folder.girih("encode in.y4m -o out.girih --preset ultrafast").ok();
    folder.girih("decode out.mkv -o a.y4m --verify").ok();
    folder.girih("decode out.girih -o b.y4m").ok();
    assert_eq!(folder.read_clip("a.y4m"), folder.read_clip("b.y4m"));
    let info = folder.girih("info out.mkv").ok();
    assert!(info.contains("80") && info.contains("56"), "{info}");
}

#[test]
fn decode_transcodes() {
    let folder = Folder::new();
    let source = small(7);
    folder.write_clip("in.y4m", &source);
    folder.girih("encode in.y4m -o a.girih --preset ultrafast --crf 16").ok();
    folder.girih("decode a.girih -o a.mp4").ok();
    let pictures = ffmpeg(&folder.path("a.mp4"), "yuv420p");
    assert_eq!(pictures.len(), 7);
    assert!(psnr(&source, &pictures, 0) > 28.0);
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/clips")
}

#[test]
fn committed_clips_are_what_the_generator_makes() {
    use ChromaFormat::{Mono, Yuv420, Yuv444};
    for (name, scene, (w, h), frames, chroma, bits, pixels) in [
        ("mix_176x144", Scene::Mix, (176, 144), 9, Yuv420, 8, "yuv420p"),
        ("occlusion_144x80", Scene::Occlusion, (144, 80), 8, Yuv420, 8, "yuv420p"),
        ("text_128x72_444", Scene::Text, (128, 72), 6, Yuv444, 8, "yuv444p"),
        ("pan_80x64_10bit", Scene::Pan, (80, 64), 6, Yuv420, 10, "yuv420p10le"),
        ("zoom_65x49", Scene::Zoom, (65, 49), 8, Yuv420, 8, "yuv420p"),
        ("noise_64x64_mono", Scene::Noise, (64, 64), 4, Mono, 8, "gray"),
        ("flat_96x64", Scene::Flat, (96, 64), 12, Yuv420, 8, "yuv420p"),
    ] {
        let file = ffmpeg(&samples().join(format!("{name}.mkv")), pixels);
        assert!(file == clip(scene, format(w, h, chroma, bits), frames), "{name}");
    }
}

#[test]
fn committed_clips_go_through() {
    let folder = Folder::new();
    for name in ["pan_80x64_10bit", "zoom_65x49", "noise_64x64_mono"] {
        let input = samples().join(format!("{name}.mkv"));
        fs::copy(&input, folder.path("in.mkv")).expect("copied");
        folder.girih("encode in.mkv -o out.girih --crf 14 --preset fast --overwrite").ok();
        folder.girih("decode out.girih -o out.y4m --verify --overwrite").ok();
        folder.girih("metrics in.mkv out.y4m").ok();
        let decoded = folder.read_clip("out.y4m");
        let source = ffmpeg(
            &input,
            match name {
                "pan_80x64_10bit" => "yuv420p10le",
                "zoom_65x49" => "yuv420p",
                _ => "gray",
            },
        );
        assert_eq!(decoded[0].format, source[0].format, "{name}");
        assert!(psnr(&source, &decoded, 0) > 36.0, "{name}");
    }
}

/// Runs where there are real clips: in `$GIRIH_CLIPS`, or `shared/clips` beside the repository.
#[test]
fn real_clips() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/clips");
    let clips = env::var_os("GIRIH_CLIPS").map_or(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(&clips) else {
        eprintln!("no clips in {}: nothing to do", clips.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    paths.retain(|p| p.metadata().is_ok_and(|m| m.is_file() && m.len() < 8 << 20));
    paths.sort();
    let folder = Folder::new();
    for path in paths.iter().take(2) {
        let name = path.display().to_string();
        assert!(!name.contains(' '), "these tests split words at blanks: {name}");
        folder
            .girih(&format!("encode {name} -o a.girih --start 2 --frames 3 --preset fast --overwrite"))
            .ok();
        folder.girih("decode a.girih -o a.y4m --verify --overwrite").ok();
        let source = ffmpeg(path, "yuv420p");
        let quality = psnr(&source[2..5], &folder.read_clip("a.y4m"), 0);
        assert!(quality > 26.0, "{name}: {quality:.2} dB");
    }
}
