//! What a film has beside its pictures (sound, subtitles, attachments, chapters, tags), copied as it is.

use std::path::Path;

use anyhow::Result;
use ffmpeg_next::format::context::{Input, Output};
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{self as av, Dictionary, DictionaryRef, codec, format, media};

use super::streams;

/// Microseconds, in which streams are compared.
const MICRO: av::Rational = av::Rational(1, 1_000_000);
/// Tags of the file that say how the old file was made.
const OLD_FILE: [&str; 5] = ["major_brand", "minor_version", "compatible_brands", "encoder", "DURATION"];

/// Reads a film's other streams along with its video.
pub struct Copier {
    input: Input,
    /// The video, which is coded anew.
    video: Option<usize>,
    copies: Vec<Option<Copy>>,
    /// Streams that are not copied.
    left_out: Vec<usize>,
    /// The next packet, and its time.
    next: Option<(av::Packet, i64)>,
    ended: bool,
    /// Time that became zero, and whether what comes before or after the pictures is left out.
    origin: i64,
    trim: bool,
    last: i64,
}

struct Copy {
    stream: usize,
    from: av::Rational,
    to: av::Rational,
    /// Added to time stamps, in `to`.
    delay: i64,
    text: bool,
}

impl Copier {
    /// Opens a film to copy from; `None` if it is nothing that FFmpeg reads.
    pub fn open(path: &Path) -> Option<Self> {
        let mut input = format::input(path).ok()?;
        let video = super::source::pick(&input);
        if let Some(v) = video {
            streams::discard(&mut input, v);
        }
        let origin = streams::start(&input);
        Some(Copier {
            input,
            video,
            copies: Vec::new(),
            left_out: Vec::new(),
            next: None,
            ended: false,
            origin,
            trim: false,
            last: i64::MIN,
        })
    }

