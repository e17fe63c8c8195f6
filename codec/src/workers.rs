//! The threads of a decoder or encoder.

use crate::api::MAX_THREADS;
use rayon::prelude::*;
use rayon::{Scope, ThreadPool};

/// Some threads, or none but the caller's.
#[derive(Default)]
pub struct Workers {
    pool: Option<ThreadPool>,
}

impl Workers {
    /// `threads` of them, 0 for one per core. With one, all work is done by the caller's thread; so it is where
    /// threads cannot be had.
    pub fn new(threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores() } else { threads }.min(MAX_THREADS);
        let build = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
        Workers { pool: if threads > 1 { build() } else { None } }
    }

    /// Whether there is no thread but the caller's.
    pub fn is_alone(&self) -> bool {
        self.pool.is_none()
    }

    /// Does `work` on one of the threads, so that what it hands to the others in turn is near at hand.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            None => work(),
            Some(pool) => pool.install(work),
        }
    }

    /// Does something with each of several items: in order, or at once.
    pub fn each<T: Send>(&self, items: Vec<T>, work: impl Fn(T) + Sync + Send) {
        match &self.pool {
            None => items.into_iter().for_each(work),
            Some(pool) => pool.install(|| items.into_par_iter().with_max_len(1).for_each(work)),
        }
    }

    /// The same with what comes of each, in order.
    pub fn map<T: Send, R: Send>(&self, items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
        match &self.pool {
            None => items.into_iter().map(work).collect(),
            Some(pool) => pool.install(|| items.into_par_iter().with_max_len(1).map(work).collect()),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// Lets `produce` hand out tasks and returns when all of them are done.
    pub fn overlap<'s, R: Send>(&self, produce: impl FnOnce(&Tasks<'_, 's>) -> R + Send) -> R {
        match &self.pool {
            None => produce(&Tasks { scope: None }),
            Some(pool) => pool.scope(|scope| produce(&Tasks { scope: Some(scope) })),
        }
    }
}

/// Takes tasks that may run while others are made.
pub struct Tasks<'a, 's> {
    scope: Option<&'a Scope<'s>>,
}

impl<'s> Tasks<'_, 's> {
    pub fn add(&self, task: impl FnOnce() + Send + 's) {
        match self.scope {
            None => task(),
            Some(scope) => scope.spawn(|_| task()),
        }
    }
}
