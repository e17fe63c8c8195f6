//! Damaged and hostile input: errors or pictures, never a panic, a hang or much memory.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use girih::{ChromaFormat, Config, Preset};
use girih_samples::{Rng, Scene};
use girih_tests::damage::{damage, decode_file, decode_finding, decode_packets, to_file, to_finding};
use girih_tests::watchdog::{peak_memory, watch};
use girih_tests::{Stream, clip, encode, format};

/// For one case; a machine may be busy.
const STEP: Duration = Duration::from_secs(20);

/// Small streams that use much of the syntax.
fn streams() -> Vec<(&'static str, Stream)> {
    let make = |name, scene, (w, h), (chroma, bits), frames, crf, preset| {
        let mut config = Config::new(format(w, h, chroma, bits));
        (config.crf, config.preset, config.keyint, config.hashes) = (crf, preset, 5, true);
        let stream = encode(&config, &clip(scene, config.format, frames));
        (name, stream.unwrap_or_else(|e| panic!("{name}: {e}")))
    };
    vec![
        make("mix", Scene::Mix, (48, 40), (ChromaFormat::Yuv420, 8), 8, 30.0, Preset::Medium),
        make("zoom", Scene::Zoom, (70, 34), (ChromaFormat::Yuv420, 10), 6, 22.0, Preset::Slow),
        make("text", Scene::Text, (40, 48), (ChromaFormat::Yuv444, 8), 5, 38.0, Preset::Fast),
        make("mono", Scene::Pan, (33, 65), (ChromaFormat::Mono, 8), 6, 12.0, Preset::Ultrafast),
    ]
}

fn memory_is_bounded() {
    if let Some(mib) = peak_memory() {
        assert!(mib < 512, "{mib} MiB were in use");
    }
}

/// Damages up to three packets, or loses, repeats or swaps some.
fn damage_packets(stream: &mut Stream, rng: &mut Rng) {
    for _ in 0..1 + rng.below(3) {
        let n = stream.packets.len() as u64;
        let (i, j) = (rng.below(n) as usize, rng.below(n) as usize);
        match rng.below(12) {
            0 if n > 1 => drop(stream.packets.remove(i)),
            1 => stream.packets.insert(i, stream.packets[j].clone()),
            2 => stream.packets.swap(i, j),
            3 => stream.packets[i].data.clear(),
            _ => damage(&mut stream.packets[i].data, rng),
        }
    }
}

#[test]
fn damaged_packets() {
    let streams = streams();
    watch(STEP, move |progress| {
        let mut errors = 0;
        for (name, stream) in &streams {
            for case in 0..500u64 {
                progress.now(format!("packets of {name}, case {case}"));
                let mut bad = stream.clone();
                damage_packets(&mut bad, &mut Rng::new(case << 8 | name.len() as u64));
                let packets = bad.packets.iter().map(|p| (p.data.as_slice(), p.pts));
                errors += decode_packets(&bad.header, packets).errors.min(1);
            }
        }
        // The hashes see nearly all that the parser does not.
        assert!(errors > 1600, "only {errors} of 2000 cases were noticed");
    });
    memory_is_bounded();
}

#[test]
fn damaged_files() {
    let files: Vec<_> = streams().iter().map(|(name, s)| (*name, to_file(s))).collect();
    watch(STEP, move |progress| {
        for (name, file) in &files {
            for case in 0..200 {
                progress.now(format!("file {name}, case {case}"));
                let mut bad = file.clone();
                damage(&mut bad, &mut Rng::new(case));
                decode_file(&bad);
            }
        }
    });
    memory_is_bounded();
}

#[test]
fn files_cut_anywhere() {
    let (_, stream) = streams().swap_remove(0);
    let file = to_file(&stream);
    let frames = stream.packets.len();
    watch(STEP, move |progress| {
        for length in (0..file.len()).step_by(file.len() / 150 + 1) {
            progress.now(format!("{length} of {} bytes", file.len()));
            let outcome = decode_file(&file[..length]);
            assert!(outcome.errors > 0 && outcome.pictures <= frames, "{length}: {outcome:?}");
        }
        assert_eq!(decode_file(&file).pictures, frames + 1, "the whole file, and its last key frame again");
    });
}

