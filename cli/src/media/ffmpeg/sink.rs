//! Videos in FFmpeg's containers.

use anyhow::{Context, Result, bail};
use ffmpeg_next::{self as av, format};
use girih::{Picture, Rational};

use super::{EncoderSettings, PacketEncoder, ffi, has_encoder, rational};
use crate::media::pending::Pending;
use crate::media::{Description, Sink};

/// Writes H.264 of high quality (VP9 into WebM).
pub struct FfmpegSink {
    encoder: PacketEncoder,
    output: format::context::Output,
    pending: Pending,
    time_base: av::Rational,
    stream_base: av::Rational,
    /// Ticks from one frame to the next.
    duration: i64,
}

impl FfmpegSink {
    pub fn create(pending: Pending, d: &Description, threads: usize) -> Result<Self> {
        let path = pending.path();
        let Some(name) = path.to_str().filter(|p| !p.contains('\0')) else {
            bail!("FFmpeg needs a file name in UTF-8");
        };
        let mut output = match format::output(name) {
            Ok(output) => output,
            // FFmpeg knows no container by that name.
            Err(av::Error::InvalidData)
            | Err(av::Error::MuxerNotFound)
            | Err(av::Error::Other { errno: av::error::EINVAL }) => {
                bail!("unknown file type")
            }
            Err(e) => return Err(e.into()),
        };
        let webm = name.to_ascii_lowercase().ends_with(".webm");
        let (codec, options) = if webm {
            ("libvpx-vp9", vec![("crf", "16".to_string()), ("b", "0".to_string())])
        } else {
            ("libx264", vec![("crf", "16".to_string()), ("preset", "fast".to_string())])
        };
        if !has_encoder(codec) {
            bail!("encoder {codec} is not in the FFmpeg that girih is linked with; write .y4m instead");
        }
        let global_header = output.format().flags().contains(format::Flags::GLOBAL_HEADER);
        let encoder = PacketEncoder::open(
            &EncoderSettings { name: codec, options, threads, exact: false, global_header },
            d,
        )?;
        let mut stream = output.add_stream(av::encoder::find_by_name(codec))?;
        stream.set_parameters(encoder.parameters());
        stream.set_time_base(rational(d.time_base));
        stream.set_avg_frame_rate(rational(d.frame_rate));
        ffi::set_sample_aspect(&mut stream, d.sample_aspect);
        output.write_header().context("this container does not take the video")?;
        let stream_base = output.stream(0).context("no stream")?.time_base();
        Ok(FfmpegSink {
            encoder,
            output,
            pending,
            time_base: rational(d.time_base),
            stream_base,
            duration: frame_duration(d.frame_rate, d.time_base),
        })
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(mut packet) = self.encoder.next()? {
            packet.set_stream(0);
            if packet.duration() == 0 {
                packet.set_duration(self.duration);
            }
            packet.rescale_ts(self.time_base, self.stream_base);
            packet.write_interleaved(&mut self.output)?;
        }
        Ok(())
    }
}

impl Sink for FfmpegSink {
    fn write(&mut self, picture: &Picture) -> Result<()> {
        self.encoder.push(picture)?;
        self.drain()
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.encoder.finish()?;
        self.drain()?;
        self.output.write_trailer()?;
        // Close the file before it gets its name.
        drop(self.output);
        self.pending.commit()
    }
}

fn frame_duration(rate: Rational, time_base: Rational) -> i64 {
    let ticks = u64::from(rate.den) * u64::from(time_base.den);
    let per = u64::from(rate.num) * u64::from(time_base.num);
    ticks.checked_div(per).and_then(|d| i64::try_from(d).ok()).unwrap_or(1).max(1)
}
