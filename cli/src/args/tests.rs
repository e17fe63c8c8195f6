use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Command, ErrorKind> {
    Cli::try_parse_from(line.split_whitespace()).map(|c| c.command).map_err(|e| e.kind())
}

#[test]
fn definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn encode_flags() {
    let line = "girih encode in.mp4 -o out.girih --crf 22.5 --preset slow --tune ssim --keyint 60 --threads 3 \
                --start 5 --frames 7 --overwrite --json --without cdef,tskip";
    let Ok(Command::Encode(a)) = parse(line) else { panic!("not encode") };
    assert_eq!((a.crf, a.tools.preset, a.tools.tune), (22.5, Preset::Slow, Some(Tune::Ssim)));
    assert_eq!((a.keyint, a.threads.count, a.range.start, a.range.frames), (60, 3, 5, Some(7)));
    assert_eq!(a.tools.without, ["cdef", "tskip"]);
    assert!(a.overwrite && a.json);

    let Ok(Command::Encode(a)) = parse("girih encode - --output o.girih --bitrate 800k") else { panic!() };
    assert_eq!((a.crf, a.goal.bitrate, a.keyint), (30.0, Some(800_000), 250));
}

#[test]
fn compare_flags() {
    let Ok(Command::Compare(a)) = parse("girih compare a.mkv b.png --against h264:medium,av1 --crfs 18,30")
    else {
        panic!("not compare")
    };
    assert_eq!(a.inputs.len(), 2);
    assert_eq!(a.crfs, [18.0, 30.0]);
    assert_eq!(a.against.iter().map(Peer::name).collect::<Vec<_>>(), ["h264:medium", "av1"]);
    let Ok(Command::Compare(a)) = parse("girih compare a.mkv") else { panic!("not compare") };
    assert_eq!((a.crfs.len(), a.against[0].name()), (4, "h264:slow"));
}

#[test]
fn usage_errors() {
    for (line, kind) in [
        ("girih encode in.mp4", ErrorKind::MissingRequiredArgument),
        ("girih encode in.mp4 -o o.girih --crf 64", ErrorKind::ValueValidation),
        ("girih encode in.mp4 -o o.girih --crf nan", ErrorKind::ValueValidation),
        ("girih encode in.mp4 -o o.girih --crf 20 --bitrate 1M", ErrorKind::ArgumentConflict),
        ("girih encode in.mp4 -o o.girih --size 1M --bitrate 1M", ErrorKind::ArgumentConflict),
        ("girih encode in.mp4 -o o.girih --preset turbo", ErrorKind::ValueValidation),
        ("girih encode in.mp4 -o o.girih --keyint 0", ErrorKind::ValueValidation),
        ("girih encode in.mp4 -o o.girih --frames 0", ErrorKind::ValueValidation),
        ("girih compare", ErrorKind::MissingRequiredArgument),
        ("girih compare a --against mpeg1", ErrorKind::ValueValidation),
        ("girih polish a", ErrorKind::InvalidSubcommand),
    ] {
        assert_eq!(parse(line).err(), Some(kind), "{line}");
    }
}

#[test]
fn quantities() {
    assert_eq!(quantity("800k"), Ok(800_000));
    assert_eq!(quantity("1.5M"), Ok(1_500_000));
    assert_eq!(quantity("12"), Ok(12));
    for bad in ["", "k", "-1k", "0", "1e30", "10MB", "inf", "é"] {
        assert!(quantity(bad).is_err(), "{bad}");
    }
}
