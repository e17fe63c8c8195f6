//! Makes the conformance vectors: `cargo run --release -p girih-tests --bin make-vectors`.
//!
//! Old ones of the same name are replaced; the manifest is written anew.

use std::error::Error;
use std::fs;

use girih_tests::damage::to_file;
use girih_tests::vectors::{MANIFEST, Vector, folder, recipes};
use girih_tests::{clip, decode, encode, format};

fn main() -> Result<(), Box<dyn Error>> {
    // A broken encoder must not leave broken vectors behind.
    let f = format(32, 32, girih::ChromaFormat::Yuv420, 8);
    let pictures = clip(girih_samples::Scene::Pan, f, 2);
    if decode(&encode(&girih::Config::new(f), &pictures)?, 1)?.len() != pictures.len() {
        return Err("the codec does not work".into());
    }
    let mut manifest = String::from(
        "# Made by the program `make-vectors` of this package: file, layout, pts:hash of each frame\n",
    );
    for recipe in recipes() {
        let stream = recipe.encode()?;
        let pictures = decode(&stream, 1)?;
        let file = format!("{}.girih", recipe.name);
        let bytes = to_file(&stream);
        manifest += &Vector::new(&file, &pictures).to_line();
        manifest.push('\n');
        println!("{file}: {} frames, {} bytes", pictures.len(), bytes.len());
        fs::write(folder().join(file), bytes)?;
    }
    fs::write(folder().join(MANIFEST), manifest)?;
    Ok(())
}
