//! From a vector of whole steps to its codeword: the hash that makes the search fast.

use super::{Book, CodebookSet, ONE};

/// Codewords of a book by their components rounded to whole steps.
#[derive(Clone, Debug)]
struct Table {
    /// Open addressing: rounded components, 4 bits each, and the word's number plus one (0: free).
    slots: Vec<(u32, u16)>,
    mask: usize,
}

/// Components of a rounded vector in one number; `None` if one exceeds 15.
#[inline]
pub fn pack(v: &[u16]) -> Option<u32> {
    v.iter().try_fold(0u32, |k, &m| (m < 16).then_some(k << 4 | u32::from(m)))
}

impl Book {
    /// Word `i` rounded to whole steps and packed.
    pub fn key(&self, i: usize) -> Option<u32> {
        let mut whole = [0; 8];
        for (to, &v) in whole.iter_mut().zip(self.word(i)) {
            *to = (i16::from(v) + ONE / 2) as u16 / ONE as u16;
        }
        pack(&whole[..self.word(i).len()])
    }
}

#[inline]
fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

impl Table {
    fn new(book: &Book) -> Self {
        let size = (book.len() * 2).next_power_of_two();
        let mut t = Table { slots: vec![(0, 0); size], mask: size - 1 };
        for i in 0..book.len() {
            let Some(key) = book.key(i) else { continue };
            let mut at = hash(key) & t.mask;
            while t.slots[at].1 != 0 && t.slots[at].0 != key {
                at = (at + 1) & t.mask;
            }
            if t.slots[at].1 == 0 {
                t.slots[at] = (key, i as u16 + 1);
            }
        }
        t
    }

    #[inline]
    fn find(&self, key: u32) -> Option<usize> {
        let mut at = hash(key) & self.mask;
        loop {
            match self.slots[at] {
                (_, 0) => return None,
                (k, i) if k == key => return Some(usize::from(i) - 1),
                _ => at = (at + 1) & self.mask,
            }
        }
    }
}

/// Lookup tables of a whole set.
#[derive(Clone, Debug)]
pub struct Lookup {
    tables: Vec<Table>,
}

impl Lookup {
    pub fn new(set: &CodebookSet) -> Self {
        Lookup { tables: set.books.iter().map(Table::new).collect() }
    }

    /// The word of `book` whose components round to the packed vector `key`.
    #[inline]
    pub fn find(&self, book: usize, key: u32) -> Option<usize> {
        self.tables[book].find(key)
    }
}
