//! Fixed and variable length fields of headers, written once for reading and writing.

use crate::api::Error;
use bitstream_io::{BigEndian, BitRead, BitReader, BitWrite, BitWriter};

/// One pass over a header: each call takes the value to write and returns the value written or read.
pub trait Fields {
    /// An unsigned number of `bits` bits (0 to 32), most significant first.
    fn bits(&mut self, bits: u32, value: u32) -> Result<u32, Error>;

    fn flag(&mut self, value: bool) -> Result<bool, Error> {
        Ok(self.bits(1, value.into())? != 0)
    }

    /// An unsigned Exp-Golomb number, up to 2^31.
    fn unsigned(&mut self, value: u32) -> Result<u32, Error> {
        let coded = u64::from(value) + 1;
        let top = coded.ilog2();
        let mut n = 0;
        while self.flag(n < top)? {
            n += 1;
            if n > 31 {
                return Err(Error::Corrupt("header number too large"));
            }
        }
        let rest = self.bits(n, (coded & ((1u64 << n) - 1)) as u32)?;
        Ok(((1u64 << n) + u64::from(rest) - 1) as u32)
    }

    /// A signed Exp-Golomb number: 0, 1, -1, 2, -2, ...
    fn signed(&mut self, value: i32) -> Result<i32, Error> {
        let folded = if value > 0 { 2 * value as u32 - 1 } else { 2 * value.unsigned_abs() };
        let v = self.unsigned(folded)?;
        Ok(if v & 1 == 1 { (v / 2 + 1) as i32 } else { -((v / 2) as i32) })
    }
}

/// Writes header fields into bytes.
pub struct FieldWriter {
    bits: BitWriter<Vec<u8>, BigEndian>,
}

impl FieldWriter {
    pub fn new() -> Self {
        FieldWriter { bits: BitWriter::new(Vec::new()) }
    }

    /// The bytes, filled up with zero bits.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.bits.byte_align().map_err(|_| Error::Corrupt("header"))?;
        Ok(self.bits.into_writer())
    }
}

impl Fields for FieldWriter {
    fn bits(&mut self, bits: u32, value: u32) -> Result<u32, Error> {
        if bits > 0 {
            self.bits.write_var(bits, value).map_err(|_| Error::Corrupt("header field out of range"))?;
        }
        Ok(value)
    }
}

/// Reads header fields from bytes.
pub struct FieldReader<'a> {
    bits: BitReader<&'a [u8], BigEndian>,
}

impl<'a> FieldReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        FieldReader { bits: BitReader::new(bytes) }
    }

    /// The bytes after the last one that was touched.
    pub fn rest(mut self) -> Result<&'a [u8], Error> {
        self.bits.byte_align();
        Ok(self.bits.into_reader())
    }
}

impl Fields for FieldReader<'_> {
    fn bits(&mut self, bits: u32, _value: u32) -> Result<u32, Error> {
        if bits == 0 {
            return Ok(0);
        }
        self.bits.read_var(bits).map_err(|_| Error::Corrupt("header ends early"))
    }
}
