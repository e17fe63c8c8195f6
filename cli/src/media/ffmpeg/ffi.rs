//! What ffmpeg-next does not offer, behind safe functions.

use std::ptr;
use std::slice;

use ffmpeg_next::{self as av, ffi, format::Pixel, frame};
use girih::{Color, Rational};

/// Keeps SVT-AV1 from writing its settings to standard error; only the environment can.
pub fn quiet_svt() {
    // SAFETY: called at the start of the program, before there is a second thread.
    unsafe { std::env::set_var("SVT_LOG", "0") }
}

/// The properties of a pixel format that decide what it converts to.
pub struct PixelInfo {
    /// Colour is stored as red, green and blue, perhaps by way of a palette.
    pub rgb: bool,
    /// Luma only, perhaps with transparency.
    pub gray: bool,
    /// Bits of the first component.
    pub depth: i32,
    /// Chroma has the resolution of luma.
    pub full_chroma: bool,
    /// Chroma has half of it in both directions.
    pub half_chroma: bool,
    /// There is transparency.
    pub alpha: bool,
}

/// Describes a pixel format; `None` for those in the memory of a device, and the like.
pub fn pixel_info(pixel: Pixel) -> Option<PixelInfo> {
    let descriptor = pixel.descriptor()?;
    // SAFETY: a descriptor points to a static of libavutil.
    let d = unsafe { &*descriptor.as_ptr() };
    let flag = |f: i32| d.flags & f as u64 != 0;
    if flag(ffi::AV_PIX_FMT_FLAG_HWACCEL) || d.nb_components == 0 {
        return None;
    }
    Some(PixelInfo {
        rgb: flag(ffi::AV_PIX_FMT_FLAG_RGB) || flag(ffi::AV_PIX_FMT_FLAG_PAL),
        gray: d.nb_components <= 2,
        depth: d.comp[0].depth,
        full_chroma: d.log2_chroma_w == 0 && d.log2_chroma_h == 0,
        half_chroma: d.log2_chroma_w == 1 && d.log2_chroma_h == 1,
        alpha: flag(ffi::AV_PIX_FMT_FLAG_ALPHA),
    })
}

/// One row of a plane; `bytes` is the number of its bytes that hold samples.
///
/// # Panics
/// For a row that the frame does not have.
pub fn row(frame: &frame::Video, plane: usize, y: usize, bytes: usize) -> &[u8] {
    assert!(plane < frame.planes().min(3) && y < frame.plane_height(plane) as usize);
    // SAFETY: the frame has this plane and row, whose start lies `y` strides (negative for pictures
    // stored bottom up) from the first; a stride covers at least the row's samples.
    unsafe {
        let f = &*frame.as_ptr();
        let stride = f.linesize[plane] as isize;
        assert!(bytes <= stride.unsigned_abs() && !f.data[plane].is_null());
        slice::from_raw_parts(f.data[plane].offset(stride * y as isize), bytes)
    }
}

/// The code points of a frame's colour description.
pub fn color(frame: &frame::Video) -> Color {
    // SAFETY: the fields are four-byte enumerations; read as numbers, since a damaged file may put
    // values there that the enumerations lack.
    unsafe {
        let f = frame.as_ptr();
        Color {
            primaries: code(ptr::addr_of!((*f).color_primaries).cast()),
            transfer: code(ptr::addr_of!((*f).color_trc).cast()),
            matrix: code(ptr::addr_of!((*f).colorspace).cast()),
            full_range: code(ptr::addr_of!((*f).color_range).cast())
                == ffi::AVColorRange::AVCOL_RANGE_JPEG as u8,
        }
    }
}

/// A code point of ITU-T H.273; 2, unspecified, for anything out of its range.
unsafe fn code(field: *const i32) -> u8 {
    // SAFETY: the caller gives a valid pointer to four bytes.
    unsafe { u8::try_from(field.read()).unwrap_or(2) }
}

/// Sets the code points of an encoder's colour description.
pub fn set_color(encoder: &mut av::encoder::video::Video, color: Color) {
    let range = if color.full_range {
        ffi::AVColorRange::AVCOL_RANGE_JPEG
    } else {
        ffi::AVColorRange::AVCOL_RANGE_MPEG
    };
    // SAFETY: the fields are four-byte enumerations and FFmpeg itself checks the numbers in them.
    unsafe {
        let c = encoder.as_mut_ptr();
        ptr::addr_of_mut!((*c).color_primaries).cast::<i32>().write(color.primaries.into());
        ptr::addr_of_mut!((*c).color_trc).cast::<i32>().write(color.transfer.into());
        ptr::addr_of_mut!((*c).colorspace).cast::<i32>().write(color.matrix.into());
        (*c).color_range = range;
    }
}

/// The sample aspect ratio of an input stream, as its container tells it.
pub fn sample_aspect(stream: &av::Stream) -> av::Rational {
    // SAFETY: the stream belongs to a live input context.
    unsafe { (*stream.as_ptr()).sample_aspect_ratio.into() }
}

/// Sets the sample aspect ratio of a frame.
pub fn set_frame_aspect(frame: &mut frame::Video, aspect: Rational) {
    // SAFETY: the frame is alive.
    unsafe { (*frame.as_mut_ptr()).sample_aspect_ratio = super::rational(aspect).into() }
}

/// Sets the sample aspect ratio of an output stream.
pub fn set_sample_aspect(stream: &mut av::StreamMut, aspect: Rational) {
    // SAFETY: the stream belongs to a live output context.
    unsafe { (*stream.as_mut_ptr()).sample_aspect_ratio = super::rational(aspect).into() }
}
