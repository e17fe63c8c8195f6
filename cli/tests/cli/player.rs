//! The player in a headless Chromium: the decoder as WebAssembly gives the pictures that it should, whatever comes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use girih::CodebookSet;
use girih_player::{Session, Step};
use girih_samples::Rng;
use girih_tests::browser::Server;
use girih_tests::damage::damage;
use girih_tests::program::Folder;
use girih_tests::tools::{ffmpeg, have};
use girih_tests::vectors::{self, MANIFEST, Vector};
use serde_json::{Value, json};

const WATCHED: &str = "pan.girih";
/// Pictures a second of the film with sound, and how many.
const RATE: usize = 5;
const FRAMES: usize = 90;
/// Most bytes of the module beside the codebook.
const MOST_CODE: u64 = 300_000;

/// The built player and a browser, or a line that says what is missing.
fn player() -> Option<(PathBuf, PathBuf)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tools = top.join("samples/player");
    let built = Command::new(tools.join("build")).output().expect("the player's build script runs");
    let said = String::from_utf8_lossy(&built.stderr);
    if built.status.code() == Some(3) {
        eprintln!("test of the player left out: {}", said.trim());
        return None;
    }
    assert!(built.status.success(), "the player does not build: {said}");
    let find = format!(". '{}/toolchain'; echo \"$browser\"", tools.display());
    let found = Command::new("bash").args(["-c", &find]).output().expect("bash runs");
    let browser = String::from_utf8_lossy(&found.stdout).trim().to_string();
    if browser.is_empty() {
        eprintln!("test of the player left out: no Chromium here (samples/player/setup installs one)");
        return None;
    }
    Some((top.join("target/player"), browser.into()))
}

fn manifest() -> Vec<Vector> {
    let text = fs::read_to_string(vectors::folder().join(MANIFEST)).expect("a manifest");
    text.lines().filter_map(Vector::from_line).filter(|v| v.file.ends_with(".girih")).collect()
}

/// Hashes by times.
type Pictures = Vec<(f64, u32)>;

fn pictures(play: &Value) -> Pictures {
    let list = play["pictures"].as_array().unwrap_or_else(|| panic!("no pictures: {play}"));
    let number = |v: &Value| v.as_f64().expect("a number");
    list.iter().map(|p| (number(&p[0]), number(&p[1]) as u32)).collect()
}

#[track_caller]
fn check(name: &str, found: &[(f64, u32)], expected: &[(f64, u32)]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f.0 - e.0).abs() < 2e-3 && f.1 == e.1, "{name}, picture {i}: {f:?}, not {e:?}");
    }
}

fn of_vector(v: &Vector) -> Pictures {
    v.frames.iter().map(|&(pts, hash)| (pts as f64 / 25.0, hash)).collect()
}

/// Files that are not what they seem.
fn bad_files(folder: &Folder) -> Vec<&'static str> {
    let good = folder.read(WATCHED);
    folder.write("empty.girih", b"");
    folder.write("words.mkv", b"This is no film at all.");
    folder.write("header.girih", &good[..9]);
    folder.write("short.girih", &good[..good.len() / 2]);
    let mut flipped = good.clone();
    let middle = good.len() / 2;
    flipped[middle] ^= 0x55;
    folder.write("flipped.girih", &flipped);
    let film = folder.read("film.mkv");
    folder.write("short.mkv", &film[..film.len() * 2 / 3]);
    folder.write("head.mkv", &film[..60]);
    vec![
        "empty.girih",
        "words.mkv",
        "header.girih",
        "other.mkv",
        "head.mkv",
        "short.girih",
        "flipped.girih",
        "short.mkv",
    ]
}

/// A film with sound, and its pictures.
fn film(folder: &Folder) -> Pictures {
    let seconds = FRAMES / RATE;
    ffmpeg(
        folder,
        &format!(
            "-f lavfi -i testsrc=s=96x64:r={RATE}:d={seconds} -f lavfi -i sine=d={seconds} \
             -c:v ffv1 -pix_fmt yuv420p -c:a pcm_s16le other.mkv"
        ),
    );
    folder.girih("encode other.mkv -o film.mkv --preset ultrafast --keyint 20").ok();
    folder.girih("decode film.mkv -o film.y4m").ok();
    let pictures = folder.read_clip("film.y4m");
    pictures.iter().enumerate().map(|(i, p)| (i as f64 / RATE as f64, p.hash())).collect()
}

/// Watches whatever these bytes are: from the start, and from somewhere. Gives the pictures seen from the start.
fn watch(bytes: &[u8]) -> Result<Pictures, String> {
    let mut session = Session::open(Cursor::new(bytes))?;
    let mut seen = Pictures::new();
    for start in [0.0, 9.0] {
        session.seek(start, start > 0.0)?;
        for steps in 0.. {
            assert!(steps < 2 * bytes.len() + 100, "no end");
            match session.step() {
                Step::End => break,
                Step::Shown if start == 0.0 => {
                    seen.extend(session.shown().map(|s| (s.time, s.picture.hash())));
                }
                _ => {}
            }
        }
        assert!(seen.is_empty() || session.pixels().len().is_multiple_of(4));
    }
    Ok(seen)
}

