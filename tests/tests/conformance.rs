//! The conformance vectors decode to the frames of their manifest.

use std::collections::BTreeSet;
use std::fs;

use girih_tests::damage::from_file;
use girih_tests::decode;
use girih_tests::vectors::{MANIFEST, Vector, folder, recipes};

/// # Panics
/// When there is no manifest, or a line of it is not one.
fn manifest() -> Vec<Vector> {
    let path = folder().join(MANIFEST);
    let text = fs::read_to_string(path).expect("tests/conformance/MANIFEST: `make vectors` makes it");
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    lines.map(|l| Vector::from_line(l).unwrap_or_else(|| panic!("no vector: {l}"))).collect()
}

#[test]
fn every_file_is_listed_and_every_recipe_made() {
    let listed: BTreeSet<String> = manifest().into_iter().map(|v| v.file).collect();
    let entries = fs::read_dir(folder()).expect("the folder of vectors");
    let names = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
    let there: BTreeSet<String> = names.filter(|n| n.ends_with(".girih")).collect();
    assert_eq!(listed, there);
    let wanted: BTreeSet<String> = recipes().iter().map(|r| format!("{}.girih", r.name)).collect();
    assert!(listed.is_superset(&wanted), "`make vectors` makes the missing ones");
}

#[test]
fn vectors_decode_to_their_hashes() {
    let vectors = manifest();
    assert!(vectors.len() >= 10, "too few vectors to mean anything");
    for vector in vectors {
        assert!(!vector.frames.is_empty(), "{}", vector.file);
        let bytes = fs::read(folder().join(&vector.file)).expect("a listed file");
        let stream = from_file(&bytes).unwrap_or_else(|e| panic!("{}: {e}", vector.file));
        for threads in [1, 3] {
            let pictures = decode(&stream, threads).unwrap_or_else(|e| panic!("{}: {e}", vector.file));
            assert_eq!(Vector::new(&vector.file, &pictures), vector, "{threads} threads");
        }
    }
}
