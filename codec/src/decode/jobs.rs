//! Frames that are parsed, to be reconstructed by as many threads as there are. Each waits for its references; others
//! may be done before it.

use super::rows::{inter_row, intra_row};
use crate::filter::band::band;
use crate::filter::wiener::AlfParams;
use crate::picture::{Format, Picture, Sample};
use crate::predict::inter::SMALL_PAD;
use crate::reconstruct::{EdgeMarks, Follow, Pool, Reconstructor, post};
use crate::stream::frame::FrameHeader;
use crate::stream::weight::weigh;
use crate::syntax::{SUPERBLOCK, Superblock};
use crate::workers::Workers;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

/// Frames that are parsed ahead beyond one for each thread, so that some are there which do not wait for another; before
/// that many are, parsing comes first.
const SPARE_FRAMES: usize = 5;

/// A picture that may still be in the making.
pub type Promise<T> = Arc<OnceLock<Arc<Picture<T>>>>;

/// The superblocks of a frame, by rows.
pub type Rows = Vec<Vec<Superblock>>;

/// A parsed frame.
pub struct Job<T: Sample> {
    pub header: FrameHeader,
    pub filters: Option<Arc<AlfParams>>,
    pub refs: Vec<Promise<T>>,
    pub rows: Rows,
    /// 8x8 luma blocks that the dering filter leaves alone.
    pub untouched: Vec<bool>,
    pub marks: EdgeMarks,
    pub picture: Promise<T>,
}

impl<T: Sample> Job<T> {
    fn is_ready(&self) -> bool {
        self.refs.iter().all(|r| r.get().is_some())
    }
}

/// The frames at work, and what they are made with.
pub struct Jobs<T: Sample> {
    shared: Arc<Shared<T>>,
    /// All threads but the caller's.
    helpers: Workers,
    most_ahead: usize,
}

struct Shared<T: Sample> {
    /// What new ones are copies of.
    model: Reconstructor,
    no_rows: Rows,
    state: Mutex<State<T>>,
    /// A frame is done, or another has come.
    changed: Condvar,
}

struct State<T: Sample> {
    waiting: VecDeque<Job<T>>,
    running: usize,
    pictures: Pool<T>,
    reconstructors: Vec<Reconstructor>,
    rows: Vec<Rows>,
    /// Of a thread, to go on in the caller's.
    panic: Option<Box<dyn Any + Send>>,
}

impl<T: Sample> State<T> {
    /// The place of the first waiting frame whose references are there.
    fn ready(&self) -> Option<usize> {
        self.waiting.iter().position(Job::is_ready)
    }
}

impl<T: Sample> Jobs<T> {
    /// For pictures whose luma plane is coded as `size` samples.
    pub fn new(size: (usize, usize), format: Format, most_ahead: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            running: 0,
            pictures: Pool::new(format, SMALL_PAD),
            reconstructors: Vec::new(),
            rows: Vec::new(),
            panic: None,
        };
        let model = Reconstructor::new(size, format);
        let row = vec![Superblock::default(); size.0.div_ceil(SUPERBLOCK)];
        let no_rows = vec![row; size.1.div_ceil(SUPERBLOCK)];
        let shared = Shared { model, no_rows, state: Mutex::new(state), changed: Condvar::new() };
        Jobs { shared: Arc::new(shared), helpers: Workers::default(), most_ahead }
    }

    /// Sets the threads beside the caller's.
    pub fn set_helpers(&mut self, helpers: Workers) {
        self.helpers = helpers;
    }

    /// Whether so many unfinished frames are too many for another to be parsed. There may be more of them while the
    /// caller could do nothing else but wait.
    pub fn too_many(&self, frames: usize) -> bool {
        self.are_too_many(frames, &self.shared.state())
    }

    fn are_too_many(&self, frames: usize, state: &State<T>) -> bool {
        if self.helpers.is_alone() {
            return frames > 0;
        }
        let enough = SPARE_FRAMES + self.helpers.count();
        frames > self.most_ahead || frames > enough && state.ready().is_some()
    }

    /// Superblocks to parse into.
    pub fn rows(&self) -> Rows {
        self.shared.state().rows.pop().unwrap_or_else(|| self.shared.no_rows.clone())
    }

    /// Hands over a frame. While too many are at work, the caller helps.
    pub fn add(&self, job: Job<T>) {
        self.shared.state().waiting.push_back(job);
        if !self.helpers.is_alone() {
            self.shared.changed.notify_one();
            let shared = self.shared.clone();
            self.helpers.spawn(move || shared.work_until(|state| state.waiting.is_empty()));
        }
        self.shared.work_until(|state| !self.are_too_many(state.waiting.len() + state.running, state));
        self.shared.raise();
    }

    /// The picture, as soon as it is there.
    pub fn wait(&self, picture: &Promise<T>) -> Arc<Picture<T>> {
        loop {
            self.shared.raise();
            if let Some(p) = picture.get() {
                return p.clone();
            }
            self.shared.work_until(|_| picture.get().is_some());
        }
    }
}

