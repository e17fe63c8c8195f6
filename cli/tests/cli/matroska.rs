//! Films: what is beside the pictures comes along, in sync, and other programs take our Matroska.

use girih_samples::Scene;
use girih_tests::program::Folder;
use girih_tests::tools::{ffmpeg, have, probe, run};
use girih_tests::{clip, format};

const SUBTITLES: &[u8] =
    b"1\n00:00:00,200 --> 00:00:00,600\nGood morning\n\n2\n00:00:00,700 --> 00:00:00,900\nGood night\n";
const CHAPTERS: &[u8] = b";FFMETADATA1\ntitle=A film\nartist=Somebody\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\n\
                          END=500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=Two\n";

/// A film of a second with two sound tracks, subtitles, chapters and an attachment; `None` without ffmpeg.
fn film() -> Option<Folder> {
    if !have("ffmpeg") || !have("ffprobe") {
        return None;
    }
    let folder = Folder::new();
    folder.write("s.srt", SUBTITLES);
    folder.write("c.txt", CHAPTERS);
    folder.write_clip("v.y4m", &clip(Scene::Mix, format(80, 56, girih::ChromaFormat::Yuv420, 8), 30));
    ffmpeg(
        &folder,
        "-r 30000/1001 -i v.y4m -f lavfi -i sine=d=1:r=48000 -f lavfi -i sine=f=800:d=1:r=44100 -i s.srt -i c.txt \
         -map 0 -map 1 -map 2 -map 3 -map_metadata 4 -map_chapters 4 -attach s.srt \
         -metadata:s:t mimetype=text/plain -c:v libx264 -preset ultrafast -bf 2 -c:a:0 libopus -c:a:1 aac -c:s srt \
         -metadata:s:a:0 language=deu -metadata:s:v title=Pictures -disposition:a:1 0 -color_primaries bt709 \
         -color_trc bt709 -colorspace bt709 -color_range tv -aspect 16:9 in.mkv",
    );
    Some(folder)
}

/// Times, sizes and hashes of a stream's packets.
fn packets(folder: &Folder, file: &str, stream: &str, entries: &str) -> Vec<String> {
    probe(
        folder,
        file,
        &format!("-select_streams {stream} -show_data_hash md5 -show_entries packet={entries}"),
    )
}

#[test]
fn everything_beside_the_pictures_comes_along() {
    let Some(folder) = film() else { return };
    folder.girih("encode in.mkv -o out.mkv --preset ultrafast").ok();
    for stream in ["a:0", "a:1", "s:0"] {
        let all = "pts_time,duration_time,size,flags,data_hash";
        assert_eq!(
            packets(&folder, "in.mkv", stream, all),
            packets(&folder, "out.mkv", stream, all),
            "{stream}"
        );
    }
    let mut times = packets(&folder, "in.mkv", "v", "pts_time");
    times.sort_by(|a, b| a.parse::<f64>().unwrap_or(0.0).total_cmp(&b.parse().unwrap_or(0.0)));
    assert_eq!(packets(&folder, "out.mkv", "v", "pts_time"), times);
    assert_eq!(packets(&folder, "out.mkv", "v", "dts_time"), times);
    let same =
        |what: &str| assert_eq!(probe(&folder, "in.mkv", what), probe(&folder, "out.mkv", what), "{what}");
    same("-show_chapters -show_entries chapter=start_time,end_time:chapter_tags=title");
    same("-show_entries format_tags=title,ARTIST");
    same("-show_entries stream=codec_type,width,height,sample_aspect_ratio,avg_frame_rate");
    same("-show_entries stream=color_range,color_space,color_transfer,color_primaries");
    same("-show_entries stream_tags=language,title,filename,mimetype");
    same("-show_entries stream_disposition=default,forced");
    let tag = probe(&folder, "out.mkv", "-select_streams v -show_entries stream=codec_tag_string");
    assert_eq!(tag, ["GRIH"]);
    run(&folder, "ffmpeg", "-v error -dump_attachment:t:0 back.srt -i out.mkv -map 0:a -f null -");
    assert_eq!(folder.read("back.srt"), SUBTITLES);
}

