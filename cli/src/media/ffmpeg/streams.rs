//! Properties of streams that ffmpeg-next does not offer, behind safe functions.

use std::ptr;

use ffmpeg_next::packet::side_data::Type as SideDataType;
use ffmpeg_next::{self as av, codec, ffi, format};
use girih::stream::unit::FOURCC;
use girih::{Color, Format, Rational};

use super::rational;

/// Side data of a video stream that belongs to the picture, not to its coding.
pub type SideData = (SideDataType, Vec<u8>);

/// Kinds of side data that are carried over.
pub const CARRIED: [SideDataType; 2] =
    [SideDataType::MasteringDisplayMetadata, SideDataType::ContentLightLevel];

/// Parameters of a stream of Girih.
pub fn girih_parameters(
    header: &[u8],
    f: Format,
    color: Color,
    aspect: Rational,
) -> Option<codec::Parameters> {
    let mut parameters = with_extradata(header)?;
    // SAFETY: the parameters are alive.
    unsafe {
        let p = &mut *parameters.as_mut_ptr();
        p.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_VIDEO;
        p.codec_tag = u32::from_le_bytes(FOURCC);
        (p.width, p.height) = (i32::try_from(f.width).ok()?, i32::try_from(f.height).ok()?);
        p.sample_aspect_ratio = rational(aspect).into();
    }
    set_color(&mut parameters, color);
    Some(parameters)
}

