//! Other codecs' encoders, through FFmpeg: pictures in, packets out.

use anyhow::{Context, Result, bail};
use ffmpeg_next::{self as av, Dictionary, codec, encoder, format::Pixel, threading};
use girih::{ChromaFormat, Format, Packet, Picture, Rational};

use super::frame::{Converter, to_frame};
use super::{ffi, pixel, rational, wants_more};
use crate::media::Description;

/// Is this encoder in the FFmpeg that we are linked with?
pub fn has_encoder(name: &str) -> bool {
    encoder::find_by_name(name).is_some()
}

/// Which encoder, and how.
pub struct EncoderSettings<'a> {
    /// FFmpeg's name, such as `libx264`.
    pub name: &'a str,
    /// FFmpeg's options, such as `("crf", "22")`.
    pub options: Vec<(&'a str, String)>,
    /// 0 = one per core.
    pub threads: usize,
    /// Refuse pictures that would have to be converted to another pixel format.
    pub exact: bool,
    /// Put parameter sets beside the packets instead of into them.
    pub global_header: bool,
}

/// An open encoder.
pub struct PacketEncoder {
    encoder: encoder::video::Encoder,
    /// For encoders that want another pixel format than the pictures have.
    converter: Converter,
    pixel: Pixel,
    sample_aspect: Rational,
    last_pts: Option<i64>,
}

impl PacketEncoder {
    pub fn open(settings: &EncoderSettings<'_>, d: &Description) -> Result<Self> {
        let name = settings.name;
        let codec = encoder::find_by_name(name)
            .with_context(|| format!("encoder {name} is not in the FFmpeg that girih is linked with"))?;
        let context = codec::context::Context::new_with_codec(codec);
        let mut e = context.encoder().video()?;
        let (width, height) = (u32::try_from(d.format.width)?, u32::try_from(d.format.height)?);
        let pixel = choose(d, codec, settings.exact)
            .with_context(|| format!("{name} does not take {}", d.layout()))?;
        e.set_width(width);
        e.set_height(height);
        e.set_format(pixel);
        e.set_time_base(rational(d.time_base));
        e.set_frame_rate(Some(rational(d.frame_rate)));
        e.set_aspect_ratio(rational(d.sample_aspect));
        ffi::set_color(&mut e, d.color);
        e.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(settings.threads)
        });
        if settings.global_header {
            e.set_flags(codec::Flags::GLOBAL_HEADER);
        }
        let mut options = Dictionary::new();
        for (key, value) in &settings.options {
            options.set(key, value);
        }
        let encoder = e.open_with(options).with_context(|| format!("{name} does not start"))?;
        let converter = Converter::new(pixel, width, height);
        Ok(PacketEncoder { encoder, converter, pixel, sample_aspect: d.sample_aspect, last_pts: None })
    }

    /// What a decoder or a container has to know.
    pub fn parameters(&self) -> codec::Parameters {
        codec::Parameters::from(&self.encoder)
    }

    /// Adds a picture in display order.
    pub fn push(&mut self, picture: &Picture) -> Result<()> {
        let colored = pixel::layout(self.pixel).is_some_and(|(chroma, ..)| chroma != ChromaFormat::Mono);
        let mut frame = match picture.format.chroma {
            ChromaFormat::Mono if colored => to_frame(&with_chroma(picture)),
            _ => to_frame(picture),
        };
        if let Some(converted) = self.converter.convert(&frame)? {
            frame = converted;
        }
        let pts = self.last_pts.map_or(picture.pts, |l| picture.pts.max(l.saturating_add(1)));
        self.last_pts = Some(pts);
        frame.set_pts(Some(pts));
        // FFV1 takes it from here, not from what it was opened with.
        ffi::set_frame_aspect(&mut frame, self.sample_aspect);
        Ok(self.encoder.send_frame(&frame)?)
    }

    pub fn finish(&mut self) -> Result<()> {
        Ok(self.encoder.send_eof()?)
    }

    /// The next packet in decoding order, if one is ready.
    pub fn next(&mut self) -> Result<Option<av::Packet>> {
        let mut packet = av::Packet::empty();
        match self.encoder.receive_packet(&mut packet) {
            Ok(()) => Ok(Some(packet)),
            Err(av::Error::Eof) => Ok(None),
            Err(e) if wants_more(e) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// The same as a packet of ours.
    pub fn next_packet(&mut self) -> Result<Option<Packet>> {
        let Some(p) = self.next()? else { return Ok(None) };
        let data = p.data().unwrap_or_default().to_vec();
        if data.is_empty() {
            bail!("the encoder gave an empty packet");
        }
        Ok(Some(Packet { data, pts: p.pts().unwrap_or_default(), key: p.is_key() }))
    }
}

/// A gray picture with chroma that says so.
fn with_chroma(gray: &Picture) -> Picture {
    let format = Format { chroma: ChromaFormat::Yuv420, ..gray.format };
    let mut picture = Picture { pts: gray.pts, ..Picture::new(format) };
    let (luma, chroma) = picture.planes.split_at_mut(1);
    for y in 0..luma[0].height() {
        luma[0].row_mut(y).copy_from_slice(gray.planes[0].row(y));
    }
    for plane in chroma {
        (0..plane.height()).for_each(|y| plane.row_mut(y).fill(1 << (format.bit_depth - 1)));
    }
    picture
}

/// The pixel format of the pictures, or (unless `exact`) what is nearest to it among those that the
/// encoder takes.
fn choose(d: &Description, codec: av::Codec, exact: bool) -> Option<Pixel> {
    let formats: Vec<_> = codec.video().ok()?.formats()?.collect();
    let wanted = pixel::pixel(d.format.chroma, d.format.bit_depth);
    // x264 and others take 4:2:0 of even sizes only.
    let odd =
        d.format.chroma == ChromaFormat::Yuv420 && (d.format.width % 2 == 1 || d.format.height % 2 == 1);
    let candidates: &[Pixel] = match wanted {
        Pixel::YUV420P if odd => &[Pixel::YUV444P],
        Pixel::YUV420P10LE if odd => &[Pixel::YUV444P10LE, Pixel::YUV444P],
        Pixel::YUV420P10LE => &[Pixel::YUV420P10LE, Pixel::YUV420P],
        Pixel::YUV444P => &[Pixel::YUV444P, Pixel::YUV420P],
        Pixel::YUV444P10LE => &[Pixel::YUV444P10LE, Pixel::YUV444P, Pixel::YUV420P10LE, Pixel::YUV420P],
        Pixel::GRAY10LE => &[Pixel::GRAY10LE, Pixel::GRAY8, Pixel::YUV420P],
        Pixel::GRAY8 => &[Pixel::GRAY8, Pixel::YUV420P],
        _ => &[Pixel::YUV420P],
    };
    candidates.iter().copied().find(|p| formats.contains(p) && (!exact || *p == wanted))
}
