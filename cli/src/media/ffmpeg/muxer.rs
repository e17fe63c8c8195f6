//! One video and what is copied beside it, in a container of FFmpeg's.

use anyhow::{Context, Result, bail};
use ffmpeg_next::format::context::Output;
use ffmpeg_next::{self as av, codec, format};

use super::copier::{Copier, rescale};
use super::{ffi, rational, streams};
use crate::media::pending::Pending;
use crate::media::{Description, Extras};

/// Opens the container that a name stands for.
pub fn open(pending: &Pending) -> Result<Output> {
    let Some(name) = pending.path().to_str().filter(|p| !p.contains('\0')) else {
        bail!("FFmpeg needs a file name in UTF-8");
    };
    match format::output(name) {
        Ok(output) => Ok(output),
        // FFmpeg knows no container by that name.
        Err(av::Error::InvalidData)
        | Err(av::Error::MuxerNotFound)
        | Err(av::Error::Other { errno: av::error::EINVAL }) => bail!("unknown file type"),
        Err(e) => Err(e.into()),
    }
}

/// Writes a file of one video stream and copies.
pub struct Muxer {
    output: Output,
    pending: Pending,
    copier: Option<Copier>,
    /// Where the video is.
    stream: usize,
    time_base: av::Rational,
    stream_base: av::Rational,
    /// Units of `time_base` from one frame to the next.
    duration: i64,
    end: i64,
    /// What could not be copied.
    pub notes: Vec<String>,
}

impl Muxer {
    /// Writes the header of a file whose video has these parameters.
    pub fn create(
        pending: Pending,
        output: Output,
        mut parameters: codec::Parameters,
        d: &Description,
        extras: &Extras,
        mut copier: Option<Copier>,
    ) -> Result<Self> {
        streams::set_chroma_location(&mut parameters, extras.chroma_location);
        let video = |output: &mut Output| {
            let mut stream = output.add_stream(None::<av::Codec>)?;
            stream.set_parameters(parameters.clone());
            stream.set_time_base(rational(d.time_base));
            stream.set_avg_frame_rate(rational(d.frame_rate));
            ffi::set_sample_aspect(&mut stream, d.sample_aspect);
            extras.side_data.iter().for_each(|s| streams::add_side_data(&mut stream, s));
            Ok(stream.index())
        };
        // Writes the header for the video and copies.
        let head =
            |mut output: Output, copier: Option<&mut Copier>| -> Result<(Output, usize, Vec<String>)> {
                streams::allow_all(&mut output);
                if matches!(output.format().name(), "matroska" | "webm") {
                    streams::make_exact(&mut output);
                }
                let (stream, notes) = match copier {
                    Some(c) => c.add_streams(&mut output, video)?,
                    None => (video(&mut output)?, Vec::new()),
                };
                output.write_header().context("this kind of file does not take the video")?;
                Ok((output, stream, notes))
            };
        let (output, stream, notes) = match (head(output, copier.as_mut()), &mut copier) {
            // Some muxers see only with the header what they do not take: each is tried alone.
            (Err(_), Some(c)) => {
                let (all, mut refused) = (c.copied(), Vec::new());
                for &i in &all {
                    c.leave_out(all.iter().copied().filter(|&k| k != i).collect());
                    if head(open(&pending)?, Some(c)).is_err() {
                        refused.push(i);
                    }
                }
                c.leave_out(refused);
                head(open(&pending)?, Some(c))?
            }
            (result, _) => result?,
        };
        let stream_base = output.stream(stream).context("no stream")?.time_base();
        if let Some(c) = &mut copier {
            c.start(&output);
        }
        let duration = frame_duration(d);
        let time_base = rational(d.time_base);
        Ok(Muxer { output, pending, copier, stream, time_base, stream_base, duration, end: 0, notes })
    }

    /// Writes a packet of the video, and what is to be copied before it.
    pub fn write(&mut self, mut packet: av::Packet) -> Result<()> {
        packet.set_stream(self.stream);
        if packet.duration() == 0 {
            packet.set_duration(self.duration);
        }
        let time = packet.dts().or(packet.pts()).unwrap_or(self.end);
        self.end = self.end.max(packet.pts().unwrap_or(time).saturating_add(self.duration));
        if let Some(c) = &mut self.copier {
            c.copy_until(&mut self.output, time, self.time_base)?;
        }
        packet.rescale_ts(self.time_base, self.stream_base);
        packet.write(&mut self.output)?;
        Ok(())
    }

    /// Completes the file; gives its size.
    pub fn finish(mut self) -> Result<u64> {
        if let Some(c) = &mut self.copier {
            c.finish(&mut self.output, self.end, self.time_base)?;
        }
        self.output.write_trailer()?;
        // Close the file before it gets its name.
        drop(self.output);
        let bytes = std::fs::metadata(self.pending.path())?.len();
        self.pending.commit()?;
        Ok(bytes)
    }
}

fn frame_duration(d: &Description) -> i64 {
    let rate = av::Rational(rational(d.frame_rate).denominator(), rational(d.frame_rate).numerator());
    rescale(1, rate, rational(d.time_base)).max(1)
}
