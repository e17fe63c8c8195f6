//! Counting how often each model codes each symbol, for training.

use super::{MAX_SYMBOLS, Model, SymbolCoder};

/// A coder that counts symbols by model and adapts the models as the encoder does.
pub struct Tally<'a> {
    /// Counts of each model of the array that starts at `base`.
    pub counts: &'a mut [[u32; MAX_SYMBOLS]],
    base: usize,
}

impl<'a> Tally<'a> {
    /// For symbols coded with the elements of `models`.
    pub fn new(models: &[Model], counts: &'a mut [[u32; MAX_SYMBOLS]]) -> Self {
        Tally { counts, base: models.as_ptr() as usize }
    }
}

impl SymbolCoder for Tally<'_> {
    fn symbol(&mut self, model: &mut Model, value: usize) -> usize {
        let at = (std::ptr::from_ref(model) as usize).wrapping_sub(self.base) / size_of::<Model>();
        if let Some(c) = self.counts.get_mut(at) {
            c[value] += 1;
        }
        model.adapt(value);
        value
    }

    fn raw(&mut self, _bits: u32, value: u32) -> u32 {
        value
    }
}
