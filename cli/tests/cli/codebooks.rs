//! Codebooks: training, streams with one of their own, what `info` tells.

use girih::{ChromaFormat, CodebookSet, Config, Decoder, Error, Limits};
use girih_samples::Scene;
use girih_tests::program::{Folder, girih};
use girih_tests::{Stream, clip, decode, encode, format};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::small;

/// A small set that is not the built-in one, as a file.
fn train(folder: &Folder) {
    let f = format(64, 48, ChromaFormat::Yuv420, 8);
    folder.write_clip("pan.y4m", &clip(Scene::Pan, f, 12));
    folder.girih("train pan.y4m -o own.gcb").ok();
}

#[test]
fn the_codebook_adapts_or_stays() {
    let folder = Folder::new();
    let f = format(96, 80, ChromaFormat::Yuv420, 8);
    folder.write_clip("in.y4m", &clip(Scene::Occlusion, f, 20));
    let adapting = |how: &str| {
        folder.girih(&format!("encode in.y4m -o {how}.girih --preset fast --adapt {how}")).ok();
        folder.girih(&format!("decode {how}.girih -o out.y4m --verify --overwrite")).ok();
        let told = folder.girih(&format!("info {how}.girih --json")).ok();
        let told: Value = serde_json::from_str(&told).expect("JSON");
        told["tools"]["adaptation"].as_u64()
    };
    assert_eq!((adapting("online"), adapting("off")), (Some(19), None));
    assert!(folder.read("online.girih") != folder.read("off.girih"));
    folder.girih("encode in.y4m -o out.girih --adapt scene").fails(2);
}

#[test]
fn a_stream_carries_its_codebook_or_names_it() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(4));
    train(&folder);
    let info = folder.girih("info own.gcb --json").ok();
    let info: Value = serde_json::from_str(&info).expect("JSON");
    let hash = info["hash"].as_str().expect("a hash").to_string();
    assert_eq!(info["bytes"].as_u64(), Some(folder.size("own.gcb")));

    folder.girih("encode in.y4m -o with.girih --preset fast --codebook own.gcb").ok();
    folder.girih("encode in.y4m -o without.girih --preset fast --codebook own.gcb --codebook-external").ok();
    assert!(folder.size("with.girih") > folder.size("without.girih") + folder.size("own.gcb"));
    let told = folder.girih("info with.girih").ok();
    assert!(told.contains(&hash) && told.contains("in the stream"), "{told}");

    folder.girih("decode with.girih -o with.y4m --verify").ok();
    folder.girih("encode in.y4m -o with.mkv --preset fast --codebook own.gcb").ok();
    let told = folder.girih("info with.mkv").ok();
    assert!(told.contains(&hash) && told.contains("in the stream"), "{told}");
    folder.girih("decode with.mkv -o mkv.y4m --verify").ok();
    assert_eq!(folder.read_clip("with.y4m"), folder.read_clip("mkv.y4m"));
    for words in [
        "decode without.girih -o without.y4m",
        "info without.girih",
        "metrics in.y4m without.girih",
        "encode without.girih -o again.girih",
    ] {
        let line = folder.girih(words).fails(1);
        assert!(line.contains(&hash) && line.contains("--codebook"), "{line}");
    }
    folder.girih("decode without.girih -o without.y4m --verify --codebook own.gcb").ok();
    assert_eq!(folder.read_clip("with.y4m"), folder.read_clip("without.y4m"));
    assert!(folder.girih("info without.girih --codebook own.gcb").ok().contains("external"));
    folder.girih("metrics in.y4m without.girih --codebook own.gcb").ok();

    folder.write("bad.gcb", &folder.read("own.gcb")[..folder.size("own.gcb") as usize / 2]);
    folder.write("none.gcb", b"");
    for words in [
        "encode in.y4m -o out.girih --codebook bad.gcb",
        "decode without.girih -o out.y4m --codebook bad.gcb",
        "info bad.gcb",
    ] {
        assert!(folder.girih(words).fails(1).contains("bad.gcb"), "{words}");
    }
    folder.girih("info none.gcb").fails(1);
    assert!(!folder.names().iter().any(|n| n.starts_with("out.")));
}

