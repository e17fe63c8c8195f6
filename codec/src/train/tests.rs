use super::*;
use crate::picture::{ChromaFormat, Format};

fn format(width: usize, height: usize) -> Format {
    Format { width, height, chroma: ChromaFormat::Yuv420, bit_depth: 8 }
}

/// Moving waves and noise.
fn clip(seed: u32, frames: usize) -> Clip {
    let picture = |t: usize| {
        let mut p = Picture::new(format(64, 48));
        let mut state = seed;
        for (k, plane) in p.planes.iter_mut().enumerate() {
            for y in 0..plane.height() {
                for (x, v) in plane.row_mut(y).iter_mut().enumerate() {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let wave = ((x + 2 * t) as f32 / (3 + k) as f32 + seed as f32).sin() * 50.0;
                    let wave = wave + ((y + t) as f32 / 5.0).cos() * 40.0;
                    *v = (120.0 + wave + (state >> 28) as f32) as u16;
                }
            }
        }
        p.pts = t as i64;
        p
    };
    (0..frames).map(picture).collect()
}

fn options(threads: usize) -> Options {
    Options { rounds: 1, crfs: vec![24.0], preset: Preset::Ultrafast, threads, ..Options::default() }
}

fn run(clips: &[Clip], o: &Options) -> Result<Trained, Error> {
    train(clips, o, |_, _| {}, |_| {})
}

#[test]
fn threads_do_not_matter() {
    let clips: Vec<Clip> = (0..9).map(|i| clip(i, 1 + i as usize % 3)).collect();
    for scalar in [false, true] {
        let with = |threads| run(&clips, &Options { scalar, ..options(threads) }).expect("a set");
        let (one, two) = (with(1), with(2));
        assert_eq!(one.set.to_bytes(), two.set.to_bytes(), "scalar {scalar}");
        assert_eq!((one.held_out, one.rounds), (two.held_out, two.rounds));
        let held_out = one.held_out.expect("nine clips leave one");
        assert!(held_out.before.j > 0.0 && held_out.after.j > 0.0);
        assert_eq!(one.books.iter().all(|b| b.dimension == 1), scalar);
    }
}

#[test]
fn interrupted_training_goes_on() {
    let clips: Vec<Clip> = (0..3).map(|i| clip(i, 2)).collect();
    let o = Options { rounds: 2, ..options(1) };
    let mut first = None;
    let keep = |r: &Round, set: &CodebookSet| {
        first.get_or_insert_with(|| (r.number, Arc::new(set.clone())));
    };
    let whole = train(&clips, &o, keep, |_| {}).expect("a set");
    let rest = run(&clips, &Options { done: first, ..o.clone() }).expect("a set");
    assert_eq!((rest.set.to_bytes(), rest.rounds), (whole.set.to_bytes(), whole.rounds[1..].to_vec()));
    let all = Some((2, whole.set));
    assert!(matches!(run(&clips, &Options { done: all, ..o }), Err(Error::Config(_))));
}

#[test]
fn little_to_learn_from() {
    let still = clip(3, 1);
    let t = run(std::slice::from_ref(&still), &options(1)).expect("one picture is enough");
    assert!(t.held_out.is_none());
    assert!(t.books.iter().all(|b| b.entropy.is_finite() && b.used <= b.words));
    let builtin = CodebookSet::builtin();
    let words = |set: &CodebookSet, kinds: std::ops::Range<usize>| -> usize {
        set.books[kinds.start * 36..kinds.end * 36].iter().map(|b| b.len()).sum()
    };
    assert!(words(&t.set, 0..1) >= words(&builtin, 0..1), "words are only added and replaced");
    let inter = 36..72;
    assert_eq!(t.set.books[inter.clone()], builtin.books[inter], "what a picture does not show is built in");
    let alone = Options { specialise: false, ..options(1) };
    let alone = run(std::slice::from_ref(&still), &alone).expect("one picture is enough");
    assert!(words(&alone.set, 0..1) < words(&builtin, 0..1), "no more words than there was to learn");
    // It is as good as any for a stream.
    let mut config = Config::new(still[0].format);
    config.codebook = Some(t.set);
    let mut e = crate::Encoder::new(config).expect("settings");
    clip(5, 3).into_iter().for_each(|p| e.push(p).expect("a picture"));
    e.finish().expect("packets");
    let mut d = crate::Decoder::new(&e.header(), crate::Limits::default()).expect("the set in the header");
    d.set_verify(true);
    while let Some(p) = e.next_packet() {
        d.push(&p.data, p.pts).expect("a frame");
    }
}

#[test]
fn nothing_to_learn_from() {
    let black = vec![vec![Picture::new(format(64, 48)); 5]];
    for clips in [&[][..], &[vec![]], &black, &[clip(1, 1)[..0].to_vec()]] {
        assert!(matches!(run(clips, &options(1)), Err(Error::Config(_))));
    }
}
