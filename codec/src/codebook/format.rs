//! The codebook file, `.gcb` (SPEC.md, "Codebook file").

use super::{BOOKS, Book, CLASSES, CodebookSet, DIMS, FRAME_CLASSES, MAX_WORDS, pack};
use crate::api::Error;
use crate::entropy::{MAX_SYMBOLS, Method, Model, RangeDecoder, RangeEncoder, Vectors};
use crate::kernel::{lanes::WIDE, level};
use fearless_simd::dispatch;

const MAGIC: &[u8; 4] = b"GCB3";
const DAMAGED: Error = Error::Corrupt("codebook");

/// Largest stored root of a frequency.
pub const MAX_ROOT: u32 = 63;

/// Probabilities are stored as square roots, in 1/63: equal steps of a root cost about the same number of bits
/// wherever the probability lies.
pub fn root(frequency: u32, total: u32) -> u8 {
    // The r with the nearest (r / 63)^2, on integers: the same on every machine.
    let scaled = u64::from(frequency) * 4 * u64::from(MAX_ROOT * MAX_ROOT) / u64::from(total.max(1));
    (scaled.isqrt().div_ceil(2) as u32).min(MAX_ROOT) as u8
}

/// Roots of a model's frequencies.
pub fn roots(m: &Model) -> Vec<u8> {
    (0..m.len()).map(|v| root(m.upto(v) - m.below(v), 1 << 15)).collect()
}

/// Models of all frame classes from the roots of their frequencies.
pub fn models(roots: &[u8], alphabets: impl Iterator<Item = usize> + Clone) -> Vec<Vec<Model>> {
    let size: usize = alphabets.clone().sum();
    if size == 0 {
        return Vec::new();
    }
    let class = |mut rest: &[u8]| {
        let model = |n: usize| {
            let mut counts = [0; MAX_SYMBOLS];
            let (own, tail) = rest.split_at(n.min(rest.len()));
            // What rounds to nothing is rare, not impossible.
            counts.iter_mut().zip(own).for_each(|(c, &r)| *c = 4 * u32::from(r) * u32::from(r) + 1);
            rest = tail;
            Model::from_counts(&counts[..n])
        };
        alphabets.clone().map(model).collect()
    };
    roots.chunks_exact(size).map(class).collect()
}

/// CRC-32 of the unpacked content.
pub fn hash(books: &[Book], roots: &[u8]) -> u32 {
    let mut h = crc32fast::Hasher::new();
    for b in books {
        h.update(&(b.len() as u16).to_le_bytes());
        let bytes: Vec<u8> = (0..b.len()).flat_map(|i| b.word(i)).copied().collect();
        h.update(&bytes);
    }
    h.update(&[if roots.is_empty() { 0 } else { FRAME_CLASSES as u8 }]);
    h.update(roots);
    h.finalize()
}

/// The words of all books, the roots, and whether there was enough data.
fn unpack(
    mut c: RangeDecoder<impl Method>,
    alphabets: impl Iterator<Item = usize> + Clone,
) -> (Vec<Vec<i16>>, Vec<u8>, bool) {
    let (mut words, mut roots) = (vec![Vec::new(); BOOKS], Vec::new());
    pack::code_books(&mut c, &mut words);
    pack::code_roots(&mut c, &mut roots, alphabets);
    (words, roots, !c.exhausted())
}

impl CodebookSet {
    /// The set as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let alphabets: Vec<usize> =
            self.initial.first().map_or(Vec::new(), |m| m.iter().map(Model::len).collect());
        let mut c = RangeEncoder::new();
        let mut books: Vec<_> = self.books.iter().map(Book::components).collect();
        pack::code_books(&mut c, &mut books);
        pack::code_roots(&mut c, &mut self.roots.clone(), alphabets.into_iter());
        let mut out = MAGIC.to_vec();
        out.extend(self.hash().to_le_bytes());
        out.extend(c.finish());
        out
    }

    /// Reads a set; `alphabets` are the symbols of each context, in order. Memory is bounded whatever the bytes.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Unsupported`] for anything that [`CodebookSet::to_bytes`] did not write.
    pub(crate) fn parse(bytes: &[u8], alphabets: impl Iterator<Item = usize> + Clone) -> Result<Self, Error> {
        let Some((head, data)) = bytes.split_at_checked(8).filter(|(h, _)| h.starts_with(MAGIC)) else {
            return Err(Error::Unsupported("a file that is not a Girih codebook"));
        };
        let (words, roots, whole) = if WIDE {
            dispatch!(level(), simd => unpack(RangeDecoder::with(Vectors(simd), data), alphabets.clone()))
        } else {
            unpack(RangeDecoder::new(data), alphabets.clone())
        };
        let book = |(i, w): (usize, Vec<i16>)| Book::new(DIMS[i / CLASSES % DIMS.len()], w).ok_or(DAMAGED);
        let books = words.into_iter().enumerate().map(book).collect::<Result<Vec<_>, _>>()?;
        debug_assert!(books.iter().enumerate().all(|(i, b)| b.len() <= MAX_WORDS[i / CLASSES % DIMS.len()]));
        let set = CodebookSet::from_roots(books, roots, alphabets);
        if set.hash().to_le_bytes()[..] != head[MAGIC.len()..] || !whole {
            return Err(Error::Corrupt("codebook: checksum"));
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::layout::{alphabets, builtin_set};
    use proptest::prelude::*;

    #[test]
    fn roots_invert() {
        for symbols in [2, 3, 16] {
            for first in [1, 5, 40, 1000, 60_000] {
                let mut counts = [100; MAX_SYMBOLS];
                counts[0] = first;
                let m = Model::from_counts(&counts[..symbols]);
                let back = &models(&roots(&m), [symbols].into_iter())[0][0];
                for v in 0..symbols {
                    let p = |m: &Model| f64::from(m.upto(v) - m.below(v)) / 32768.0;
                    assert!((p(&m).sqrt() - p(back).sqrt()).abs() < 0.03, "{symbols} {first} {v}");
                }
            }
        }
    }

    #[test]
    fn file_round_trip_and_damage() {
        for set in [CodebookSet::untrained(), (*builtin_set()).clone()] {
            let bytes = set.to_bytes();
            assert_eq!(CodebookSet::parse(&bytes, alphabets()).as_ref(), Ok(&set));
            for cut in [0, 3, 4, 7, 8, 100, bytes.len() / 2] {
                assert!(CodebookSet::parse(&bytes[..cut], alphabets()).is_err(), "{cut}");
            }
            for at in [1, 5, 9, 1000, bytes.len() / 2] {
                let mut bad = bytes.clone();
                bad[at] ^= 4;
                assert!(CodebookSet::parse(&bad, alphabets()).is_err(), "{at}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
            let mut file = MAGIC.to_vec();
            file.extend(bytes);
            prop_assert!(CodebookSet::parse(&file, alphabets()).is_err());
        }
    }
}
