//! In place of threads where there are none: the caller does all work at once.

/// None but the caller's thread.
#[derive(Clone, Default)]
pub struct Workers;

impl Workers {
    /// Whether there is no thread but the caller's.
    pub fn is_alone(&self) -> bool {
        true
    }

    pub fn new(_threads: usize) -> Self {
        Workers
    }

    pub fn beside(_threads: usize) -> Self {
        Workers
    }

    #[cfg(feature = "encode")]
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        work()
    }

    pub fn spawn(&self, work: impl FnOnce()) {
        work();
    }

    #[cfg(feature = "encode")]
    pub fn lend_a_hand(&self) -> bool {
        false
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
}
