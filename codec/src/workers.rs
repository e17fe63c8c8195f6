//! The threads of a decoder or encoder.

use crate::api::MAX_THREADS;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;

/// Some threads, or none but the caller's. A clone has the same.
#[derive(Clone, Default)]
pub struct Workers {
    pool: Option<Arc<ThreadPool>>,
}

impl Workers {
    /// `threads` of them, 0 for one per core. With one, all work is done by the caller's thread; so it is where
    /// threads cannot be had.
    pub fn new(threads: usize) -> Self {
        let threads = wanted(threads);
        Workers { pool: if threads > 1 { pool(threads) } else { None } }
    }

    /// Whether there is no thread but the caller's.
    pub fn is_alone(&self) -> bool {
        self.pool.is_none()
    }

    /// Those beside the caller's thread, so that with it there are `threads`; 0 for one per core.
    pub fn beside(threads: usize) -> Self {
        let threads = wanted(threads) - 1;
        Workers { pool: if threads > 0 { pool(threads) } else { None } }
    }

    /// Does something that gives them work again and again, as one of them: nothing is then handed from thread to thread.
    pub fn within<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            None => work(),
            Some(pool) => pool.install(work),
        }
    }

    /// Does something on another thread, while the caller goes on.
    pub fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        match &self.pool {
            None => work(),
            Some(pool) => pool.spawn(work),
        }
    }

    /// Takes part in what others of them are at, if the caller is one of them; whether there was something to do.
    pub fn lend_a_hand(&self) -> bool {
        self.pool.is_some() && rayon::yield_now() == Some(rayon::Yield::Executed)
    }

    /// Does something with each of several items: in order, or at once.
    pub fn each<T: Send>(&self, items: Vec<T>, work: impl Fn(T) + Sync + Send) {
        match &self.pool {
            None => items.into_iter().for_each(work),
            Some(_) => self.within(|| items.into_par_iter().with_max_len(1).for_each(work)),
        }
    }

    /// The same with what comes of each, in order.
    pub fn map<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
        match &self.pool {
            None => items.into_iter().map(work).collect(),
            Some(_) => self.within(|| items.into_par_iter().with_max_len(1).map(work).collect()),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, |pool| pool.current_num_threads())
    }
}

/// A number of threads that was asked for, 0 being one per core.
fn wanted(threads: usize) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    if threads == 0 { cores() } else { threads }.min(MAX_THREADS)
}

fn pool(threads: usize) -> Option<Arc<ThreadPool>> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok().map(Arc::new)
}
