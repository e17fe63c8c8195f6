//! Frames that are decoded at once: the same pictures, in order, whatever happens meanwhile.

use girih::{AnyPicture, ChromaFormat, Config, Decoder, Limits, Picture, Preset};
use girih_samples::Scene;
use girih_tests::{Stream, clip, encode, format};

fn stream(chroma: ChromaFormat, bit_depth: u8, frames: usize) -> Stream {
    let format = format(136, 72, chroma, bit_depth);
    let config = Config { preset: Preset::Fast, crf: 34.0, keyint: 24, ..Config::new(format) };
    encode(&config, &clip(Scene::Pan, format, frames)).expect("encoded")
}

fn decoder(stream: &Stream, threads: usize) -> Decoder {
    let mut decoder = Decoder::new(&stream.header, Limits::default()).expect("a header");
    decoder.set_threads(threads);
    decoder
}

fn rest(decoder: &mut Decoder) -> Vec<Picture> {
    std::iter::from_fn(|| decoder.next_picture()).collect()
}

/// Pictures of a run of packets.
fn pictures(decoder: &mut Decoder, stream: &Stream, packets: std::ops::Range<usize>) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for p in &stream.packets[packets] {
        decoder.push(&p.data, p.pts).expect("decoded");
        pictures.extend(rest(decoder));
    }
    pictures
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for (chroma, bit_depth) in
        [(ChromaFormat::Yuv420, 8), (ChromaFormat::Yuv444, 10), (ChromaFormat::Mono, 8)]
    {
        let stream = stream(chroma, bit_depth, 60);
        let all = |threads: usize| {
            let mut decoder = decoder(&stream, threads);
            let mut all = pictures(&mut decoder, &stream, 0..60);
            decoder.finish();
            all.extend(rest(&mut decoder));
            all
        };
        let alone = all(1);
        assert_eq!(alone.iter().map(|p| p.pts).collect::<Vec<_>>(), (0..60).collect::<Vec<_>>());
        for threads in [2, 3, 8] {
            assert!(all(threads) == alone, "{bit_depth} bits, {threads} threads");
        }
    }
}

#[test]
fn pictures_before_an_error_come_out() {
    let stream = stream(ChromaFormat::Yuv420, 8, 60);
    let before = |threads: usize, at: usize| {
        let mut decoder = decoder(&stream, threads);
        let mut all = pictures(&mut decoder, &stream, 0..at);
        let cut = &stream.packets[at].data[..4];
        assert!(decoder.push(cut, 0).is_err());
        decoder.catch_up();
        all.extend(rest(&mut decoder));
        // From the next key frame on all is well again.
        let key = (at + 1..60).find(|&i| stream.packets[i].key).expect("another key frame");
        let mut later = pictures(&mut decoder, &stream, key..60);
        decoder.finish();
        later.extend(rest(&mut decoder));
        later.retain(|p| p.pts >= stream.packets[key].pts);
        (all, later)
    };
    for at in [1, 9, 17] {
        let alone = before(1, at);
        assert!(!alone.0.is_empty() && !alone.1.is_empty());
        assert!(before(3, at) == alone, "error in packet {at}");
    }
}

#[test]
fn a_reset_forgets_what_is_at_work() {
    let stream = stream(ChromaFormat::Yuv420, 8, 60);
    let key = (1..60).find(|&i| stream.packets[i].key).expect("another key frame");
    let from_key = |decoder: &mut Decoder| {
        let mut all = pictures(decoder, &stream, key..60);
        decoder.finish();
        all.extend(rest(decoder));
        all
    };
    let expected = from_key(&mut decoder(&stream, 1));
    for packets in [1, 5, 12] {
        let mut decoder = decoder(&stream, 4);
        pictures(&mut decoder, &stream, 0..packets);
        decoder.reset();
        assert!(from_key(&mut decoder) == expected);
        decoder.set_threads(2);
        decoder.reset();
        assert!(from_key(&mut decoder) == expected);
    }
}

#[test]
fn eight_bits_come_as_bytes() {
    for (bit_depth, bytes) in [(8, true), (10, false)] {
        let stream = stream(ChromaFormat::Yuv420, bit_depth, 3);
        let mut decoders = [decoder(&stream, 1), decoder(&stream, 1)];
        for decoder in &mut decoders {
            for p in &stream.packets {
                decoder.push(&p.data, p.pts).expect("decoded");
            }
            decoder.finish();
        }
        let [a, b] = &mut decoders;
        while let Some(picture) = a.next_as_decoded() {
            assert_eq!(matches!(picture, AnyPicture::Bytes(_)), bytes);
            assert_eq!(
                (picture.format().bit_depth, picture.pts()),
                (bit_depth, picture.clone().into_words().pts)
            );
            assert_eq!(Some(picture.into_words()), b.next_picture());
        }
        assert_eq!(b.next_picture(), None);
    }
}

#[test]
fn memory_limits_how_many_frames_are_ahead() {
    let stream = stream(ChromaFormat::Yuv420, 8, 20);
    let first = |max_memory: u64| {
        let limits = Limits { max_memory, ..Limits::default() };
        let mut decoder = Decoder::new(&stream.header, limits).expect("a header");
        decoder.set_threads(4);
        let came = stream.packets.iter().position(|p| {
            decoder.push(&p.data, p.pts).expect("decoded");
            decoder.next_picture().is_some()
        });
        came.expect("a picture before the last packet")
    };
    assert_eq!(first(12_000_000), 0);
    assert!(first(1 << 32) >= 8);
}