#[test]
fn damaged_headers() {
    let (_, stream) = streams().swap_remove(1);
    watch(STEP, move |progress| {
        let decode =
            |header: &[u8]| decode_packets(header, stream.packets.iter().map(|p| (p.data.as_slice(), p.pts)));
        for bit in 0..stream.header.len() * 8 {
            progress.now(format!("header, bit {bit}"));
            let mut header = stream.header.clone();
            header[bit / 8] ^= 1 << (bit % 8);
            decode(&header);
        }
        for length in 0..stream.header.len() {
            progress.now(format!("header, {length} bytes"));
            assert_eq!(decode(&stream.header[..length]).pictures, 0);
        }
        for case in 0..500 {
            progress.now(format!("header, case {case}"));
            let mut rng = Rng::new(case);
            // Half of them begin well.
            let keep = if case % 2 == 0 { 0 } else { rng.below(stream.header.len() as u64) as usize };
            let mut header = stream.header[..keep].to_vec();
            header.extend((0..rng.below(64)).map(|_| rng.next_u64() as u8));
            decode(&header);
        }
    });
    memory_is_bounded();
}

#[test]
fn garbage() {
    let (_, stream) = streams().swap_remove(0);
    watch(STEP, move |progress| {
        for case in 0..300 {
            progress.now(format!("garbage, case {case}"));
            let mut rng = Rng::new(case);
            let mut bytes = |n: u64| (0..rng.below(n)).map(|_| rng.next_u64() as u8).collect::<Vec<u8>>();
            let packets = [bytes(400), bytes(40), bytes(4), bytes(4000)];
            decode_packets(&stream.header, packets.iter().map(|p| (p.as_slice(), 0)));
            decode_file(&[b"GIRH".as_slice(), &packets[0]].concat());
            decode_file(&packets[3]);
        }
        for value in [0u8, 1, 0x55, 0x80, 0xff] {
            progress.now(format!("packets of {value}"));
            for length in [1, 2, 100, 1 << 16] {
                decode_packets(&stream.header, [(vec![value; length].as_slice(), 0)]);
            }
        }
    });
    memory_is_bounded();
}

#[test]
fn lost_frames_are_noticed_and_concealed() {
    let (_, stream) = streams().swap_remove(0);
    for lost in 0..stream.packets.len() {
        let rest = stream.packets.iter().enumerate().filter(|&(i, _)| i != lost);
        let outcome = decode_packets(&stream.header, rest.map(|(_, p)| (p.data.as_slice(), p.pts)));
        assert!(outcome.pictures <= stream.packets.len(), "{lost}: {outcome:?}");
        if lost == 0 {
            assert!(outcome.errors > 0, "without its key frame a stream cannot be right");
        }
        // From the next key frame on everything is there again.
        let key = (lost + 1..stream.packets.len()).find(|&i| stream.packets[i].key);
        let after = key.map_or(0, |k| stream.packets.len() - k);
        assert!(outcome.pictures >= after, "{lost}: {outcome:?}");
    }
}

#[test]
fn findings_of_the_fuzzer_stay_fixed() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz-findings");
    let entries = fs::read_dir(folder).expect("the folder of findings");
    let paths: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    assert!(paths.iter().any(|p| p.ends_with("README.md")));
    watch(STEP, move |progress| {
        for path in paths.iter().filter(|p| p.extension().is_none_or(|e| e != "md")) {
            progress.now(path.display().to_string());
            decode_finding(&fs::read(path).expect("a finding"));
        }
    });
    memory_is_bounded();
}

#[test]
fn a_good_finding_decodes() {
    for (name, stream) in streams() {
        let outcome = decode_finding(&to_finding(&stream));
        assert_eq!((outcome.pictures, outcome.errors), (stream.packets.len(), 0), "{name}");
    }
}
