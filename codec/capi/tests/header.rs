//! The header is that of the source.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// All source files, in the order in which the header has them.
const SOURCES: [&str; 7] =
    ["status.rs", "config.rs", "frame.rs", "encoder.rs", "decoder.rs", "io/reader.rs", "io/writer.rs"];
/// Those that have nothing for C.
const INSIDE: [&str; 3] = ["lib.rs", "guard.rs", "io.rs"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { sources(&p) } else { vec![p] }).collect()
}

#[test]
fn the_header_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let src = root.join("src");
    let all = sources(&src);
    let known = |p: &PathBuf| SOURCES.iter().chain(&INSIDE).any(|s| *p == src.join(s));
    assert!(
        all.len() == SOURCES.len() + INSIDE.len() && all.iter().all(known),
        "files are missing in SOURCES"
    );

    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    let builder = SOURCES.iter().fold(cbindgen::Builder::new(), |b, s| b.with_src(src.join(s)));
    let mut header = Vec::new();
    builder.with_config(config).generate().unwrap().write(&mut header);
    let header = String::from_utf8(header).unwrap();

    let path = root.join("include/girih.h");
    if env::var_os("GIRIH_HEADER").is_some_and(|v| v == "write") {
        fs::write(&path, &header).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(committed == header, "make it again: GIRIH_HEADER=write cargo test -p girih-capi --test header");
}