    /// Bytes of all packets that are copied into Matroska, each with so much more.
    pub fn bytes(mut self, each: u64) -> u64 {
        let mut bytes = 0;
        loop {
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if Some(packet.stream()) != self.video => bytes += packet.size() as u64 + each,
                Ok(()) | Err(av::Error::InvalidData) => {}
                Err(_) => return bytes,
            }
        }
    }

    /// Leaves out what lies before this time and what lies after the last picture; this time becomes zero.
    pub fn trim(&mut self, origin: i64, time_base: ::girih::Rational) {
        self.origin += rescale(origin, super::rational(time_base), MICRO);
        self.trim = true;
    }

    /// Takes time stamps back by so many microseconds.
    pub fn shift(&mut self, micros: i64) {
        self.origin += micros;
    }

    /// Streams that are copied as they are.
    pub fn copied(&self) -> Vec<usize> {
        (0..self.copies.len()).filter(|&i| self.copies[i].is_some()).collect()
    }

    /// Does not copy these streams.
    pub fn leave_out(&mut self, streams: Vec<usize>) {
        self.left_out = streams;
    }

    /// Adds the other streams to an output that has none; `video` adds that of the video at its place.
    pub fn add_streams(
        &mut self,
        output: &mut Output,
        mut video: impl FnMut(&mut Output) -> Result<usize>,
    ) -> Result<(usize, Vec<String>)> {
        let (mut place, mut notes) = (None, Vec::new());
        self.copies.clear();
        for i in 0..self.input.nb_streams() as usize {
            self.copies.push(None);
            let Some(s) = self.input.stream(i) else { continue };
            if Some(i) == self.video {
                let index = video(output)?;
                place = Some(index);
                if let Some(mut to) = output.stream_mut(index) {
                    to.set_metadata(video_tags(&s.metadata()));
                    streams::set_disposition(&mut to, s.disposition());
                }
                continue;
            }
            let mut parameters = s.parameters();
            let text = parameters.id() == codec::Id::MOV_TEXT && output.format().name() == "matroska";
            parameters = parameters.clone();
            if text {
                parameters = codec::Parameters::new();
                parameters.set_medium(media::Type::Subtitle);
                parameters.set_id(codec::Id::SUBRIP);
            }
            if parameters.id() == codec::Id::BIN_DATA && self.input.nb_chapters() > 0 {
                // MP4's way of storing chapters, which are copied as such.
                continue;
            }
            let cover = s.disposition().contains(Disposition::ATTACHED_PIC);
            if cover && output.format().name() == "matroska" && add_cover(output, &s)? {
                continue;
            }
            if self.left_out.contains(&i) || !streams::takes(output, &parameters) {
                let what = format!("{:?}, {:?}", parameters.medium(), parameters.id()).to_lowercase();
                notes.push(format!("stream {i} ({what}) left out: the output's format does not take it"));
                continue;
            }
            streams::clear_tag(&mut parameters);
            let mut to = output.add_stream(None::<av::Codec>)?;
            to.set_parameters(parameters);
            to.set_time_base(s.time_base());
            to.set_avg_frame_rate(s.avg_frame_rate());
            to.set_metadata(tags(&s.metadata(), &["DURATION"]));
            streams::set_disposition(&mut to, s.disposition());
            for d in s.side_data() {
                streams::add_side_data(&mut to, &(d.kind(), d.data().to_vec()));
            }
            let (stream, from) = (to.index(), s.time_base());
            self.copies[i] = Some(Copy { stream, from, to: from, delay: 0, text });
        }
        let place = match place {
            Some(place) => place,
            None => video(output)?,
        };
        output.set_metadata(tags(&self.input.metadata(), &OLD_FILE));
        self.add_chapters(output)?;
        Ok((place, notes))
    }

    fn add_chapters(&self, output: &mut Output) -> Result<()> {
        for c in self.input.chapters() {
            let origin = rescale(self.origin, MICRO, c.time_base());
            let (start, end) = ((c.start() - origin).max(0), c.end() - origin);
            if end <= 0 && c.end() > c.start() {
                continue;
            }
            let mut to = output.add_chapter(c.id(), c.time_base(), start, end.max(start), "")?;
            for (key, value) in c.metadata().iter() {
                to.set_metadata(key, value);
            }
        }
        Ok(())
    }

    /// To be called when the output's header is written, which fixes its time bases.
    pub fn start(&mut self, output: &Output) {
        let matroska = output.format().name() == "matroska";
        for copy in self.copies.iter_mut().flatten() {
            let Some(s) = output.stream(copy.stream) else { continue };
            copy.to = s.time_base();
            let parameters = s.parameters();
            if matroska && parameters.id() == codec::Id::OPUS {
                // Matroska counts from the first sample decoded, and its writer adds only what its reader takes off.
                let (samples, _) = streams::padding(&parameters);
                copy.delay = rescale(samples, av::Rational(1, 48000), copy.to);
            }
        }
    }

    /// Copies what comes up to `time` in the output's film.
    pub fn copy_until(&mut self, output: &mut Output, time: i64, base: av::Rational) -> Result<()> {
        let until = rescale(time, base, MICRO);
        while let Some((packet, t)) = self.peek()? {
            if t > until {
                self.next = Some((packet, t));
                return Ok(());
            }
            if !self.trim || t >= 0 {
                self.write(output, packet)?;
            }
        }
        Ok(())
    }

    /// Copies the rest, up to the end of the pictures if they are a part of the film.
    pub fn finish(&mut self, output: &mut Output, end: i64, base: av::Rational) -> Result<()> {
        if self.trim {
            self.copy_until(output, end - 1, base)
        } else {
            self.copy_until(output, i64::MAX, MICRO)
        }
    }

    fn peek(&mut self) -> Result<Option<(av::Packet, i64)>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        while !self.ended {
            let mut packet = av::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) => {}
                Err(av::Error::InvalidData) => continue,
                Err(_) => {
                    // What is cut off in the source ends here too.
                    self.ended = true;
                    break;
                }
            }
            let Some(copy) = self.copies.get(packet.stream()).and_then(Option::as_ref) else { continue };
            let time = packet.dts().or(packet.pts()).map(|t| rescale(t, copy.from, MICRO) - self.origin);
            let time = time.unwrap_or(self.last);
            self.last = time;
            return Ok(Some((packet, time)));
        }
        Ok(None)
    }

    fn write(&self, output: &mut Output, mut packet: av::Packet) -> Result<()> {
        let Some(copy) = self.copies.get(packet.stream()).and_then(Option::as_ref) else { return Ok(()) };
        if copy.text {
            let Some(plain) = plain_text(&packet) else { return Ok(()) };
            packet = plain;
        }
        let origin = rescale(self.origin, MICRO, copy.from);
        let shift = |t: Option<i64>| t.map(|t| t - origin);
        packet.set_pts(shift(packet.pts()));
        packet.set_dts(shift(packet.dts()));
        packet.rescale_ts(copy.from, copy.to);
        packet.set_pts(packet.pts().map(|t| t + copy.delay));
        packet.set_dts(packet.dts().map(|t| t + copy.delay));
        packet.set_position(-1);
        packet.set_stream(copy.stream);
        packet.write(output)?;
        Ok(())
    }
}

