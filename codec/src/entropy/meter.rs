//! Counting what each symbol of a stream costs.

use super::{BIT, Model, SymbolCoder, computed_cost};

/// A coder that measures the symbols which another one codes.
pub struct Meter<C> {
    pub coder: C,
    /// Address of the first model of the array that symbols are coded with.
    base: usize,
    last: usize,
    /// In 1/1024 bit, by model; equally likely bits count with the model before them.
    pub bits: Vec<u64>,
    pub signs: u64,
    /// How often each codeword was coded, by book; as far as the greatest index.
    pub indices: Vec<Vec<u64>>,
    /// All bits so far, in 1/1024 bit.
    total: u64,
    /// What came since [`forget`](Self::forget): book and index of each vector in order, and the bits before each block.
    pub vectors: Vec<(usize, usize)>,
    pub blocks: Vec<u64>,
}

impl<C: SymbolCoder> Meter<C> {
    /// For symbols coded with the elements of `models` and the words of `books` books.
    pub fn new(coder: C, models: &[Model], books: usize) -> Self {
        let indices = vec![Vec::new(); books];
        Meter {
            coder,
            base: models.as_ptr() as usize,
            last: 0,
            bits: vec![0; models.len()],
            signs: 0,
            indices,
            total: 0,
            vectors: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// All bits so far, in 1/1024 bit.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Empties the lists of vectors and blocks.
    pub fn forget(&mut self) {
        self.vectors.clear();
        self.blocks.clear();
    }
}

impl<C: SymbolCoder> SymbolCoder for Meter<C> {
    const DECODES: bool = C::DECODES;

    fn symbol(&mut self, model: &mut Model, value: usize) -> usize {
        let at = (std::ptr::from_ref(model) as usize).wrapping_sub(self.base) / size_of::<Model>();
        let before = *model;
        let value = self.coder.symbol(model, value);
        self.last = at.min(self.bits.len() - 1);
        let cost = u64::from(computed_cost(&before, value));
        self.bits[self.last] += cost;
        self.total += cost;
        value
    }

    fn raw(&mut self, bits: u32, value: u32) -> u32 {
        self.bits[self.last] += u64::from(bits * BIT);
        self.total += u64::from(bits * BIT);
        self.coder.raw(bits, value)
    }

    fn signs(&mut self, bits: u32, value: u32) -> u32 {
        self.signs += u64::from(bits * BIT);
        self.total += u64::from(bits * BIT);
        self.coder.raw(bits, value)
    }

    fn indexed(&mut self, book: usize, index: usize) {
        let counts = &mut self.indices[book];
        if index >= counts.len() {
            counts.resize(index + 1, 0);
        }
        counts[index] += 1;
        self.vectors.push((book, index));
    }

    fn block(&mut self) {
        self.blocks.push(self.total);
    }
}
