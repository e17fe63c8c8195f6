//! The codebook file, `.gcb` (SPEC.md, "Codebook file").

use super::{BOOKS, Book, CLASSES, CodebookSet, DIMS, FRAME_CLASSES, MAX_WORDS};
use crate::api::Error;
use crate::entropy::{MAX_SYMBOLS, Model};

const MAGIC: &[u8; 4] = b"GCB1";

/// Frequencies are stored as 16 times their base-2 logarithm, rounded.
fn log_frequency(f: u32) -> u8 {
    // 16 * log2(f) by repeated squaring of a fixed-point mantissa: the same on every machine.
    let f = f.max(1);
    let whole = f.ilog2();
    let mut mantissa = (u64::from(f) << 32) >> whole;
    let mut log = whole << 5;
    for bit in (0..5).rev() {
        mantissa = (mantissa >> 16) * (mantissa >> 16);
        if mantissa >= 2 << 32 {
            mantissa >>= 1;
            log |= 1 << bit;
        }
    }
    log.div_ceil(2).min(255) as u8
}

/// 2^(l / 16), rounded, from a table of one octave in 2^-16.
fn frequency(l: u8) -> u32 {
    const OCTAVE: [u32; 16] = [
        65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752, 92682, 96785, 101070, 105545, 110218, 115098,
        120194, 125515,
    ];
    let v = u64::from(OCTAVE[usize::from(l % 16)]) << (l / 16);
    ((v + (1 << 15)) >> 16) as u32
}

impl CodebookSet {
    /// The set as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for b in &self.books {
            out.extend((b.len() as u16).to_le_bytes());
            out.extend((0..b.len()).flat_map(|i| b.word(i).iter().map(|&v| v.min(255) as u8)));
        }
        out.push(self.initial.len() as u8);
        for m in self.initial.iter().flatten() {
            out.extend((0..m.len()).map(|v| log_frequency(m.upto(v) - m.below(v))));
        }
        let crc = crc32fast::hash(&out);
        out.extend(crc.to_le_bytes());
        out
    }

    /// Reads a set; `alphabets` are the symbols of each context, in order.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Unsupported`] for anything that [`CodebookSet::to_bytes`] did not write.
    pub fn from_bytes(bytes: &[u8], alphabets: impl Iterator<Item = usize> + Clone) -> Result<Self, Error> {
        const DAMAGED: Error = Error::Corrupt("codebook file");
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or(DAMAGED)?;
        if !body.starts_with(MAGIC) {
            return Err(Error::Unsupported("a file that is not a Girih codebook"));
        }
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err(Error::Corrupt("codebook file: checksum"));
        }
        let mut rest = &body[MAGIC.len()..];
        let mut take = |n: usize| -> Result<&[u8], Error> {
            let (a, b) = rest.split_at_checked(n).ok_or(DAMAGED)?;
            rest = b;
            Ok(a)
        };
        let mut books = Vec::with_capacity(BOOKS);
        for i in 0..BOOKS {
            let number = i / CLASSES % DIMS.len();
            let n = take(2)?.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b));
            if n > MAX_WORDS[number] {
                return Err(DAMAGED);
            }
            let words = take(n * DIMS[number])?.iter().map(|&v| i16::from(v)).collect();
            books.push(Book::new(DIMS[number], words).ok_or(DAMAGED)?);
        }
        let classes = usize::from(take(1)?[0]);
        if classes != 0 && classes != FRAME_CLASSES {
            return Err(DAMAGED);
        }
        let mut initial = Vec::with_capacity(classes);
        for _ in 0..classes {
            let mut models = Vec::new();
            for symbols in alphabets.clone() {
                let mut counts = [0; MAX_SYMBOLS];
                for (c, &l) in counts.iter_mut().zip(take(symbols)?) {
                    *c = frequency(l);
                }
                models.push(Model::from_counts(&counts[..symbols]));
            }
            initial.push(models);
        }
        if rest.is_empty() { Ok(CodebookSet { books, initial }) } else { Err(DAMAGED) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::layout::alphabets;

    #[test]
    fn logarithms_invert() {
        for f in 1..=32768u32 {
            let back = f64::from(frequency(log_frequency(f)));
            assert!((back / f64::from(f)).log2().abs() < 0.05 || f < 16, "{f} {back}");
        }
    }

    #[test]
    fn file_round_trip_and_damage() {
        let set = CodebookSet::untrained();
        let bytes = set.to_bytes();
        assert_eq!(CodebookSet::from_bytes(&bytes, alphabets()).as_ref(), Ok(&set));
        for cut in [0, 3, 4, 100, bytes.len() - 1] {
            assert!(CodebookSet::from_bytes(&bytes[..cut], alphabets()).is_err());
        }
        let mut bad = bytes.clone();
        bad[1000] ^= 4;
        assert!(CodebookSet::from_bytes(&bad, alphabets()).is_err());
    }
}