#[test]
fn other_programs_copy_it() {
    let Some(folder) = film() else { return };
    folder.girih("encode in.mkv -o a.mkv --preset ultrafast").ok();
    folder.girih("decode a.mkv -o a.y4m --verify").ok();
    assert_eq!(folder.read_clip("a.y4m").len(), 30);
    ffmpeg(&folder, "-i a.mkv -map 0 -c copy b.mkv");
    ffmpeg(&folder, "-i a.mkv -map 0:v -map 0:a:1 -c copy c.mov");
    let mut copies = vec!["b.mkv", "c.mov"];
    if have("mkvmerge") {
        run(&folder, "mkvmerge", "-q -o d.mkv a.mkv");
        copies.push("d.mkv");
    }
    if have("mkvinfo") {
        let info = run(&folder, "mkvinfo", "a.mkv");
        assert!(info.contains("V_MS/VFW/FOURCC") && info.contains("GRIH"), "{info}");
    }
    for copy in copies {
        folder.girih(&format!("decode {copy} -o b.y4m --verify --overwrite")).ok();
        assert!(folder.read_clip("b.y4m") == folder.read_clip("a.y4m"), "{copy}");
    }
}

#[test]
fn decode_gives_usual_codecs_and_copies_the_rest() {
    let Some(folder) = film() else { return };
    folder.girih("encode in.mkv -o a.mkv --preset ultrafast").ok();
    folder.girih("decode a.mkv -o b.mkv --codec ffv1").ok();
    folder.girih("decode a.mkv -o a.y4m").ok();
    folder.girih("decode b.mkv -o b.y4m").ok();
    assert_eq!(folder.read_clip("a.y4m"), folder.read_clip("b.y4m"), "FFV1 has no loss");
    let all = "pts_time,size,data_hash";
    for stream in ["a:0", "a:1", "s:0"] {
        assert_eq!(
            packets(&folder, "a.mkv", stream, all),
            packets(&folder, "b.mkv", stream, all),
            "{stream}"
        );
    }
    let run = folder.girih("decode a.mkv -o c.mp4");
    assert!(run.stderr.contains("subtitle") && run.stderr.contains("c.mp4"), "{}", run.stderr);
    run.ok();
    let codecs = probe(&folder, "c.mp4", "-show_entries stream=codec_name");
    assert_eq!(codecs[..3], ["h264", "opus", "aac"]);
    let sound = "size,data_hash";
    assert_eq!(packets(&folder, "a.mkv", "a:1", sound), packets(&folder, "c.mp4", "a:1", sound));
    // What a muxer refuses only with the header is left out like the rest.
    ffmpeg(&folder, "-i in.mkv -map 0:v -map 0:a -c copy -c:a:0 flac f.mkv");
    folder.girih("encode f.mkv -o g.mkv --preset ultrafast").ok();
    folder.girih("decode g.mkv -o g.mp4").ok();
    let codecs = probe(&folder, "g.mp4", "-show_entries stream=codec_name");
    assert_eq!(codecs[..3], ["h264", "flac", "aac"]);
    let run = folder.girih("decode g.mkv -o g.mov");
    assert!(run.stderr.contains("flac") && run.stderr.contains("g.mov"), "{}", run.stderr);
    run.ok();
    let codecs = probe(&folder, "g.mov", "-show_entries stream=codec_name");
    assert_eq!(codecs[..2], ["h264", "aac"]);
    assert_eq!(packets(&folder, "g.mkv", "a:1", sound), packets(&folder, "g.mov", "a:0", sound));
    // MP4's subtitles become plain ones.
    ffmpeg(&folder, "-i in.mkv -map 0:v -map 0:a -map 0:s -c copy -c:s mov_text d.mp4");
    folder.girih("encode d.mp4 -o d.mkv --preset ultrafast").ok();
    let text = |file| packets(&folder, file, "s:0", "pts_time,data_hash");
    assert_eq!(text("d.mkv"), text("in.mkv"));
    assert_eq!(packets(&folder, "d.mkv", "a:1", sound), packets(&folder, "in.mkv", "a:1", sound));
}

