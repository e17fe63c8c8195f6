//! Packets to frames.

use std::collections::VecDeque;

use girih::stream::unit::{self, Orders};
use girih::{AnyPicture, Decoder};

use crate::config::{GirihFormat, GirihLimits, limits_from, threads_from};
use crate::encoder::codebook_from;
use crate::frame::{FrameBuffer, GirihFrame};
use crate::guard::{Handle, bytes, check, free, give, guard, put, with};
use crate::status::GirihStatus;

/// Units whose frames may be missing.
const MOST_LATE: usize = 64;

/// Decodes packets.
pub struct GirihDecoder {
    decoder: Decoder,
    frame: FrameBuffer,
    /// What there is to know where packets are units.
    units: Option<Units>,
    broken: bool,
}

/// One frame comes out for each unit that goes in, with the time of the unit.
#[derive(Default)]
struct Units {
    /// Of units whose frames have not come out.
    times: VecDeque<i64>,
    /// Frames before a key frame.
    ready: VecDeque<AnyPicture>,
    orders: Orders,
    finished: bool,
}

impl Units {
    fn push(&mut self, decoder: &mut Decoder, unit: &[u8], pts: i64) -> Result<(), girih::Error> {
        let packets = unit::split(unit)?;
        if packets.first().is_some_and(|p| self.orders.next(p).is_ok_and(|(key, _)| key)) {
            // Frames that got lost have no part in what follows.
            decoder.finish();
            self.finished = true;
            self.ready = std::iter::from_fn(|| self.next(decoder)).collect();
            *self = Units { ready: std::mem::take(&mut self.ready), ..Units::default() };
        }
        self.times.push_back(pts);
        if self.times.len() > MOST_LATE {
            self.times.pop_front();
        }
        let mut result = Ok(());
        for packet in packets {
            // After an error the rest may still be of use.
            let pushed = decoder.push(packet, pts);
            result = result.and(pushed);
        }
        result
    }

    fn next(&mut self, decoder: &mut Decoder) -> Option<AnyPicture> {
        if let Some(picture) = self.ready.pop_front() {
            return Some(picture);
        }
        if self.times.is_empty() && !self.finished {
            return None;
        }
        let picture = decoder.next_as_decoded()?;
        let pts = self.times.pop_front().unwrap_or(picture.pts());
        Some(picture.at(pts))
    }
}

impl Handle for GirihDecoder {
    fn broken(&mut self) -> &mut bool {
        &mut self.broken
    }
}

/// Makes a decoder from a sequence header, to be freed with girih_decoder_free(). NULL for `limits` stands for the
/// default ones; `threads` is the number of worker threads, 0 for one per core. With several threads frames come out some
/// packets later.
///
/// # Safety
/// The pointers are NULL or point to `size` bytes, to limits and to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_open(
    header: *const u8,
    size: usize,
    limits: *const GirihLimits,
    threads: u32,
    decoder: *mut *mut GirihDecoder,
) -> GirihStatus {
    // SAFETY: by the condition of this function; no bytes of a codebook are read.
    unsafe { girih_decoder_open_with_codebook(header, size, std::ptr::null(), 0, limits, threads, decoder) }
}

/// The same with a codebook file, for streams that name one without carrying it; NULL and 0 stand for none. A stream that
/// needs another one is GIRIH_ERROR_CODEBOOK; one that carries its own, or needs the built-in one, does not use it.
///
/// # Safety
/// The pointers are NULL or point to `size` and `codebook_size` bytes, to limits and to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_open_with_codebook(
    header: *const u8,
    size: usize,
    codebook: *const u8,
    codebook_size: usize,
    limits: *const GirihLimits,
    threads: u32,
    decoder: *mut *mut GirihDecoder,
) -> GirihStatus {
    guard(|| {
        // SAFETY: by the condition of this function.
        let (header, limits) = unsafe { (bytes(header, size)?, limits_from(limits)) };
        // SAFETY: likewise.
        let codebook = unsafe { codebook_from(codebook, codebook_size)? };
        let mut inner = Decoder::with_codebook(header, limits, codebook)?;
        inner.set_threads(threads_from(threads));
        let handle =
            GirihDecoder { decoder: inner, frame: FrameBuffer::default(), units: None, broken: false };
        // SAFETY: by the condition of this function.
        unsafe { give(handle, decoder) }
    })
}

/// What the sequence header says of all frames.
///
/// # Safety
/// The pointers are NULL or point to a live decoder and to a place for a format.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_format(
    decoder: *mut GirihDecoder,
    format: *mut GirihFormat,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            put(format, d.decoder.info().into())?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// 1: compare each frame with its hash where the stream has one; 0, as it is at first: do not.
///
/// # Safety
/// `decoder` is NULL or a live decoder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_verify(decoder: *mut GirihDecoder, verify: u32) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            d.decoder.set_verify(verify != 0);
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// 1: what is pushed are units, the packets of Matroska and other containers than .girih, each of which gives one frame;
/// 0, as it is at first: packets.
///
/// # Safety
/// `decoder` is NULL or a live decoder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_units(decoder: *mut GirihDecoder, units: u32) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            d.units = (units != 0).then(Units::default);
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Decodes a packet; packets come in decoding order. After an error the decoder goes on with the next packet; frames
/// that refer to a lost one are errors too, up to the next key frame.
///
/// # Safety
/// The pointers are NULL or point to a live decoder and to `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_push(
    decoder: *mut GirihDecoder,
    data: *const u8,
    size: usize,
    pts: i64,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            let data = bytes(data, size)?;
            match &mut d.units {
                Some(units) => units.push(&mut d.decoder, data, pts)?,
                None => d.decoder.push(data, pts)?,
            }
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Says that no packet follows, so that the last frames can come out.
///
/// # Safety
/// `decoder` is NULL or a live decoder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_finish(decoder: *mut GirihDecoder) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            d.decoder.finish();
            if let Some(units) = &mut d.units {
                units.finished = true;
            }
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// The next frame in the order of presentation, GIRIH_NONE if none is ready. It is valid until the next call of this
/// function with this decoder, or until the decoder is freed.
///
/// # Safety
/// The pointers are NULL or point to a live decoder and to a place for a frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_next(
    decoder: *mut GirihDecoder,
    frame: *mut GirihFrame,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            // A frame that has been taken would be lost.
            check(frame)?;
            let picture = match &mut d.units {
                Some(units) => units.next(&mut d.decoder),
                None => d.decoder.next_as_decoded(),
            };
            let Some(picture) = picture else { return Ok(GirihStatus::GIRIH_NONE) };
            put(frame, d.frame.view(picture))?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Forgets everything but the sequence header, to go on with a key frame elsewhere (seeking).
///
/// # Safety
/// `decoder` is NULL or a live decoder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_reset(decoder: *mut GirihDecoder) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(decoder, |d| {
            d.decoder.reset();
            d.units = d.units.take().map(|_| Units::default());
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Frees a decoder; NULL is allowed.
///
/// # Safety
/// `decoder` is NULL or a live decoder, which nobody uses afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_decoder_free(decoder: *mut GirihDecoder) {
    // SAFETY: by the condition of this function.
    unsafe { free(decoder) }
}
