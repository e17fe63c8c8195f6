//! Frames to packets.

use std::sync::Arc;

use girih::stream::unit::Packer;
use girih::{CodebookSet, Encoder, Format, Packet};

use crate::config::GirihConfig;
use crate::frame::{GirihFrame, GirihPacket, PacketBuffer};
use crate::guard::{Handle, bytes, check, free, get, give, guard, put, with};
use crate::status::{Fault, GirihStatus};

/// Encodes frames.
pub struct GirihEncoder {
    encoder: Encoder,
    format: Format,
    header: Vec<u8>,
    packet: PacketBuffer,
    /// Makes units, if they are asked for.
    packer: Option<Packer>,
    broken: bool,
}

impl Handle for GirihEncoder {
    fn broken(&mut self) -> &mut bool {
        &mut self.broken
    }
}

impl GirihEncoder {
    fn next(&mut self) -> Option<Packet> {
        let Some(packer) = &mut self.packer else { return self.encoder.next_packet() };
        loop {
            if let Some(unit) = packer.next_unit() {
                return Some(unit);
            }
            packer.push(self.encoder.next_packet()?);
        }
    }
}

/// Makes an encoder, to be freed with girih_encoder_free().
///
/// # Safety
/// `config` and `encoder` are NULL or point to settings and to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_open(
    config: *const GirihConfig,
    encoder: *mut *mut GirihEncoder,
) -> GirihStatus {
    // SAFETY: by the condition of this function; no bytes are read.
    unsafe { girih_encoder_open_with_codebook(config, std::ptr::null(), 0, 1, encoder) }
}

/// The same with a codebook file, as girih train writes it; NULL and 0 stand for the built-in one. With `embed` 1 the
/// sequence header carries it, so that every decoder has it; with 0 the stream only names it, and decoders must be given
/// it.
///
/// # Safety
/// The pointers are NULL or point to settings, to `size` bytes and to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_open_with_codebook(
    config: *const GirihConfig,
    codebook: *const u8,
    size: usize,
    embed: u32,
    encoder: *mut *mut GirihEncoder,
) -> GirihStatus {
    guard(|| {
        // SAFETY: by the condition of this function.
        let (config, codebook) = unsafe { (*get(config)?, codebook_from(codebook, size)?) };
        let packer = (config.units != 0).then(Packer::default);
        let mut config = config.to_config()?;
        (config.codebook, config.embed_codebook) = (codebook, embed != 0);
        let format = config.format;
        let inner = Encoder::new(config)?;
        let (header, packet) = (inner.header(), PacketBuffer::default());
        let handle = GirihEncoder { encoder: inner, format, header, packet, packer, broken: false };
        // SAFETY: by the condition of this function.
        unsafe { give(handle, encoder) }
    })
}

/// A codebook of C's; `None` for no bytes.
///
/// # Safety
/// `data` is NULL or points to `size` bytes.
pub(crate) unsafe fn codebook_from(data: *const u8, size: usize) -> Result<Option<Arc<CodebookSet>>, Fault> {
    // SAFETY: by the condition of this function.
    let file = unsafe { bytes(data, size)? };
    if file.is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(CodebookSet::from_bytes(file)?)))
}

/// The sequence header: the decoder needs it first, a container stores it once (FFmpeg: extradata; GStreamer:
/// codec_data). It is valid until the encoder is freed.
///
/// # Safety
/// The pointers are NULL or point to a live encoder and to places for a pointer and a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_header(
    encoder: *mut GirihEncoder,
    data: *mut *const u8,
    size: *mut usize,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(encoder, |e| {
            check(size)?;
            put(data, e.header.as_ptr())?;
            put(size, e.header.len())?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Adds the next frame in the order of presentation; its time must be later than that of the frame before. Its samples
/// are copied.
///
/// # Safety
/// The pointers are NULL or point to a live encoder and to a frame whose planes have as many samples as the encoder's
/// format says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_push(
    encoder: *mut GirihEncoder,
    frame: *const GirihFrame,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(encoder, |e| {
            let picture = get(frame)?.to_picture(e.format)?;
            let pts = picture.pts;
            e.encoder.push(picture)?;
            if let Some(packer) = &mut e.packer {
                packer.expect(pts);
            }
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Says that no frame follows, so that the last packets can come out.
///
/// # Safety
/// `encoder` is NULL or a live encoder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_finish(encoder: *mut GirihEncoder) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(encoder, |e| {
            e.encoder.finish()?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// The next packet in decoding order, or the next unit; GIRIH_NONE if none is ready. It is valid until the next call of
/// this function with this encoder, or until the encoder is freed.
///
/// # Safety
/// The pointers are NULL or point to a live encoder and to a place for a packet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_next(
    encoder: *mut GirihEncoder,
    packet: *mut GirihPacket,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(encoder, |e| {
            // A packet that has been taken would be lost.
            check(packet)?;
            let Some(next) = e.next() else { return Ok(GirihStatus::GIRIH_NONE) };
            put(packet, e.packet.view(next))?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Frees an encoder; NULL is allowed.
///
/// # Safety
/// `encoder` is NULL or a live encoder, which nobody uses afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_encoder_free(encoder: *mut GirihEncoder) {
    // SAFETY: by the condition of this function.
    unsafe { free(encoder) }
}
