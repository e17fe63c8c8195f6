//! `girih play`: what its window really shows, on a screen that nobody sees.

use std::time::Instant;

use girih::ChromaFormat;
use girih_samples::Scene;
use girih_tests::program::{Folder, Run};
use girih_tests::screen::Screen;
use girih_tests::tools::{ffmpeg, have};
use girih_tests::{clip, format};
use image::RgbImage;

/// As large as pictures must be to be shown as they are.
const SIZE: (usize, usize) = (320, 240);

struct Theatre {
    folder: Folder,
    screen: Screen,
}

impl Theatre {
    fn open() -> Option<Self> {
        Screen::open().map(|screen| Theatre { folder: Folder::new(), screen })
    }

    fn play(&self, words: &str) -> Run {
        self.folder.girih_on(&self.screen.display, &format!("play {words}"), &[])
    }

    /// What the window shows.
    fn show(&self, words: &str) -> RgbImage {
        self.play(&format!("{words} --screenshot shot.png")).ok();
        self.image("shot.png")
    }

    fn image(&self, name: &str) -> RgbImage {
        image::open(self.folder.path(name)).unwrap_or_else(|e| panic!("{name}: {e}")).into_rgb8()
    }

    /// A film of two frames a second with key frames now and then, and its frames as images.
    fn film(&self, frames: usize) {
        let pictures = clip(Scene::Mix, format(SIZE.0, SIZE.1, ChromaFormat::Yuv420, 8), frames);
        self.folder.write_clip("in.y4m", &pictures);
        self.folder.girih("decode in.y4m -o in%02d.png").ok();
        self.folder.girih("encode in%02d.png --fps 2 -o a.girih --preset ultrafast --keyint 9").ok();
        self.folder.girih("encode a.girih -o a.mkv --copy").ok();
        self.folder.girih("decode a.girih -o out%02d.png").ok();
    }
}

/// Largest difference between two images.
#[track_caller]
fn difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn the_window_shows_the_decoded_frame() {
    let Some(t) = Theatre::open() else { return };
    t.film(24);
    let first = t
        .folder
        .names()
        .iter()
        .filter_map(|n| n.strip_prefix("out")?.strip_suffix(".png")?.parse().ok())
        .min();
    let first: usize = first.expect("frames");
    // Seconds times two are frames: an arrow is ten of them.
    for (words, frame) in [
        ("--at 0", 0),
        ("--at 8", 8),
        ("--at 17", 17),
        ("--at 999", 23),
        ("--at 3 --press right", 13),
        ("--at 21 --press left,left", 1),
        ("--at 12 --press home", 0),
        ("--at 2 --press end", 23),
        ("--at 7 --press .,.", 9),
        ("--at 9 --press comma,comma", 7),
        ("--at 5 --press .,comma,right,comma,.,.", 16),
        ("--at 20 --press pageup", 23),
        ("--at 20 --press pagedown", 0),
        ("--at 4 --press o,i,o,i,o,o", 4),
    ] {
        let files: &[&str] = if frame % 2 == 1 { &["a.girih", "a.mkv"] } else { &["a.girih"] };
        for file in files {
            let shot = t.show(&format!("{file} {words}"));
            let decoded = t.image(&format!("out{:02}.png", first + frame));
            let worst = difference(&shot, &decoded);
            assert!(worst <= 1, "{file} {words}: off by {worst}");
        }
    }
}

#[test]
fn overlays_and_statistics_are_seen() {
    let Some(t) = Theatre::open() else { return };
    t.film(7);
    let looks: Vec<RgbImage> = ["", "--press o", "--press o,o", "--press o,o,o", "--press i"]
        .iter()
        .map(|press| t.show(&format!("a.girih --at 6 {press}")))
        .collect();
    for (i, a) in looks.iter().enumerate() {
        for b in &looks[..i] {
            let changed = a.pixels().zip(b.pixels()).filter(|(a, b)| a != b).count();
            assert!(changed > 1000, "view {i}: {changed} pixels");
        }
    }
    // What is not in Girih has no blocks to show, but is played as well.
    let shot = t.show("in.y4m --at 6 --press o");
    assert!(difference(&shot, &t.show("in.y4m --at 6")) > 30);
}