#[test]
fn damaged_films_come_to_an_end() {
    if !have("ffmpeg") {
        return;
    }
    let folder = Folder::new();
    let expected = film(&folder);
    folder.girih("encode film.mkv -o film.girih --copy").ok();
    let mut rng = Rng::new(7);
    for name in ["film.mkv", "film.girih"] {
        let whole = folder.read(name);
        check(name, &watch(&whole).expect("a film"), &expected);
        let mut shown = 0;
        for _ in 0..40 {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut rng);
            shown += watch(&bytes).map_or(0, |p| p.len());
        }
        assert!(shown > FRAMES, "{name}: hardly a picture is left");
    }
}

#[test]
fn the_player_shows_what_the_decoder_gives() {
    if !have("ffmpeg") {
        return;
    }
    let Some((built, browser)) = player() else { return };
    if have("wasm-opt") {
        let module = fs::metadata(built.join("girih.wasm")).expect("a module").len();
        let codebook = CodebookSet::builtin().to_bytes().len() as u64;
        assert!(module < MOST_CODE + codebook, "{module} bytes, {codebook} of them codebook");
    }
    let folder = Folder::new();
    let vectors = manifest();
    for v in &vectors {
        folder.write(&v.file, &fs::read(vectors::folder().join(&v.file)).expect("a vector"));
    }
    folder.girih(&format!("encode {WATCHED} -o pan.mkv --copy")).ok();
    let film = film(&folder);
    let bad = bad_files(&folder);

    let mut plays: Vec<&str> = bad.clone();
    plays.extend(["pan.mkv", "film.mkv"]);
    plays.extend(vectors.iter().map(|v| v.file.as_str()));
    let seeks =
        [(WATCHED, 0.31), (WATCHED, 0.05), ("film.mkv", 13.1), ("film.mkv", 3.95), ("film.mkv", 99.0)];
    let plan = json!({ "plays": plays, "seeks": seeks, "watch": WATCHED }).to_string();
    let files: BTreeMap<String, Vec<u8>> =
        folder.names().into_iter().map(|n| (format!("files/{n}"), folder.read(&n))).collect();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/player");
    let server = Server::start(move |path| match path {
        "plan" => Some(plan.clone().into_bytes()),
        "test.html" | "test.js" => fs::read(page.join(path)).ok(),
        _ => files.get(path).cloned().or_else(|| fs::read(built.join(path)).ok()),
    });
    let report = server.visit(&browser, "test.html", Duration::from_secs(60));
    let result: Value = serde_json::from_str(&report).expect("JSON");
    assert!(result["error"].is_null(), "{}", result["error"]);

    let plays = &result["plays"];
    let watched = vectors.iter().find(|v| v.file == WATCHED).map(of_vector).expect("a vector");
    for v in &vectors {
        check(&v.file, &pictures(&plays[&v.file]), &of_vector(v));
        assert_eq!(plays[&v.file]["message"], "", "{}", v.file);
    }
    check("one file", &pictures(&result["oneFile"]), &watched);
    check("pan.mkv", &pictures(&plays["pan.mkv"]), &watched);
    assert_eq!(film.len(), FRAMES);
    check("film.mkv", &pictures(&plays["film.mkv"]), &film);

    for name in bad {
        let message = plays[name]["message"].as_str().unwrap_or("");
        assert!(
            message.starts_with(&format!("{name}: ")) && message.len() > name.len() + 8,
            "{name}: {message}"
        );
    }
    let short = pictures(&plays["short.mkv"]);
    assert!(short.len() > FRAMES / 2, "{} pictures", short.len());
    check("short.mkv", &short, &film[..short.len()]);

    for ((name, time), index) in seeks.into_iter().zip([7, 1, 65, 19, FRAMES - 1]) {
        let found = &result["seeks"][format!("{name} {time}")];
        let expected = if name == WATCHED { &watched } else { &film };
        let found = (found[0].as_f64().expect("a time"), found[1].as_f64().expect("a hash") as u32);
        check(&format!("{name} at {time}"), &[found], &expected[index..=index]);
    }

    let reports = result["reports"].as_array().expect("reports");
    let types: Vec<&str> = reports.iter().filter_map(|r| r["type"].as_str()).collect();
    assert_eq!(types.len(), watched.len(), "{reports:?}");
    assert_eq!(types[0], "key");
    assert!(types.iter().any(|t| t.starts_with('B')), "{types:?}");
    let bytes: u64 = reports.iter().filter_map(|r| r["bytes"].as_u64()).sum();
    assert!(bytes > 1000 && bytes < folder.size(WATCHED), "{bytes}");
    assert!(result["overlay"].as_str().unwrap_or("").contains("quantiser"), "{}", result["overlay"]);
    assert_eq!(result["pixel"][3], 255);
}
