use super::*;
use crate::media::pattern;
use girih::{ChromaFormat, Color, Format, Rational};

fn description(width: usize, height: usize, chroma: ChromaFormat, bit_depth: u8) -> Description {
    Description {
        format: Format { width, height, chroma, bit_depth },
        color: Color { full_range: true, ..Color::default() },
        frame_rate: Rational { num: 30000, den: 1001 },
        sample_aspect: Rational { num: 8, den: 9 },
        time_base: Rational { num: 1001, den: 30000 },
        frames: None,
    }
}

fn picture(d: &Description, seed: usize) -> Picture {
    pattern(d.format, seed)
}

fn read_all(bytes: &[u8]) -> Result<(Description, Vec<Picture>)> {
    let mut r = Reader::new(bytes)?;
    let mut pictures = Vec::new();
    while let Some(p) = r.next_picture()? {
        pictures.push(p);
    }
    Ok((r.description().clone(), pictures))
}

fn written(d: &Description, pictures: &[Picture]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut w = Box::new(Writer::new(&mut bytes, None, d)?);
    for p in pictures {
        w.write(p)?;
    }
    w.finish()?;
    Ok(bytes)
}

#[test]
fn round_trip() -> Result<()> {
    for chroma in [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444] {
        for depth in [8, 10] {
            for (w, h) in [(1, 1), (17, 5), (16, 8)] {
                let d = description(w, h, chroma, depth);
                let pictures = [picture(&d, 0), picture(&d, 99)];
                let bytes = written(&d, &pictures)?;
                let (read, out) = read_all(&bytes)?;
                assert_eq!((read.format, read.color, read.frame_rate), (d.format, d.color, d.frame_rate));
                assert_eq!((read.sample_aspect, read.time_base), (d.sample_aspect, d.time_base));
                assert_eq!(out.len(), 2);
                for (i, (a, b)) in pictures.iter().zip(&out).enumerate() {
                    assert_eq!((&a.planes, b.pts), (&b.planes, i as i64));
                }
                assert!(read_all(&bytes[..bytes.len() - 1]).is_err());
            }
        }
    }
    Ok(())
}

#[test]
fn headers_of_others() -> Result<()> {
    let (d, p) = read_all(b"YUV4MPEG2 W2 H2\nFRAME Ip XQ=1\n123456")?;
    assert_eq!((d.format.chroma, d.format.bit_depth, p.len()), (ChromaFormat::Yuv420, 8, 1));
    assert_eq!((d.frame_rate.num, d.sample_aspect.num), (25, 0));
    let (d, _) = read_all(b"YUV4MPEG2 C420mpeg2 H2 A0:0 W4 It F50:1 XSOMETHING\n")?;
    assert_eq!((d.format.width, d.frame_rate.num, d.sample_aspect), (4, 50, Rational { num: 0, den: 1 }));
    Ok(())
}

#[test]
fn damage_is_reported() {
    for bytes in [
        &b"YUV4MPEG2"[..],
        b"YUV4MPEG2 W0 H2\n",
        b"YUV4MPEG2 W2\n",
        b"YUV4MPEG2 W-2 H2\n",
        b"YUV4MPEG2 W99999999 H99999999\n",
        b"YUV4MPEG2 W60000 H60000\n",
        b"YUV4MPEG2 W2 H2 F0:1\n",
        b"YUV4MPEG2 W2 H2 F1:0\n",
        b"YUV4MPEG2 W2 H2\nFRANK\n123456",
        b"YUV4MPEG2 W2 H2\n\xff\xfe\n",
    ] {
        assert!(read_all(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }
    let long = [b"YUV4MPEG2 W2 H2 X".as_slice(), &[b'x'; 9000]].concat();
    assert!(read_all(&long).is_err());
    assert!(read_all(b"YUV4MPEG2 W2 H2 C422\n").is_err_and(|e| e.is::<OtherLayout>()));
}

#[test]
fn samples_beyond_the_depth_are_clipped() -> Result<()> {
    let (_, p) = read_all(b"YUV4MPEG2 W1 H1 Cmono10\nFRAME\n\xff\xff")?;
    assert_eq!(p[0].planes[0].row(0), [1023]);
    Ok(())
}
