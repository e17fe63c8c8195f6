//! Reading `.girih` files.

use std::ffi::c_void;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use girih::stream::container::{Index, Reader};

use crate::config::{GirihLimits, limits_from};
use crate::frame::{GirihPacket, PacketBuffer};
use crate::guard::{Handle, check, free, give, guard, put, with};
use crate::status::{Fault, GirihStatus};

/// Reads up to `size` bytes (never 0) and gives how many; 0 at the end of the file, a negative number on failure. It
/// returns normally: no exceptions, no longjmp().
pub type GirihRead = Option<unsafe extern "C" fn(opaque: *mut c_void, data: *mut u8, size: usize) -> isize>;

/// Moves like fseek(), `whence` being 0 for the start of the file, 1 for where it is, 2 for the end, and gives the new
/// position from the start; a negative number on failure.
pub type GirihSeek = Option<unsafe extern "C" fn(opaque: *mut c_void, offset: i64, whence: i32) -> i64>;

struct Source {
    read: GirihRead,
    seek: GirihSeek,
    opaque: *mut c_void,
}

fn failed(what: &str) -> io::Error {
    io::Error::other(format!("the callback for {what} failed"))
}

impl Read for Source {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.read.ok_or_else(|| failed("reading"))?;
        if to.is_empty() {
            return Ok(0);
        }
        // SAFETY: whoever opened the reader promised that the function may be called with `opaque` and a place for so
        // many bytes.
        let n = unsafe { read(self.opaque, to.as_mut_ptr(), to.len()) };
        usize::try_from(n).ok().filter(|&n| n <= to.len()).ok_or_else(|| failed("reading"))
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let seek = self.seek.ok_or_else(|| io::Error::other("there is no callback for seeking"))?;
        let (offset, whence) = match to {
            SeekFrom::Start(n) => (i64::try_from(n).map_err(|_| failed("seeking"))?, 0),
            SeekFrom::Current(n) => (n, 1),
            SeekFrom::End(n) => (n, 2),
        };
        // SAFETY: whoever opened the reader promised that the function may be called with `opaque`.
        let position = unsafe { seek(self.opaque, offset, whence) };
        u64::try_from(position).map_err(|_| failed("seeking"))
    }
}

/// Reads a .girih file.
pub struct GirihReader {
    reader: Reader<BufReader<Source>>,
    index: Option<Index>,
    packet: PacketBuffer,
    broken: bool,
}

impl Handle for GirihReader {
    fn broken(&mut self) -> &mut bool {
        &mut self.broken
    }
}

impl GirihReader {
    fn index(&mut self) -> Result<&Index, Fault> {
        if self.index.is_none() {
            self.index = Some(self.reader.index()?);
        }
        self.index.as_ref().ok_or_else(|| Fault::argument("no index"))
    }
}

/// Reads the header of a .girih file. The reader, to be freed with girih_reader_free(), calls `read` and `seek` with
/// `opaque` until then, only inside calls of functions of its own. Without `seek` (NULL) the file is read from front to
/// back. NULL for `limits` stands for the default ones.
///
/// # Safety
/// The functions may be called as their types say, with `opaque`; the other pointers are NULL or point to limits and to
/// a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_open(
    read: GirihRead,
    seek: GirihSeek,
    opaque: *mut c_void,
    limits: *const GirihLimits,
    reader: *mut *mut GirihReader,
) -> GirihStatus {
    guard(|| {
        if read.is_none() {
            return Err(Fault::argument("a NULL pointer"));
        }
        // SAFETY: by the condition of this function.
        let limits = unsafe { limits_from(limits) };
        let inner = Reader::new(BufReader::new(Source { read, seek, opaque }), limits)?;
        let handle =
            GirihReader { reader: inner, index: None, packet: PacketBuffer::default(), broken: false };
        // SAFETY: by the condition of this function.
        unsafe { give(handle, reader) }
    })
}

/// The sequence header, for girih_decoder_open(). It is valid until the reader is freed.
///
/// # Safety
/// The pointers are NULL or point to a live reader and to places for a pointer and a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_header(
    reader: *mut GirihReader,
    data: *mut *const u8,
    size: *mut usize,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(reader, |r| {
            let sequence = &r.reader.header().sequence;
            check(size)?;
            put(data, sequence.as_ptr())?;
            put(size, sequence.len())?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Seconds per unit of pts, as a fraction.
///
/// # Safety
/// The pointers are NULL or point to a live reader and to places for numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_time_base(
    reader: *mut GirihReader,
    num: *mut u32,
    den: *mut u32,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(reader, |r| {
            let base = r.reader.header().time_base;
            check(den)?;
            put(num, base.num)?;
            put(den, base.den)?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// The next packet in decoding order, GIRIH_NONE at the end of the file. It is valid until the next call of this
/// function with this reader, or until the reader is freed. After GIRIH_ERROR_CORRUPT the next call goes on behind the
/// damage if that is possible, else it gives GIRIH_NONE.
///
/// # Safety
/// The pointers are NULL or point to a live reader and to a place for a packet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_next(
    reader: *mut GirihReader,
    packet: *mut GirihPacket,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(reader, |r| {
            check(packet)?;
            let Some(next) = r.reader.next_packet()? else { return Ok(GirihStatus::GIRIH_NONE) };
            put(packet, r.packet.view(next))?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// The number of packets, which is that of frames, as the index at the end of the file says. Needs seeking.
///
/// # Safety
/// The pointers are NULL or point to a live reader and to a place for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_count(reader: *mut GirihReader, packets: *mut u64) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(reader, |r| {
            put(packets, r.index()?.packets)?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Goes to the last key frame that is not later than `pts`, or to the first one: its packet is the next. Needs seeking.
/// The decoder is to be reset, with girih_decoder_reset().
///
/// # Safety
/// `reader` is NULL or a live reader.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_seek(reader: *mut GirihReader, pts: i64) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(reader, |r| {
            let keys = &r.index()?.keys;
            let key = keys.iter().rev().find(|k| k.pts <= pts).or(keys.first()).copied();
            let Some(key) = key else { return Ok(GirihStatus::GIRIH_NONE) };
            r.reader.seek(key)?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Frees a reader; NULL is allowed.
///
/// # Safety
/// `reader` is NULL or a live reader, which nobody uses afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_reader_free(reader: *mut GirihReader) {
    // SAFETY: by the condition of this function.
    unsafe { free(reader) }
}