#[test]
fn all_kinds_of_pictures() {
    let Some(t) = Theatre::open() else { return };
    for (i, (chroma, depth)) in girih_tests::LAYOUTS.into_iter().enumerate().skip(1) {
        t.folder.write_clip("in.y4m", &clip(Scene::Pan, format(SIZE.0, SIZE.1, chroma, depth), 1));
        t.folder.girih(&format!("encode in.y4m -o {i}.girih --preset ultrafast")).ok();
        t.folder.girih(&format!("decode {i}.girih -o {i}.png")).ok();
        let worst = difference(&t.show(&format!("{i}.girih")), &t.image(&format!("{i}.png")));
        assert!(worst <= 1, "{chroma:?} {depth}: off by {worst}");
    }
    // An image, small and enlarged; nothing follows it.
    let small = RgbImage::from_pixel(64, 48, image::Rgb([200, 40, 90]));
    small.save(t.folder.path("small.png")).expect("an image");
    let shot = t.show("small.png --press .,right");
    assert_eq!(shot.dimensions(), (320, 240));
    assert!(shot.pixels().all(|p| p.0.iter().zip([200u8, 40, 90]).all(|(a, b)| a.abs_diff(b) <= 2)));
    if have("ffmpeg") {
        ffmpeg(&t.folder, "-i 2.png -vf setsar=2/1 -c:v libx264 -pix_fmt yuv420p wide.mkv");
        assert_eq!(t.show("wide.mkv").dimensions(), (640, 240));
        t.folder.girih("encode wide.mkv -o wide.girih --preset ultrafast").ok();
        assert_eq!(t.show("wide.girih").dimensions(), (640, 240));
    }
}

#[test]
fn a_film_plays_in_its_time() {
    let Some(t) = Theatre::open() else { return };
    // 25 frames a second for a second.
    t.folder.write_clip("in.y4m", &clip(Scene::Mix, format(96, 64, ChromaFormat::Yuv420, 8), 25));
    t.folder.girih("encode in.y4m -o a.girih --preset ultrafast").ok();
    let start = Instant::now();
    let told = t.play("a.girih --once").ok();
    let (passed, counts) = (start.elapsed().as_secs_f64(), counts(&told));
    assert!((0.9..60.0).contains(&passed), "{passed} s");
    assert_eq!(counts.0 + counts.1, 25, "{told}");
    if !have("ffmpeg") {
        return;
    }
    // With a sound device or without one.
    ffmpeg(&t.folder, "-i in.y4m -f lavfi -i sine=d=1 -c:v libx264 -preset ultrafast -c:a aac in.mkv");
    t.folder.girih("encode in.mkv -o a.mkv --preset ultrafast").ok();
    let run = t.play("a.mkv --once");
    assert!(run.stderr.is_empty() || run.stderr.contains("a.mkv: playing without sound"), "{}", run.stderr);
    assert!(run.stderr.lines().count() <= 1, "{}", run.stderr);
    let counts = self::counts(&run.ok());
    assert_eq!(counts.0 + counts.1, 25);
}

/// Frames shown and dropped.
fn counts(told: &str) -> (u64, u64) {
    let json: serde_json::Value = serde_json::from_str(told).unwrap_or_else(|e| panic!("{e}: {told}"));
    let number = |key: &str| json[key].as_u64().unwrap_or_else(|| panic!("no {key}: {told}"));
    (number("shown"), number("dropped"))
}

#[test]
fn failures_are_one_line() {
    let folder = Folder::new();
    folder.write("bad.girih", b"GIRH but not for long");
    folder.write("empty.mkv", b"");
    for name in ["absent.girih", "absent.mkv", "bad.girih", "empty.mkv", "."] {
        let line = folder.girih(&format!("play {name}")).fails(1);
        assert!(line.contains(name), "{line}");
    }
    folder.write_clip("in.y4m", &crate::small(1));
    let line = folder.girih("play in.y4m").fails(1);
    assert!(line.contains("in.y4m") && line.contains("no display"), "{line}");
    let line = folder.girih_on(":4242", "play in.y4m", &[]).fails(1);
    assert!(line.contains("in.y4m") && line.contains("cannot open a window"), "{line}");
    let Some(t) = Theatre::open() else { return };
    t.film(4);
    let film = t.folder.read("a.girih");
    t.folder.write("cut.girih", &film[..film.len() / 2]);
    let line = t.play("cut.girih --screenshot shot.png --at 23").fails(1);
    assert!(line.contains("cut.girih"), "{line}");
    t.play("a.girih --press o").fails(2);
    let line = t.play("a.girih --screenshot no/folder/shot.png").fails(1);
    assert!(line.contains("no/folder/shot.png"), "{line}");
}