#[test]
fn a_part_of_a_film_stays_in_sync() {
    let Some(folder) = film() else { return };
    folder.girih("encode in.mkv -o out.mkv --preset ultrafast --start 10 --frames 12").ok();
    assert_eq!(packets(&folder, "out.mkv", "v", "pts_time").len(), 12);
    let times = |file, stream| -> Vec<f64> {
        packets(&folder, file, stream, "pts_time").iter().filter_map(|t| t.parse().ok()).collect()
    };
    let mut pictures = times("in.mkv", "v");
    pictures.sort_by(f64::total_cmp);
    let (start, length) = (pictures[10], 12.0 * 1001.0 / 30000.0);
    for stream in ["a:1", "s:0"] {
        let wanted: Vec<f64> =
            times("in.mkv", stream).iter().map(|t| t - start).filter(|t| (0.0..length).contains(t)).collect();
        let told = times("out.mkv", stream);
        assert_eq!(told.len(), wanted.len(), "{stream}: {told:?} {wanted:?}");
        assert!(
            told.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 0.0011),
            "{stream}: {told:?} {wanted:?}"
        );
    }
}

#[test]
fn pictures_keep_their_times_and_stand_upright() {
    if !have("ffmpeg") || !have("ffprobe") {
        return;
    }
    let folder = Folder::new();
    folder.write_clip("v.y4m", &clip(Scene::Pan, format(80, 48, girih::ChromaFormat::Yuv420, 8), 12));
    ffmpeg(
        &folder,
        "-i v.y4m -vf setpts=(N*N*0.01+N*0.03)/TB,setsar=4/3 -vsync vfr -enc_time_base 1/1000 -c:v libx264 \
         -preset ultrafast -bf 2 vfr.mkv",
    );
    folder.girih("encode vfr.mkv -o a.mkv --preset ultrafast").ok();
    let mut times = packets(&folder, "vfr.mkv", "v", "pts_time");
    times.sort();
    assert_eq!(packets(&folder, "a.mkv", "v", "pts_time"), times);
    // A rate is one of time, not of frames.
    folder.girih("encode vfr.mkv -o rate.girih --preset ultrafast --bitrate 150k").ok();
    let info = folder.girih("info rate.girih").ok();
    let number = |key: &str| -> f64 {
        let line = info.lines().find(|l| l.starts_with(key)).unwrap_or_else(|| panic!("{key} in {info}"));
        line.split_whitespace().last().and_then(|v| v.parse().ok()).unwrap_or(0.0)
    };
    assert!(number("seconds") > 1.4 && (125.0..155.0).contains(&number("kbps")), "{info}");
    let run = folder.girih("decode rate.girih -o rate.y4m");
    assert!(run.stderr.contains("rate.y4m") && run.stderr.contains("frame rate"), "{}", run.stderr);
    // Broadcasts start anywhere.
    ffmpeg(&folder, "-i v.y4m -f lavfi -i sine=d=1 -c:v libx264 -c:a aac -output_ts_offset 50000 late.ts");
    folder.girih("encode late.ts -o late.mkv --preset ultrafast").ok();
    let first = |file, stream| -> f64 {
        let times = packets(&folder, file, stream, "pts_time").into_iter();
        times.filter_map(|t| t.trim_end_matches(',').parse().ok()).fold(f64::INFINITY, f64::min)
    };
    let (video, audio) = (first("late.mkv", "v"), first("late.mkv", "a"));
    assert!(video.min(audio).abs() < 0.002, "{video} {audio}");
    assert!((video - audio - first("late.ts", "v") + first("late.ts", "a")).abs() < 0.002, "{video} {audio}");
    let aspect = probe(&folder, "a.mkv", "-show_entries stream=sample_aspect_ratio");
    assert_eq!(aspect, ["4:3"]);
    for codec in ["h264", "ffv1"] {
        folder.girih(&format!("decode a.mkv -o b.mkv --codec {codec} --overwrite")).ok();
        let aspects =
            "-show_entries stream=sample_aspect_ratio:frame=sample_aspect_ratio -read_intervals %+#1";
        assert_eq!(probe(&folder, "b.mkv", aspects), ["4:3", "4:3"], "{codec}");
    }
    // One that the container alone tells.
    ffmpeg(&folder, "-i b.mkv -c copy -aspect 2:1 wide.mkv");
    folder.girih("encode wide.mkv -o wide.girih --preset ultrafast").ok();
    folder.girih("decode wide.girih -o wide.y4m").ok();
    assert_eq!(probe(&folder, "wide.y4m", "-show_entries stream=sample_aspect_ratio"), ["6:5"]);

    ffmpeg(&folder, "-i vfr.mkv -frames:v 4 -c:v libx264 -crf 4 -pix_fmt yuv420p t.mp4");
    ffmpeg(&folder, "-i t.mp4 -c copy -metadata:s:v rotate=90 r.mp4");
    folder.girih("encode r.mp4 -o r.mkv --preset ultrafast --crf 8").ok();
    let shape = probe(&folder, "r.mkv", "-show_entries stream=width,height,sample_aspect_ratio");
    assert_eq!(shape, ["48,80,3:4"]);
    ffmpeg(&folder, "-i r.mp4 -pix_fmt yuv420p upright.y4m");
    folder.girih("decode r.mkv -o r.y4m").ok();
    assert!(girih_tests::psnr(&folder.read_clip("upright.y4m"), &folder.read_clip("r.y4m"), 0) > 38.0);
}