/// New parameters with these bytes as extradata.
fn with_extradata(bytes: &[u8]) -> Option<codec::Parameters> {
    let mut parameters = codec::Parameters::new();
    let padded = bytes.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
    // SAFETY: the parameters have just been made; their extradata is a block of libavutil's that they own from then on,
    // large enough for the bytes and the padding.
    unsafe {
        let p = &mut *parameters.as_mut_ptr();
        let size = i32::try_from(bytes.len()).ok()?;
        let data = ffi::av_mallocz(padded).cast::<u8>();
        if data.is_null() {
            return None;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        (p.extradata, p.extradata_size) = (data, size);
    }
    Some(parameters)
}

/// A cover, which FFmpeg reads as a video of one picture, as the attachment that Matroska takes.
pub fn attached_cover(stream: &av::Stream) -> Option<codec::Parameters> {
    // SAFETY: the stream belongs to a live input context, which keeps the packet of the picture with it.
    let picture = unsafe {
        let p = &(*stream.as_ptr()).attached_pic;
        let size = usize::try_from(p.size).ok().filter(|&n| n > 0 && !p.data.is_null())?;
        std::slice::from_raw_parts(p.data, size)
    };
    let mut parameters = with_extradata(picture)?;
    parameters.set_medium(av::media::Type::Attachment);
    parameters.set_id(stream.parameters().id());
    Some(parameters)
}

/// Sets the code points of a stream's colour description.
pub fn set_color(parameters: &mut codec::Parameters, color: Color) {
    // SAFETY: the fields are four-byte enumerations and FFmpeg itself checks the numbers in them.
    unsafe {
        let p = parameters.as_mut_ptr();
        ptr::addr_of_mut!((*p).color_primaries).cast::<i32>().write(color.primaries.into());
        ptr::addr_of_mut!((*p).color_trc).cast::<i32>().write(color.transfer.into());
        ptr::addr_of_mut!((*p).color_space).cast::<i32>().write(color.matrix.into());
        (*p).color_range = if color.full_range {
            ffi::AVColorRange::AVCOL_RANGE_JPEG
        } else {
            ffi::AVColorRange::AVCOL_RANGE_MPEG
        };
    }
}

/// Where chroma samples lie, as FFmpeg's number.
pub fn set_chroma_location(parameters: &mut codec::Parameters, location: i32) {
    // SAFETY: a four-byte enumeration; the number came from a frame of FFmpeg's.
    unsafe { ptr::addr_of_mut!((*parameters.as_mut_ptr()).chroma_location).cast::<i32>().write(location) }
}

/// The number of the chroma location that a container tells.
pub fn stream_chroma_location(parameters: &codec::Parameters) -> i32 {
    // SAFETY: the field is a four-byte enumeration, read as a number.
    unsafe { ptr::addr_of!((*parameters.as_ptr()).chroma_location).cast::<i32>().read() }
}

/// The number of a frame's chroma location.
pub fn chroma_location(frame: &av::frame::Video) -> i32 {
    // SAFETY: the field is a four-byte enumeration, read as a number.
    unsafe { ptr::addr_of!((*frame.as_ptr()).chroma_location).cast::<i32>().read() }
}

/// The header in a stream of Girih, `None` for other streams.
pub fn girih_header(parameters: &codec::Parameters) -> Option<Vec<u8>> {
    // SAFETY: extradata points to as many bytes as its size says.
    unsafe {
        let p = &*parameters.as_ptr();
        if p.codec_tag != u32::from_le_bytes(FOURCC) || p.extradata.is_null() {
            return None;
        }
        let size = usize::try_from(p.extradata_size).ok()?;
        Some(std::slice::from_raw_parts(p.extradata, size).to_vec())
    }
}

/// Does this container take such a stream?
pub fn takes(output: &format::context::Output, parameters: &codec::Parameters) -> bool {
    let matroska = output.format().name() == "matroska";
    if parameters.medium() == av::media::Type::Attachment {
        return matroska;
    }
    if matches!(parameters.medium(), av::media::Type::Data | av::media::Type::Unknown) && matroska {
        return false;
    }
    // SAFETY: the output context and its format are alive; the codec's number is read as FFmpeg wrote it.
    unsafe {
        let of = (*output.as_ptr()).oformat;
        // Negative: this container cannot tell.
        ffi::avformat_query_codec(of, (*parameters.as_ptr()).codec_id, ffi::FF_COMPLIANCE_NORMAL) != 0
    }
}

/// Forgets the tag of the container that a copied stream comes from.
pub fn clear_tag(parameters: &mut codec::Parameters) {
    // SAFETY: the parameters are alive.
    unsafe { (*parameters.as_mut_ptr()).codec_tag = 0 }
}

/// Copies what a stream is for: its disposition and, for other streams than videos coded anew, its side data.
pub fn set_disposition(to: &mut av::StreamMut, disposition: format::stream::Disposition) {
    // SAFETY: the stream belongs to a live output context.
    unsafe { (*to.as_mut_ptr()).disposition = disposition.bits() }
}

/// Adds side data to an output stream.
pub fn add_side_data(to: &mut av::StreamMut, (kind, data): &SideData) {
    // SAFETY: the stream belongs to a live output context and owns the block that this gives, of the size asked for.
    unsafe {
        let block = ffi::av_stream_new_side_data(to.as_mut_ptr(), (*kind).into(), data.len());
        if !block.is_null() {
            ptr::copy_nonoverlapping(data.as_ptr(), block, data.len());
        }
    }
}

/// Lets a muxer write what FFmpeg calls experimental: FLAC in MP4, which players have long known.
pub fn allow_all(output: &mut format::context::Output) {
    // SAFETY: the context is alive.
    unsafe { (*output.as_mut_ptr()).strict_std_compliance = ffi::FF_COMPLIANCE_EXPERIMENTAL }
}

/// Writes files that depend on their contents only, and time stamps as they are.
pub fn make_exact(output: &mut format::context::Output) {
    // SAFETY: the context is alive.
    unsafe {
        let o = &mut *output.as_mut_ptr();
        o.flags |= ffi::AVFMT_FLAG_BITEXACT;
        o.avoid_negative_ts = 0;
    }
}

/// Time of the last key frame up to `time` in the container's index, in the stream's units.
pub fn key_before(input: &format::context::Input, stream: usize, time: i64) -> Option<i64> {
    if stream >= input.streams().count() {
        return None;
    }
    // SAFETY: the context is alive and has this stream; the entry, if there is one, belongs to it.
    unsafe {
        let s = *(*input.as_ptr()).streams.add(stream);
        let entry = ffi::avformat_index_get_entry_from_timestamp(s, time, ffi::AVSEEK_FLAG_BACKWARD);
        entry.as_ref().map(|e| e.timestamp).filter(|&t| t <= time)
    }
}

/// Microseconds at which a recording of a broadcast starts, whose clock began with the sender's; 0 for other films.
pub fn start(input: &format::context::Input) -> i64 {
    // SAFETY: the context and its format are alive.
    let (start, flags) = unsafe { ((*input.as_ptr()).start_time, (*(*input.as_ptr()).iformat).flags) };
    let broadcast = flags & ffi::AVFMT_TS_DISCONT != 0 && start != ffi::AV_NOPTS_VALUE;
    if broadcast { start } else { 0 }
}

/// Seconds that a stream lasts, as its header or its tags say.
pub fn seconds(stream: &av::Stream) -> Option<f64> {
    let base = f64::from(stream.time_base());
    let header = Some(stream.duration()).filter(|&d| d > 0).map(|d| d as f64 * base);
    header.or_else(|| {
        let tags = stream.metadata();
        let (_, text) = tags.iter().find(|(key, _)| key.to_ascii_uppercase().starts_with("DURATION"))?;
        let mut parts = text.split(':').map(str::parse::<f64>);
        let (Some(Ok(h)), Some(Ok(m)), Some(Ok(s))) = (parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        Some(h * 3600.0 + m * 60.0 + s).filter(|s| s.is_finite() && *s > 0.0)
    })
}

/// Reads past the packets of a stream.
pub fn discard(input: &mut format::context::Input, stream: usize) {
    if let Some(mut s) = input.stream_mut(stream) {
        // SAFETY: the stream belongs to a live input context.
        unsafe { (*s.as_mut_ptr()).discard = ffi::AVDiscard::AVDISCARD_ALL }
    }
}

/// Samples at the start of an audio stream that are decoded but not heard, as seconds' fraction of `1 / rate`.
pub fn padding(parameters: &codec::Parameters) -> (i64, i32) {
    // SAFETY: the parameters are alive.
    unsafe {
        let p = &*parameters.as_ptr();
        (p.initial_padding.into(), p.sample_rate)
    }
}

/// The 3x3 matrix by which a stream's pictures are turned, row by row, without the scale of its numbers.
pub fn display_matrix(stream: &av::Stream) -> Option<[i32; 9]> {
    let data = stream.side_data().find(|d| d.kind() == SideDataType::DisplayMatrix)?;
    let mut matrix = [0; 9];
    let numbers = data.data().chunks_exact(4);
    if numbers.len() != 9 {
        return None;
    }
    for (m, b) in matrix.iter_mut().zip(numbers) {
        *m = i32::from_ne_bytes(b.try_into().ok()?);
    }
    Some(matrix)
}