impl<T: Sample> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with a panic of another thread.
    fn raise(&self) {
        let panic = self.state().panic.take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Works on frames whose references are there, or waits for such, until `enough`.
    fn work_until(&self, enough: impl Fn(&State<T>) -> bool) {
        let mut state = self.state();
        while !enough(&state) {
            if let Some(job) = state.ready().and_then(|i| state.waiting.remove(i)) {
                state.running += 1;
                drop(state);
                let picture = job.picture.clone();
                let done = catch_unwind(AssertUnwindSafe(|| self.reconstruct(job)));
                state = self.state();
                state.running -= 1;
                if let Err(panic) = done {
                    // Nobody is to wait for ever.
                    let _ = picture.set(Arc::new(state.pictures.blank()));
                    state.panic = Some(panic);
                }
                self.changed.notify_all();
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn reconstruct(&self, job: Job<T>) {
        let Job { header, filters, refs, mut rows, untouched, marks, picture: promise } = job;
        let refs = weigh(&header.weights, refs.iter().filter_map(|r| r.get().cloned()));
        let mut state = self.state();
        let mut r = state.reconstructors.pop().unwrap_or_else(|| self.model.clone());
        let mut picture = state.pictures.blank();
        drop(state);
        r.chroma_offset = header.chroma_offset;
        let chroma = picture.format.chroma;
        let mut filters = Follow::new(&header, filters.as_deref(), untouched, &picture);
        for (i, row) in rows.iter().enumerate() {
            if !header.key {
                inter_row(&mut r, &mut band(&mut picture.planes, chroma.shift(), i), &refs, row, chroma);
            }
            intra_row(&mut r, &mut picture, row);
            filters.add(&mut picture, row, &marks);
        }
        post::pad(&mut picture);
        rows.iter_mut().flatten().for_each(|sb| sb.res.shrink());
        let mut state = self.state();
        state.reconstructors.push(r);
        state.rows.push(rows);
        state.pictures.watch(&picture);
        // Nobody else makes this picture.
        let _ = promise.set(Arc::new(picture));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::ChromaFormat;
    use crate::syntax::Block;

    const FORMAT: Format = Format { width: 64, height: 64, chroma: ChromaFormat::Yuv420, bit_depth: 8 };

    /// A frame with these references.
    fn job(rows: Rows, refs: Vec<Promise<u8>>) -> Job<u8> {
        Job {
            header: FrameHeader { key: false, ..FrameHeader::key(60) },
            filters: None,
            refs,
            rows,
            untouched: vec![true; 64],
            marks: EdgeMarks::new((64, 64)),
            picture: Promise::default(),
        }
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        for threads in [1, 3] {
            let mut jobs = Jobs::<u8>::new((64, 64), FORMAT, 6);
            jobs.set_helpers(Workers::beside(threads));
            let mut rows = jobs.rows();
            // It refers to a frame that is not there.
            rows[0][0].blocks.push(Block { lw: 6, lh: 6, inter: true, refs: [3, -1], ..Block::default() });
            let job = job(rows, Vec::new());
            let picture = Arc::clone(&job.picture);
            let decode = || {
                jobs.add(job);
                jobs.wait(&picture)
            };
            assert!(catch_unwind(AssertUnwindSafe(decode)).is_err(), "{threads} threads");
            assert_eq!(jobs.wait(&picture).format, FORMAT);
        }
    }

    #[test]
    fn who_could_only_wait_parses_on() {
        let mut jobs = Jobs::<u8>::new((64, 64), FORMAT, 9);
        jobs.set_helpers(Workers::beside(2));
        let reference = Promise::default();
        let pictures: Vec<_> = (0..9)
            .map(|_| {
                let job = job(jobs.rows(), vec![Arc::clone(&reference)]);
                let picture = Arc::clone(&job.picture);
                jobs.add(job);
                picture
            })
            .collect();
        assert!(!jobs.too_many(9) && jobs.too_many(10));
        assert!(pictures.iter().all(|p| p.get().is_none()));
        let mut state = jobs.shared.state();
        assert!(reference.set(Arc::new(state.pictures.blank())).is_ok());
        assert!(jobs.are_too_many(9, &state), "now there is work");
        drop(state);
        pictures.iter().for_each(|p| assert_eq!(jobs.wait(p).format, FORMAT));
    }
}