/// Adds a cover as an attachment; not if its kind of picture is none of those.
fn add_cover(output: &mut Output, from: &av::Stream) -> Result<bool> {
    let (name, kind) = match from.parameters().id() {
        codec::Id::MJPEG => ("cover.jpg", "image/jpeg"),
        codec::Id::PNG => ("cover.png", "image/png"),
        _ => return Ok(false),
    };
    let Some(parameters) = streams::attached_cover(from) else { return Ok(false) };
    let mut tags = tags(&from.metadata(), &["DURATION"]);
    for (key, value) in [("filename", name), ("mimetype", kind)] {
        // Readers know covers by their names, so a name that is there is kept.
        if tags.get(key).is_none() {
            tags.set(key, value);
        }
    }
    let mut to = output.add_stream(None::<av::Codec>)?;
    to.set_parameters(parameters);
    to.set_metadata(tags);
    Ok(true)
}

/// The text of a subtitle of MP4's, whose styles Matroska's plain text has no place for; `None` for an empty one.
fn plain_text(packet: &av::Packet) -> Option<av::Packet> {
    let data = packet.data()?;
    let (size, text) = data.split_first_chunk::<2>()?;
    let text = text.get(..usize::from(u16::from_be_bytes(*size))).filter(|t| !t.is_empty())?;
    let mut plain = av::Packet::copy(text);
    plain.set_pts(packet.pts());
    plain.set_dts(packet.dts());
    plain.set_duration(packet.duration());
    plain.set_flags(packet.flags());
    Some(plain)
}

/// Tags without those named.
fn tags(from: &DictionaryRef, without: &[&str]) -> Dictionary<'static> {
    let mut to = Dictionary::new();
    let kept = |key: &str| !without.iter().any(|w| w.eq_ignore_ascii_case(key));
    from.iter().filter(|(key, _)| kept(key)).for_each(|(key, value)| to.set(key, value));
    to
}

/// Tags of a video, without those about its old coding.
fn video_tags(from: &DictionaryRef) -> Dictionary<'static> {
    let mut to = Dictionary::new();
    let old = ["BPS", "DURATION", "NUMBER_OF", "_STATISTICS", "ENCODER", "VENDOR_ID"];
    let kept = |key: &str| !old.iter().any(|o| key.to_ascii_uppercase().starts_with(o));
    from.iter().filter(|(key, _)| kept(key)).for_each(|(key, value)| to.set(key, value));
    to
}

/// The nearest number of units of `to`.
pub fn rescale(t: i64, from: av::Rational, to: av::Rational) -> i64 {
    let num = i128::from(t) * i128::from(from.numerator()) * i128::from(to.denominator());
    let den = i128::from(from.denominator()) * i128::from(to.numerator());
    if den <= 0 {
        return t;
    }
    (2 * num + den).div_euclid(2 * den).clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
