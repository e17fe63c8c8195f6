//! Videos of other codecs in FFmpeg's containers.

use anyhow::{Result, bail};
use ffmpeg_next::format;
use girih::Picture;

use super::{Copier, EncoderSettings, Muxer, PacketEncoder, has_encoder, muxer, streams};
use crate::media::pending::Pending;
use crate::media::{Description, Extras, Sink, Transcoding, VideoCodec};

/// Codes pictures with a codec of FFmpeg's, nearly without loss or without any.
pub struct FfmpegSink {
    encoder: PacketEncoder,
    muxer: Muxer,
}

impl FfmpegSink {
    pub fn create(
        pending: Pending,
        d: &Description,
        extras: &Extras,
        how: Transcoding,
        copier: Option<Copier>,
    ) -> Result<Self> {
        let output = muxer::open(&pending)?;
        if output.format().name() == "image2" {
            bail!("unknown kind of image: .png, .jpg, .webp, .tif, .bmp and .ppm are known");
        }
        let (name, options) = match how.codec.unwrap_or_else(|| default_codec(output.format().name())) {
            VideoCodec::H264 => ("libx264", vec![("crf", "16".to_string()), ("preset", "fast".to_string())]),
            VideoCodec::Vp9 => ("libvpx-vp9", vec![("crf", "16".to_string()), ("b", "0".to_string())]),
            VideoCodec::Ffv1 => ("ffv1", vec![("level", "3".to_string()), ("g", "1".to_string())]),
        };
        if !has_encoder(name) {
            bail!("encoder {name} is not in the FFmpeg that girih is linked with; write .y4m instead");
        }
        let global_header = output.format().flags().contains(format::Flags::GLOBAL_HEADER);
        let settings = EncoderSettings { name, options, threads: how.threads, exact: false, global_header };
        let encoder = PacketEncoder::open(&settings, d)?;
        if !streams::takes(&output, &encoder.parameters()) {
            bail!("this kind of file does not take video of {name}: .mp4, .mkv, .mov and .webm are usual");
        }
        let muxer = Muxer::create(pending, output, encoder.parameters(), d, extras, copier)?;
        Ok(FfmpegSink { encoder, muxer })
    }

    fn drain(&mut self) -> Result<()> {
        while let Some(packet) = self.encoder.next()? {
            self.muxer.write(packet)?;
        }
        Ok(())
    }
}

/// What players expect in a container.
fn default_codec(container: &str) -> VideoCodec {
    match container {
        "webm" => VideoCodec::Vp9,
        "nut" => VideoCodec::Ffv1,
        _ => VideoCodec::H264,
    }
}

impl Sink for FfmpegSink {
    fn write(&mut self, picture: &Picture) -> Result<()> {
        self.encoder.push(picture)?;
        self.drain()
    }

    fn notes(&self) -> &[String] {
        &self.muxer.notes
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.encoder.finish()?;
        self.drain()?;
        self.muxer.finish().map(|_| ())
    }
}
