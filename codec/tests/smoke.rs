use girih::*;

fn picture(format: Format, t: i64) -> Picture {
    let mut p = Picture::new(format);
    for (i, plane) in p.planes.iter_mut().enumerate() {
        for y in 0..plane.height() {
            for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                let (fx, fy) = (x as f64 + 1.7 * t as f64, y as f64 - 0.6 * t as f64);
                let s = 128.0
                    + 60.0 * (fx * 0.13 + i as f64).sin() * (fy * 0.09).cos()
                    + 20.0 * (fx * 0.71 + fy * 0.53).sin();
                *v = s as u16;
            }
        }
    }
    p.pts = t;
    p
}

#[test]
fn round_trip() {
    for (w, h) in [(1, 1), (17, 9), (64, 64), (130, 70)] {
        for chroma in [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444] {
            for crf in [5.0, 28.0, 45.0] {
                let format = Format { width: w, height: h, chroma, bit_depth: 8 };
                let mut c = Config::new(format);
                c.crf = crf;
                c.hashes = true;
                c.preset = Preset::Slow;
                let mut e = Encoder::new(c).unwrap();
                let mut d = Decoder::new(&e.header(), Limits::default()).unwrap();
                d.set_verify(true);
                for t in 0..11 {
                    e.push(picture(format, t)).unwrap();
                }
                e.finish().unwrap();
                let mut bytes = 0;
                while let Some(p) = e.next_packet() {
                    bytes += p.data.len();
                    d.push(&p.data, p.pts).unwrap();
                }
                d.finish();
                let mut n = 0;
                let mut mse = 0.0;
                while let Some(p) = d.next_picture() {
                    assert_eq!(p.pts, n);
                    mse += metrics::mse(&p.planes[0], &picture(format, n).planes[0]);
                    n += 1;
                }
                assert_eq!(n, 11);
                println!("{w}x{h} {chroma:?} {crf}: {bytes} bytes, psnr {:.2}", metrics::psnr(mse / 11.0, 8));
            }
        }
    }
}
