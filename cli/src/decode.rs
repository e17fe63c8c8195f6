//! `girih decode`: a `.girih` file (or any other video) into y4m, an image or another format.

use anyhow::{Result, bail};

use crate::args::Decode;
use crate::codebook;
use crate::error::{self, InFile, display};
use crate::media::{self, Reading, Transcoding};
use crate::progress::Progress;

pub fn run(args: &Decode) -> Result<()> {
    // Matroska counts milliseconds, whatever the frame rate.
    let exact = media::is_matroska(&args.output);
    let codebook = codebook::load(args.given.codebook.as_deref())?;
    let threads = args.threads.count;
    let reading = Reading { threads, verify: args.verify, exact, codebook, ..Reading::default() };
    let mut source = media::open(&args.input, reading).in_file(&args.input)?;
    let Some(mut picture) = source.next_as_decoded().in_file(&args.input)? else {
        bail!("{}: no picture in it", display(&args.input));
    };
    let mut copier = media::is_container(&args.output).then(|| media::companions(&args.input)).flatten();
    if let Some(c) = &mut copier {
        c.shift(source.extras().shift);
    }
    let how = Transcoding { threads: args.threads.count, codec: args.codec };
    let mut sink = media::create((&args.input, &args.output), source.as_ref(), how, copier, args.overwrite)?;
    error::notes(&args.output, sink.notes());
    let progress = Progress::new("decoding", source.description().frames);
    let (mut frames, first) = (0, picture.pts());
    let mut last;
    loop {
        (frames, last) = (frames + 1, picture.pts());
        sink.write_as_decoded(picture).in_file(&args.output)?;
        progress.frame();
        if sink.full() {
            break;
        }
        match source.next_as_decoded().in_file(&args.input) {
            Ok(Some(next)) => picture = next,
            Ok(None) => break,
            Err(e) if args.partial => {
                error::cut_short(&args.input, frames, &e);
                break;
            }
            Err(e) => return Err(e),
        }
    }
    let d = source.description();
    let short = (!sink.full()).then(|| source.extras().ends_early(d.seconds(first, last))).flatten();
    match short {
        Some(e) if args.verify => bail!("{}: {e}", display(&args.input)),
        e => error::notes(&args.input, e.as_slice()),
    }
    sink.finish().in_file(&args.output)?;
    let (lasts, counted) = (d.seconds(first, last), frames as f64 / d.fps());
    if media::is_y4m(&args.output) && (lasts - counted).abs() > 1.5 / d.fps() {
        let note = format!("has one frame rate, the film varies: {counted:.2} instead of {lasts:.2} seconds");
        error::notes(&args.output, &[note]);
    }
    Ok(())
}