#[test]
fn info_of_a_stream() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(9));
    folder.girih("encode in.y4m -o out.girih --preset medium").ok();
    let text = folder.girih("info out.girih --frames").ok();
    for part in ["anchor", "B1", "deblock", "residual indices", "partition", "luma inter"] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let json = folder.girih("info out.girih --json").ok();
    let v: Value = serde_json::from_str(&json).expect("JSON");
    let packets = v["packets"].as_array().expect("a list");
    assert_eq!(packets.len(), 9);
    assert_eq!(packets[0]["type"], "key");
    let bits: f64 = v["syntax_bits"].as_object().expect("an object").values().filter_map(Value::as_f64).sum();
    let bytes: f64 = packets.iter().filter_map(|p| p["bytes"].as_f64()).sum();
    assert!((bits / 8.0 / bytes - 1.0).abs() < 0.1, "{bits} bits told of {bytes} bytes");
    assert!(v["books"].as_array().is_some_and(|b| !b.is_empty()));
}

#[test]
fn a_mosaic_is_a_picture() {
    let folder = Folder::new();
    train(&folder);
    folder.girih("info own.gcb --mosaic own.png").ok();
    let png = image::open(folder.path("own.png")).expect("a picture");
    assert!(png.width() > 500 && png.height() > 100);
    folder.girih("info own.gcb --mosaic own.png").fails(1);
    folder.girih("info own.gcb --mosaic own.png --overwrite").ok();
    folder.girih("info pan.y4m --mosaic pan.png").fails(1);
    folder.girih("info own.gcb --mosaic own.jpg").fails(1);
    assert_eq!(folder.names(), ["own.gcb", "own.png", "pan.y4m"]);
}

#[test]
fn training_tells_what_it_does() {
    let folder = Folder::new();
    let f = format(64, 48, ChromaFormat::Yuv420, 8);
    for (i, scene) in
        [Scene::Pan, Scene::Zoom, Scene::Mix, Scene::Text].into_iter().cycle().take(8).enumerate()
    {
        folder.write_clip(&format!("{i}.y4m"), &clip(scene, f, 5));
    }
    folder.write_clip("black.y4m", &clip(Scene::Flat, f, 1).iter().map(black).collect::<Vec<_>>());
    let inputs = (0..8).map(|i| format!("{i}.y4m ")).collect::<String>();
    let log = folder.girih(&format!("train {inputs} -o a.gcb --json --threads 1")).ok();
    let lines: Vec<Value> = log.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    let of = |event: &str| lines.iter().filter(|l| l["event"] == event).count();
    assert_eq!((of("round"), of("end")), (3, 1));
    assert!(of("book") > 5);
    assert!(lines.iter().all(|l| !l.to_string().contains("null,")), "{log}");
    let end = lines.last().expect("an end");
    assert!(end["held_out"]["before"]["j"].as_f64().is_some_and(|j| j > 0.0), "{end}");
    folder.girih(&format!("train {inputs} -o b.gcb --threads 2")).ok();
    assert_eq!(folder.read("a.gcb"), folder.read("b.gcb"), "threads matter");

    folder.girih("train 0.y4m -o a.gcb").fails(1);
    let line = folder.girih("train black.y4m -o black.gcb").fails(1);
    assert!(line.contains("black.y4m") && line.contains("too little"), "{line}");
    folder.girih("train absent.y4m -o black.gcb").fails(1);
    assert!(!folder.names().contains(&"black.gcb".to_string()));
}

