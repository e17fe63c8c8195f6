//! The sequence header: what stays the same for all frames (SPEC.md, "Sequence header").

use super::fields::{FieldReader, FieldWriter, Fields};
use crate::api::{Color, Error, Limits, Rational, SequenceInfo};
use crate::picture::{ChromaFormat, Format};

/// Version of the bitstream.
pub const VERSION: u32 = 5;

fn code<F: Fields>(f: &mut F, s: &mut SequenceInfo) -> Result<(), Error> {
    if f.bits(4, VERSION)? != VERSION {
        return Err(Error::Unsupported("a stream of another version of Girih"));
    }
    let format = &mut s.format;
    format.width = f.unsigned(format.width as u32 - 1)? as usize + 1;
    format.height = f.unsigned(format.height as u32 - 1)? as usize + 1;
    let formats = [ChromaFormat::Mono, ChromaFormat::Yuv420, ChromaFormat::Yuv444];
    let chroma = formats.iter().position(|&c| c == format.chroma).unwrap_or(0);
    let chroma = f.bits(2, chroma as u32)? as usize;
    format.chroma = *formats.get(chroma).ok_or(Error::Unsupported("a later chroma format"))?;
    format.bit_depth = if f.flag(format.bit_depth == 10)? { 10 } else { 8 };
    s.frame_rate.num = f.unsigned(s.frame_rate.num)?;
    s.frame_rate.den = f.unsigned(s.frame_rate.den)?;
    if s.frame_rate.num == 0 || s.frame_rate.den == 0 {
        return Err(Error::Corrupt("frame rate"));
    }
    if f.flag(s.sample_aspect != Rational { num: 1, den: 1 })? {
        s.sample_aspect.num = f.unsigned(s.sample_aspect.num)?;
        s.sample_aspect.den = f.unsigned(s.sample_aspect.den)?;
        if s.sample_aspect.den == 0 {
            return Err(Error::Corrupt("sample aspect ratio"));
        }
    } else {
        s.sample_aspect = Rational { num: 1, den: 1 };
    }
    if f.flag(s.color != Color::default())? {
        s.color.primaries = f.bits(8, s.color.primaries.into())? as u8;
        s.color.transfer = f.bits(8, s.color.transfer.into())? as u8;
        s.color.matrix = f.bits(8, s.color.matrix.into())? as u8;
        s.color.full_range = f.flag(s.color.full_range)?;
    } else {
        s.color = Color::default();
    }
    s.codebook = f.bits(32, s.codebook)?;
    s.embedded = if f.flag(s.embedded > 0)? { f.unsigned(s.embedded as u32)? as usize } else { 0 };
    Ok(())
}

/// Writes a sequence header, with the codebook file `packed` unless that is empty.
pub fn write(info: &SequenceInfo, packed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut w = FieldWriter::new();
    code(&mut w, &mut SequenceInfo { embedded: packed.len(), ..info.clone() })?;
    let mut header = w.finish()?;
    header.extend(packed);
    Ok(header)
}

/// Reads a sequence header and checks it against `limits`. Gives the codebook file in it, too, empty if there is none.
pub fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(SequenceInfo, &'a [u8]), Error> {
    let mut info = SequenceInfo {
        format: Format { width: 1, height: 1, chroma: ChromaFormat::Yuv420, bit_depth: 8 },
        color: Color::default(),
        frame_rate: Rational { num: 25, den: 1 },
        sample_aspect: Rational { num: 1, den: 1 },
        codebook: 0,
        embedded: 0,
    };
    let mut fields = FieldReader::new(bytes);
    code(&mut fields, &mut info)?;
    info.format.check(limits)?;
    let packed = fields.rest()?.get(..info.embedded).ok_or(Error::Corrupt("header ends early"))?;
    Ok((info, packed))
}
