//! What goes wrong: one line that says what and where, the right exit code, and nothing left behind.

use girih_samples::Rng;
use girih_tests::program::Folder;

use crate::small;

#[test]
fn usage_errors_exit_with_2() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(1));
    for words in [
        "",
        "nonsense",
        "encode",
        "encode in.y4m",
        "encode in.y4m -o out.girih --crf 64",
        "encode in.y4m -o out.girih --crf -1",
        "encode in.y4m -o out.girih --crf many",
        "encode in.y4m -o out.girih --preset placebo",
        "encode in.y4m -o out.girih --crf 30 --bitrate 100k",
        "encode in.y4m -o out.girih --bitrate fast",
        "encode in.y4m -o out.girih --keyint 0",
        "encode in.y4m -o out.girih --threads 100000",
        "encode in.y4m -o out.girih --no-such-option",
        "decode",
        "metrics in.y4m",
        "compare in.y4m --against h264:foo",
        "compare in.y4m --against av1:slow",
    ] {
        folder.girih(words).fails(2);
        assert_eq!(folder.names(), ["in.y4m"], "{words}");
    }
    assert!(folder.girih("--help").ok().contains("encode"));
    assert!(folder.girih("encode --help").ok().contains("--crf"));
    assert!(folder.girih("--version").ok().contains("girih"));
}

#[test]
fn missing_files_are_named() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(1));
    for words in [
        "encode absent.y4m -o out.girih",
        "encode absent.png -o out.girih",
        "encode absent.mp4 -o out.girih",
        "decode absent.girih -o out.y4m",
        "play absent.girih",
        "info absent.girih",
        "metrics in.y4m absent.y4m",
        "compare absent.y4m",
    ] {
        let line = folder.girih(words).fails(1);
        assert!(line.contains("absent."), "{words}: {line}");
        assert_eq!(folder.names(), ["in.y4m"], "{words}");
    }
    let line = folder.girih("encode in.y4m -o no/such/folder/out.girih").fails(1);
    assert!(line.contains("no/such/folder"), "{line}");
}

#[test]
fn existing_output_is_kept_unless_told_otherwise() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(2));
    folder.girih("encode in.y4m -o a.girih --preset ultrafast").ok();
    for (name, words) in
        [("b.girih", "encode in.y4m -o b.girih --preset ultrafast"), ("b.y4m", "decode a.girih -o b.y4m")]
    {
        folder.write(name, b"precious");
        let line = folder.girih(words).fails(1);
        assert!(line.contains(name), "{line}");
        assert_eq!(folder.read(name), b"precious");
        folder.girih(&format!("{words} --overwrite")).ok();
        assert_ne!(folder.read(name), b"precious");
    }
}

#[test]
fn garbage_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let mut rng = Rng::new(7);
    let noise: Vec<u8> = (0..5000).map(|_| rng.next_u64() as u8).collect();
    for name in ["bad.y4m", "bad.mp4", "bad.png", "bad.girih", "empty.y4m", "empty.girih"] {
        folder.write(name, if name.starts_with("bad") { &noise } else { b"" });
    }
    let before = folder.names();
    for name in &before {
        let line = folder.girih(&format!("encode {name} -o out.girih")).fails(1);
        assert!(line.contains(name.as_str()), "{line}");
        folder.girih(&format!("info {name}")).fails(1);
        assert_eq!(folder.names(), before, "encode {name}");
    }
    for name in ["bad.girih", "empty.girih"] {
        let line = folder.girih(&format!("decode {name} -o out.y4m")).fails(1);
        assert!(line.contains(name), "{line}");
        assert_eq!(folder.names(), before, "decode {name}");
    }
}

#[test]
fn a_failed_overwrite_keeps_the_old_file() {
    let folder = Folder::new();
    folder.write("bad.girih", b"GIRH but not for long");
    folder.write("out.y4m", b"precious");
    folder.girih("decode bad.girih -o out.y4m --overwrite").fails(1);
    assert_eq!(folder.read("out.y4m"), b"precious");
    assert_eq!(folder.names(), ["bad.girih", "out.y4m"]);
}

#[test]
fn a_damaged_file_is_noticed() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(6));
    folder.girih("encode in.y4m -o good.girih --preset ultrafast").ok();
    let good = folder.read("good.girih");
    let before = ["bad.girih", "good.girih", "in.y4m"];
    for at in [good.len() / 5, good.len() / 2, good.len() * 4 / 5] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        folder.write("bad.girih", &bad);
        let run = folder.girih("decode bad.girih -o out.y4m --verify");
        assert!(run.code == Some(1) && !run.stderr.contains("panicked"), "byte {at}: {}", run.stderr);
        assert_eq!(folder.names(), before, "byte {at}");
    }
    folder.write("bad.girih", &good[..good.len() / 2]);
    let line = folder.girih("decode bad.girih -o out.y4m --verify").fails(1);
    assert!(line.contains("bad.girih"), "{line}");
    assert_eq!(folder.names(), before);
    // What is sound can be had.
    folder.write("bad.girih", &good[..good.len() * 9 / 10]);
    let run = folder.girih("decode bad.girih -o out.y4m --partial");
    assert!(run.stderr.contains("bad.girih") && run.stderr.lines().count() == 1, "{}", run.stderr);
    run.ok();
    folder.girih("decode good.girih -o good.y4m").ok();
    let (some, all) = (folder.read_clip("out.y4m"), folder.read_clip("good.y4m"));
    assert!(!some.is_empty() && some.len() < all.len() && some[..] == all[..some.len()]);
    let clip = folder.read("in.y4m");
    folder.write("cut.y4m", &clip[..clip.len() * 2 / 3]);
    folder.girih("encode cut.y4m -o cut.girih --preset ultrafast").fails(1);
    let run = folder.girih("encode cut.y4m -o cut.girih --preset ultrafast --partial");
    assert!(run.stderr.contains("cut.y4m: only 3 frames"), "{}", run.stderr);
    assert!(run.ok().contains("3 frames"));
}

#[test]
fn input_is_never_output() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(1));
    let before = folder.read("in.y4m");
    folder.girih("encode in.y4m -o in.y4m --overwrite").fails(1);
    assert_eq!(folder.read("in.y4m"), before);
    folder.girih("encode in.y4m -o a.girih --preset ultrafast").ok();
    let before = folder.read("a.girih");
    for words in ["encode a.girih -o ./a.girih", "encode a.girih -o a.girih --copy"] {
        let line = folder.girih(&format!("{words} --overwrite")).fails(1);
        assert!(line.contains("a.girih") && line.contains("input"), "{line}");
        assert_eq!(folder.read("a.girih"), before, "{words}");
    }
}

#[test]
fn unknown_outputs_are_refused() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &small(2));
    folder.girih("encode in.y4m -o a.girih --preset ultrafast").ok();
    let before = folder.names();
    for name in ["a.tga", "a.jp2", "a_%d.tga", "a.gif", "a.ico", "a.nonsense", "a"] {
        let line = folder.girih(&format!("decode a.girih -o {name}")).fails(1);
        assert!(line.contains(name), "{line}");
        assert_eq!(folder.names(), before, "{name}");
    }
}