#[test]
fn interrupted_training_goes_on() {
    let folder = Folder::new();
    let f = format(192, 128, ChromaFormat::Yuv420, 8);
    folder.write_clip("pan.y4m", &clip(Scene::Pan, f, 12));
    folder.girih("train pan.y4m -o whole.gcb").ok();
    // Ended by force after the first round.
    let mut run = Command::new(girih())
        .args(["train", "--json", "--resume", "-o"])
        .args([folder.path("a.gcb"), folder.path("pan.y4m")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(run.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    run.kill().and_then(|()| run.wait()).expect("it ends");
    assert!(line.contains("\"round\":1"), "{line}");
    assert!(
        folder.names().contains(&"a.gcb.round".to_string()) && !folder.names().contains(&"a.gcb".to_string())
    );

    let log = folder.girih("train pan.y4m -o a.gcb --json --resume").ok();
    assert!(!log.contains("\"round\":1,"), "{log}");
    assert_eq!(folder.read("a.gcb"), folder.read("whole.gcb"));
    assert!(!folder.names().contains(&"a.gcb.round".to_string()));

    folder.write("b.gcb.round", &[7; 40]);
    let line = folder.girih("train pan.y4m -o b.gcb --resume").fails(1);
    assert!(line.contains("b.gcb.round"), "{line}");
}

fn black(p: &girih::Picture) -> girih::Picture {
    let mut p = girih::Picture::new(p.format);
    p.planes.iter_mut().skip(1).for_each(|c| (0..c.height()).for_each(|y| c.row_mut(y).fill(128)));
    p.planes.iter_mut().take(1).for_each(|c| (0..c.height()).for_each(|y| c.row_mut(y).fill(16)));
    p
}

/// A set of one's own, by the library.
fn own_set() -> Arc<CodebookSet> {
    let f = format(48, 32, ChromaFormat::Yuv420, 8);
    let options = girih::train::Options { rounds: 1, crfs: vec![28.0], ..Default::default() };
    girih::train::train(&[clip(Scene::Zoom, f, 3)], &options, |_, _| {}, |_| {}).expect("a set").set
}

#[test]
fn damaged_embedded_codebooks() {
    let mut config = Config::new(format(48, 32, ChromaFormat::Yuv420, 8));
    config.codebook = Some(own_set());
    let stream = encode(&config, &clip(Scene::Pan, config.format, 2)).expect("a stream");
    assert_eq!(decode(&stream, 1).expect("it carries its codebook").len(), 2);
    let n = stream.header.len();
    assert!(n > 5000);
    let tiny = Limits { max_memory: 1 << 22, ..Limits::default() };
    assert!(matches!(Decoder::new(&stream.header, tiny), Err(Error::Limit(_))));
    for at in (0..n).step_by(n / 60) {
        let mut bad = stream.header.clone();
        bad[at] ^= 1 << (at % 8);
        // Damage before the codebook may only change the picture's format or rate.
        assert!(at < 16 || Decoder::new(&bad, Limits::default()).is_err(), "byte {at}");
        assert!(Decoder::new(&stream.header[..at], Limits::default()).is_err(), "{at} bytes");
    }
    config.embed_codebook = false;
    let bare = encode(&config, &clip(Scene::Pan, config.format, 2)).expect("a stream");
    let (needed, builtin) = (config.codebook.as_ref().map_or(0, |s| s.hash()), CodebookSet::builtin().hash());
    let missing = Decoder::new(&bare.header, Limits::default()).err();
    assert_eq!(missing, Some(Error::Codebook { needed, given: None, builtin }));
    let wrong = Decoder::with_codebook(&bare.header, Limits::default(), Some(CodebookSet::builtin())).err();
    assert_eq!(wrong, Some(Error::Codebook { needed, given: Some(builtin), builtin }));
    let mut d = Decoder::with_codebook(&bare.header, Limits::default(), config.codebook).expect("given");
    let Stream { packets, .. } = bare;
    packets.iter().for_each(|p| d.push(&p.data, p.pts).expect("a frame"));
}
