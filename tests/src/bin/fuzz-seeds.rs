//! Writes seeds for the fuzzer into `tests/fuzz/corpus/decoder`: the conformance streams in both forms.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use girih_tests::damage::{to_file, to_finding};
use girih_tests::vectors::recipes;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/decoder");
    fs::create_dir_all(&folder)?;
    for recipe in recipes() {
        let stream = recipe.encode()?;
        fs::write(folder.join(format!("{}-packets", recipe.name)), to_finding(&stream))?;
        fs::write(folder.join(format!("{}-file", recipe.name)), [&[1], &to_file(&stream)[..]].concat())?;
    }
    Ok(())
}
