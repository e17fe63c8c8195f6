//! Writing `.girih` files.

use std::ffi::c_void;
use std::io::{self, Write};

use girih::stream::container::{Header, Writer};
use girih::{Packet, Rational};

use crate::frame::GirihPacket;
use crate::guard::{Handle, bytes, free, get, give, guard, with};
use crate::status::{Fault, GirihStatus};

/// Writes `size` bytes behind those before; gives 0, or another number on failure. It returns normally: no exceptions,
/// no longjmp().
pub type GirihWrite = Option<unsafe extern "C" fn(opaque: *mut c_void, data: *const u8, size: usize) -> i32>;

/// Bytes that are collected before the callback is called.
const COLLECTED: usize = 1 << 16;

/// What is written, in large pieces. Nothing is written when it is dropped: the caller's file may be gone by then.
struct Target {
    write: GirihWrite,
    opaque: *mut c_void,
    collected: Vec<u8>,
}

impl Write for Target {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.collected.extend_from_slice(from);
        if self.collected.len() >= COLLECTED {
            self.flush()?;
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let failed = || io::Error::other("the callback for writing failed");
        let write = self.write.ok_or_else(failed)?;
        // SAFETY: whoever opened the writer promised that the function may be called with `opaque` and so many bytes.
        let code = unsafe { write(self.opaque, self.collected.as_ptr(), self.collected.len()) };
        self.collected.clear();
        if code == 0 { Ok(()) } else { Err(failed()) }
    }
}

/// Writes a .girih file.
pub struct GirihWriter {
    /// None once it is finished.
    writer: Option<Writer<Target>>,
    broken: bool,
}

impl Handle for GirihWriter {
    fn broken(&mut self) -> &mut bool {
        &mut self.broken
    }
}

fn fault(e: io::Error) -> Fault {
    let status = match e.kind() {
        io::ErrorKind::InvalidInput => GirihStatus::GIRIH_ERROR_ARGUMENT,
        _ => GirihStatus::GIRIH_ERROR_IO,
    };
    Fault(status, e.to_string())
}

/// Begins a .girih file with the sequence header of girih_encoder_header() and the time base: seconds per unit of pts,
/// as a fraction. The writer, to be freed with girih_writer_free(), calls `write` with `opaque`, only inside calls of
/// functions of its own other than that.
///
/// # Safety
/// The function may be called as its type says, with `opaque`; the other pointers are NULL or point to `size` bytes and
/// to a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_writer_open(
    write: GirihWrite,
    opaque: *mut c_void,
    header: *const u8,
    size: usize,
    time_base_num: u32,
    time_base_den: u32,
    writer: *mut *mut GirihWriter,
) -> GirihStatus {
    guard(|| {
        if write.is_none() {
            return Err(Fault::argument("a NULL pointer"));
        }
        // SAFETY: by the condition of this function.
        let sequence = unsafe { bytes(header, size)? }.to_vec();
        let time_base = Rational { num: time_base_num, den: time_base_den };
        let target = Target { write, opaque, collected: Vec::new() };
        let inner = Writer::new(target, &Header { sequence, time_base }).map_err(fault)?;
        // SAFETY: by the condition of this function.
        unsafe { give(GirihWriter { writer: Some(inner), broken: false }, writer) }
    })
}

/// Appends a packet, in the order in which the encoder gives them.
///
/// # Safety
/// The pointers are NULL or point to a live writer and to a packet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_writer_push(
    writer: *mut GirihWriter,
    packet: *const GirihPacket,
) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(writer, |w| {
            let p = get(packet)?;
            let packet = Packet { data: bytes(p.data, p.size)?.to_vec(), pts: p.pts, key: p.key != 0 };
            open(w.writer.as_mut())?.write(&packet).map_err(fault)?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

/// Completes the file with its index; no packet follows.
///
/// # Safety
/// `writer` is NULL or a live writer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_writer_finish(writer: *mut GirihWriter) -> GirihStatus {
    // SAFETY: by the condition of this function.
    unsafe {
        with(writer, |w| {
            open(w.writer.take())?.finish().map_err(fault)?;
            Ok(GirihStatus::GIRIH_OK)
        })
    }
}

fn open<T>(writer: Option<T>) -> Result<T, Fault> {
    writer.ok_or_else(|| Fault::argument("the file is finished"))
}

/// Frees a writer; NULL is allowed. A file that has not been finished is not complete.
///
/// # Safety
/// `writer` is NULL or a live writer, which nobody uses afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn girih_writer_free(writer: *mut GirihWriter) {
    // SAFETY: by the condition of this function.
    unsafe { free(writer) }
}
