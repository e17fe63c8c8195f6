//! Decoding packets of other codecs, to compare with them.

use anyhow::{Result, bail};
use ffmpeg_next::{self as av, codec, decoder, frame, threading};
use girih::{Format, Packet, Picture};

use super::frame::{Converter, to_picture};
use super::{pixel, wants_more};

/// An open decoder: packets in, pictures out.
pub struct PacketDecoder {
    decoder: decoder::Video,
    format: Format,
    converter: Converter,
}

impl PacketDecoder {
    /// Opens the decoder for what an encoder made; pictures come out in `format`.
    pub fn open(parameters: codec::Parameters, format: Format, threads: usize) -> Result<Self> {
        let mut context = codec::context::Context::from_parameters(parameters)?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(threads)
        });
        let decoder = context.decoder().video()?;
        let pixel = pixel::pixel(format.chroma, format.bit_depth);
        let converter = Converter::new(pixel, format.width as u32, format.height as u32);
        Ok(PacketDecoder { decoder, format, converter })
    }

    pub fn push(&mut self, packet: &Packet) -> Result<()> {
        let mut p = av::Packet::copy(&packet.data);
        p.set_pts(Some(packet.pts));
        Ok(self.decoder.send_packet(&p)?)
    }

    pub fn finish(&mut self) -> Result<()> {
        Ok(self.decoder.send_eof()?)
    }

    /// The next picture in display order, if one is ready.
    pub fn next_picture(&mut self) -> Result<Option<Picture>> {
        let mut frame = frame::Video::empty();
        match self.decoder.receive_frame(&mut frame) {
            Ok(()) => {}
            Err(av::Error::Eof) => return Ok(None),
            Err(e) if wants_more(e) => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        if (frame.width() as usize, frame.height() as usize) != (self.format.width, self.format.height) {
            bail!("decoded pictures have another size");
        }
        Ok(Some(match self.converter.convert(&frame)? {
            Some(converted) => to_picture(&converted, self.format),
            None => to_picture(&frame, self.format),
        }))
    }
}
