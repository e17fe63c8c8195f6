//! Still images in and out.

use girih_tests::program::Folder;
use image::{Rgb, RgbImage};

/// A photograph of a kind: smooth colours and a few edges.
fn image(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let disc = (x as i32 - 40).pow(2) + (y as i32 - 30).pow(2) < 400;
        if disc { Rgb([210, 90, 60]) } else { Rgb([(x * 2) as u8, (y * 3) as u8, (90 + x + y) as u8]) }
    })
}

fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

#[test]
fn png_in_png_out() {
    let folder = Folder::new();
    let source = image(97, 61);
    source.save(folder.path("in.png")).expect("saved");
    folder.girih("encode in.png -o out.girih --crf 14").ok();
    folder.girih("decode out.girih -o out.png --verify").ok();
    let decoded = image::open(folder.path("out.png")).expect("a PNG").to_rgb8();
    let off = difference(&source, &decoded);
    assert!(off < 6.0, "{off:.2} levels off");
    assert!(folder.size("out.girih") < 97 * 61);
    folder.girih("metrics in.png out.png").ok();
}

#[test]
fn other_formats_in_jpeg_out() {
    let folder = Folder::new();
    let source = image(64, 48);
    for name in ["in.bmp", "in.tiff", "in.jpg", "in.webp"] {
        source.save(folder.path(name)).expect("saved");
        folder.girih(&format!("encode {name} -o out.girih --crf 14 --preset fast --overwrite")).ok();
        folder.girih("decode out.girih -o out.jpg --overwrite").ok();
        let decoded = image::open(folder.path("out.jpg")).expect("a JPEG").to_rgb8();
        let off = difference(&source, &decoded);
        assert!(off < 9.0, "{name}: {off:.2} levels off");
    }
    for (name, magic) in [("out.ppm", b"P6"), ("out.pgm", b"P5"), ("out.pnm", b"P6")] {
        folder.girih(&format!("decode out.girih -o {name}")).ok();
        assert_eq!(folder.read(name)[..2], *magic, "{name}");
    }
}

#[test]
fn chroma_may_be_kept_whole() {
    let folder = Folder::new();
    let stripes =
        |x: u32, y: u32| if (x + y / 3).is_multiple_of(2) { Rgb([230, 20, 40]) } else { Rgb([20, 60, 220]) };
    let source = RgbImage::from_fn(48, 32, stripes);
    source.save(folder.path("in.png")).expect("saved");
    let off = [("420", "4:2:0"), ("444", "4:4:4")].map(|(chroma, name)| {
        folder.girih(&format!("encode in.png -o {chroma}.girih --chroma {chroma} --crf 8")).ok();
        assert!(folder.girih(&format!("info {chroma}.girih")).ok().contains(name));
        folder.girih(&format!("metrics in.png {chroma}.girih")).ok();
        folder.girih(&format!("decode {chroma}.girih -o {chroma}.png")).ok();
        difference(&source, &image::open(folder.path(&format!("{chroma}.png"))).expect("a PNG").to_rgb8())
    });
    assert!(off[1] < 4.0 && off[0] > 5.0 * off[1], "{off:?}");
}

#[test]
fn grey_stays_grey() {
    let folder = Folder::new();
    let source = image::GrayImage::from_fn(50, 40, |x, y| image::Luma([(x * 3 + y) as u8]));
    source.save(folder.path("in.png")).expect("saved");
    folder.girih("encode in.png -o out.girih --crf 14").ok();
    folder.girih("decode out.girih -o out.png").ok();
    let decoded = image::open(folder.path("out.png")).expect("a PNG").to_rgb8();
    assert!(decoded.pixels().all(|p| p.0[0].abs_diff(p.0[1]) <= 1 && p.0[1].abs_diff(p.0[2]) <= 1));
}
