//! Frames of one video stream, decoded one after the other.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::Result;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::{self as av, codec, decoder, format, frame, threading};

use super::wants_more;

/// Frames that may be coded before one that is shown before them.
const REORDER: usize = 64;

/// Reads and decodes a stream.
pub struct Frames {
    input: Input,
    stream: usize,
    decoder: decoder::Video,
    /// Packets read already.
    packets: VecDeque<av::Packet>,
    /// The file has been read to its end.
    drained: bool,
}

impl Frames {
    pub fn new(input: Input, stream: usize, decoder: decoder::Video) -> Self {
        Frames { input, stream, decoder, packets: VecDeque::new(), drained: false }
    }

    pub fn aspect_ratio(&self) -> av::Rational {
        self.decoder.aspect_ratio()
    }

    /// The next frame, `None` at the end. Damaged packets are passed over, as players do.
    pub fn next(&mut self) -> Result<Option<frame::Video>> {
        let mut frame = frame::Video::empty();
        loop {
            match self.decoder.receive_frame(&mut frame) {
                Ok(()) => return Ok(Some(frame)),
                Err(av::Error::Eof) => return Ok(None),
                Err(e) if wants_more(e) && self.drained => return Ok(None),
                Err(e) if wants_more(e) || e == av::Error::InvalidData => {}
                Err(e) => return Err(e.into()),
            }
            if self.drained {
                continue;
            }
            match self.packet()? {
                Some(packet) => match self.decoder.send_packet(&packet) {
                    Ok(()) | Err(av::Error::InvalidData) => {}
                    Err(e) => return Err(e.into()),
                },
                None => {
                    self.decoder.send_eof()?;
                    self.drained = true;
                }
            }
        }
    }

    /// The next packet of the stream.
    fn packet(&mut self) -> Result<Option<av::Packet>> {
        if let Some(packet) = self.packets.pop_front() {
            return Ok(Some(packet));
        }
        loop {
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => return Ok(Some(packet)),
                Ok(()) | Err(av::Error::InvalidData) => {}
                Err(av::Error::Eof) => return Ok(None),
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Reads a file anew up to frame `n`, counted from 0, and decodes from the last key frame before it; `None` if
    /// packets do not tell which frame that is.
    pub fn jump(&self, path: &Path, n: u64) -> Result<Option<(Frames, frame::Video)>> {
        let Ok(n) = usize::try_from(n) else { return Ok(None) };
        let input = format::input(path)?;
        let Some(stream) = input.stream(self.stream) else { return Ok(None) };
        let parameters = stream.parameters();
        if !frame_per_packet(parameters.id()) {
            return Ok(None);
        }
        let mut context = codec::context::Context::from_parameters(parameters)?;
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            ..threading::Config::count(self.decoder.threading().count)
        });
        let decoder = context.decoder().video()?;
        let mut frames = Frames::new(input, self.stream, decoder);
        let (mut times, mut read) = (Vec::new(), VecDeque::new());
        while times.len() < n + REORDER {
            let Some(packet) = frames.packet()? else { break };
            let Some(pts) = packet.pts() else { return Ok(None) };
            if packet.is_key() && times.len() + REORDER < n {
                read.clear();
            }
            times.push(pts);
            read.push_back(packet);
        }
        // Close to the end of the file everything is decoded: there may be fewer frames than packets.
        if times.len() <= n {
            return Ok(None);
        }
        let (_, &mut target, _) = times.select_nth_unstable(n);
        let start = read.iter().rposition(|p| p.is_key() && p.pts().is_some_and(|t| t <= target));
        let Some(start) = start else { return Ok(None) };
        frames.packets = read.split_off(start);
        while let Some(frame) = frames.next()? {
            match frame.timestamp() {
                Some(t) if t < target => {}
                Some(t) if t == target => return Ok(Some((frames, frame))),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// Codecs of which each packet in a file is one frame that is shown.
fn frame_per_packet(id: codec::Id) -> bool {
    use codec::Id;
    matches!(
        id,
        Id::H264
            | Id::HEVC
            | Id::AV1
            | Id::VP8
            | Id::VP9
            | Id::MPEG4
            | Id::FFV1
            | Id::MJPEG
            | Id::HUFFYUV
            | Id::PRORES
    )
}
