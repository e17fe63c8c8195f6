//! In place of threads where there are none: the caller does all work at once.

use std::marker::PhantomData;

/// None but the caller's thread.
#[derive(Default)]
pub struct Workers;

impl Workers {
    /// Whether there is no thread but the caller's.
    pub fn is_alone(&self) -> bool {
        true
    }

    pub fn new(_threads: usize) -> Self {
        Workers
    }

    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        work()
    }

    pub fn each<T>(&self, items: Vec<T>, work: impl Fn(T)) {
        items.into_iter().for_each(work);
    }

    pub fn map<T, R>(&self, items: Vec<T>, work: impl Fn(T) -> R) -> Vec<R> {
        items.into_iter().map(work).collect()
    }

    pub fn count(&self) -> usize {
        1
    }

    pub fn overlap<'s, R>(&self, produce: impl FnOnce(&Tasks<'_, 's>) -> R) -> R {
        produce(&Tasks(PhantomData))
    }
}

/// Does tasks as they come.
pub struct Tasks<'a, 's>(PhantomData<&'a &'s ()>);

impl<'s> Tasks<'_, 's> {
    pub fn add(&self, task: impl FnOnce() + 's) {
        task();
    }
}