#[test]
fn mastering_data_comes_along() {
    if !have("ffmpeg") || !have("ffprobe") || !run(&Folder::new(), "ffmpeg", "-encoders").contains("libx265")
    {
        return;
    }
    let folder = Folder::new();
    ffmpeg(
        &folder,
        "-f lavfi -i testsrc2=s=64x64:r=25:d=0.1 -pix_fmt yuv420p10le -c:v libx265 -x265-params \
         log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:master-display=\
         G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400:hdr10=1 h.mp4",
    );
    folder.girih("encode h.mp4 -o h.mkv --preset ultrafast").ok();
    folder.girih("decode h.mkv -o back.mkv").ok();
    for file in ["h.mkv", "back.mkv"] {
        let all = run(&folder, "ffprobe", &format!("-v error -show_streams {file}"));
        for word in [
            "bt2020nc",
            "smpte2084",
            "color_primaries=bt2020",
            "max_content=1000",
            "max_average=400",
            "red_x=17/25",
        ] {
            assert!(all.contains(word), "{file}: no {word} in\n{all}");
        }
    }
}

#[test]
fn remuxing_keeps_every_packet() {
    let folder = Folder::new();
    folder.write_clip("in.y4m", &clip(Scene::Mix, format(80, 56, girih::ChromaFormat::Yuv420, 8), 21));
    folder.girih("encode in.y4m -o a.girih --preset ultrafast --keyint 12").ok();
    folder.girih("encode a.girih -o b.mkv --copy").ok();
    folder.girih("encode b.mkv -o c.girih --copy").ok();
    assert!(folder.read("a.girih") == folder.read("c.girih"));
    folder.girih("encode in.y4m -o d.mkv --preset ultrafast --keyint 12").ok();
    assert!(folder.read("b.mkv") == folder.read("d.mkv"), "contents alone decide the bytes of a file");
    let line = folder.girih("encode in.y4m -o e.girih --copy").fails(1);
    assert!(line.contains("in.y4m"), "{line}");
}

#[test]
fn covers_come_along() {
    if !have("ffmpeg") || !have("ffprobe") {
        return;
    }
    let folder = Folder::new();
    folder.write_clip("v.y4m", &clip(Scene::Pan, format(64, 48, girih::ChromaFormat::Yuv420, 8), 5));
    ffmpeg(&folder, "-f lavfi -i testsrc2=s=32x32 -frames:v 1 art.jpg");
    ffmpeg(
        &folder,
        "-i v.y4m -i art.jpg -map 0 -map 1 -c:v:0 libx264 -preset ultrafast -c:v:1 copy -disposition:v:1 \
         attached_pic in.mp4",
    );
    folder.girih("encode in.mp4 -o a.mkv --preset ultrafast").ok();
    folder.girih("encode a.mkv -o b.mkv --preset ultrafast").ok();
    folder.girih("decode b.mkv -o back.mp4").ok();
    for file in ["a.mkv", "b.mkv", "back.mp4"] {
        let covers = probe(&folder, file, "-select_streams v:1 -show_entries stream=codec_name,width");
        assert_eq!(covers, ["mjpeg,32"], "{file}");
        let flags = probe(&folder, file, "-select_streams v:1 -show_entries stream_disposition=attached_pic");
        assert_eq!(flags, ["1"], "{file}");
        ffmpeg(&folder, &format!("-i {file} -map 0:v:1 -c copy -f image2 -update 1 {file}.jpg"));
        assert!(folder.read(&format!("{file}.jpg")) == folder.read("art.jpg"), "{file}");
    }
}
