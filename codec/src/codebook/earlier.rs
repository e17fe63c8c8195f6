//! The first form of the codebook file, "GCB1": plain bytes and logarithms. It is still read, not written.

use super::format::{DAMAGED, root};
use super::{BOOKS, Book, CLASSES, CodebookSet, DIMS, FRAME_CLASSES, MAX_WORDS};
use crate::api::Error;

pub const MAGIC: &[u8; 4] = b"GCB1";

/// 2^(l / 16), rounded, from a table of one octave in 2^-16.
fn frequency(l: u8) -> u32 {
    const OCTAVE: [u32; 16] = [
        65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752, 92682, 96785, 101070, 105545, 110218, 115098,
        120194, 125515,
    ];
    let v = u64::from(OCTAVE[usize::from(l % 16)]) << (l / 16);
    ((v + (1 << 15)) >> 16) as u32
}

/// Reads such a file.
pub fn parse(bytes: &[u8], alphabets: impl Iterator<Item = usize> + Clone) -> Result<CodebookSet, Error> {
    let (body, crc) = bytes.split_last_chunk::<4>().ok_or(DAMAGED)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
        return Err(Error::Corrupt("codebook file: checksum"));
    }
    let mut rest = body.get(MAGIC.len()..).ok_or(DAMAGED)?;
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
    let mut roots = Vec::new();
    for _ in 0..classes {
        for symbols in alphabets.clone() {
            let frequencies: Vec<u32> = take(symbols)?.iter().map(|&l| frequency(l)).collect();
            let total = frequencies.iter().sum::<u32>().max(1);
            roots.extend(frequencies.iter().map(|&f| root(f, total)));
        }
    }
    if rest.is_empty() { Ok(CodebookSet::from_roots(books, roots, alphabets)) } else { Err(DAMAGED) }
}
