//! Frames and packets as C sees them.

use std::ptr;

use girih::{AnyPicture, Format, Packet, Picture, Sample};

use crate::guard::bytes;
use crate::status::Fault;

/// A frame. Samples of 8 bits have one byte, those of 10 bits two, in the order of the machine.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GirihFrame {
    /// Top left samples of Y, U and V; NULL for planes that the format does not have.
    pub data: [*const u8; 3],
    /// Bytes from one row to the next. Two-byte samples want addresses and strides that are even.
    pub stride: [usize; 3],
    /// Time of presentation, in any unit; it comes back as it was given.
    pub pts: i64,
}

/// A coded frame.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GirihPacket {
    pub data: *const u8,
    /// At least 1.
    pub size: usize,
    /// Time of presentation of its frame. Packets come in decoding order.
    pub pts: i64,
    /// 1 if decoding can start here, else 0.
    pub key: u32,
}

impl GirihFrame {
    /// Copies the samples.
    ///
    /// # Safety
    /// Each plane is NULL or has as many samples as `format` says, `stride` bytes from row to row.
    pub(crate) unsafe fn to_picture(self, format: Format) -> Result<Picture, Fault> {
        let mut picture = Picture::new(format);
        picture.pts = self.pts;
        let bytes_each = if format.bit_depth > 8 { 2 } else { 1 };
        for (p, plane) in picture.planes.iter_mut().enumerate() {
            let (width, height) = format.plane_size(p);
            let (row_bytes, stride) = (width * bytes_each, self.stride[p]);
            if stride < row_bytes {
                return Err(Fault::argument("a stride shorter than a row"));
            }
            let size = stride.checked_mul(height - 1).and_then(|n| n.checked_add(row_bytes));
            let size = size.ok_or_else(|| Fault::argument("a stride beyond the address space"))?;
            // SAFETY: by the condition of this function; the last row ends with its last sample.
            let samples = unsafe { bytes(self.data[p], size)? };
            for (y, row) in samples.chunks(stride).enumerate() {
                let to = plane.row_mut(y).iter_mut();
                if bytes_each == 1 {
                    to.zip(row).for_each(|(to, &v)| *to = v.into());
                } else {
                    to.zip(row.chunks_exact(2)).for_each(|(to, v)| *to = u16::from_ne_bytes([v[0], v[1]]));
                }
            }
        }
        Ok(picture)
    }
}

/// Keeps the frame that was given out last.
#[derive(Default)]
pub(crate) struct FrameBuffer {
    picture: Option<AnyPicture>,
}

impl FrameBuffer {
    /// A view of `picture` that is valid until the next call.
    pub fn view(&mut self, picture: AnyPicture) -> GirihFrame {
        // Moving the picture does not move its samples.
        match self.picture.insert(picture) {
            AnyPicture::Bytes(p) => view(p),
            AnyPicture::Words(p) => {
                debug_assert!(
                    p.format.bit_depth > 8,
                    "8 bits are decoded into bytes where there are C programs"
                );
                view(p)
            }
        }
    }
}

/// Pointers to the samples of a picture.
fn view<T: Sample>(picture: &Picture<T>) -> GirihFrame {
    let mut frame = GirihFrame { data: [ptr::null(); 3], stride: [0; 3], pts: picture.pts };
    for (p, plane) in picture.planes.iter().enumerate() {
        frame.data[p] = plane.data()[plane.index(0, 0)..].as_ptr().cast();
        frame.stride[p] = size_of::<T>() * plane.stride();
    }
    frame
}

/// Keeps the packet that was given out last.
#[derive(Default)]
pub(crate) struct PacketBuffer(Vec<u8>);

impl PacketBuffer {
    /// A view of `packet` that is valid until the next call.
    pub fn view(&mut self, packet: Packet) -> GirihPacket {
        self.0 = packet.data;
        GirihPacket { data: self.0.as_ptr(), size: self.0.len(), pts: packet.pts, key: packet.key.into() }
    }
}
