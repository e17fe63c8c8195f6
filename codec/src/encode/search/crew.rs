//! Frames that are searched, superblock by superblock, by as many threads as there are: each takes the next superblock
//! that can be searched, of the first frame that has one. Who starts a frame goes on at once, and waits for it later.

use super::Search;
use super::board::{Board, Row, Searched};
use crate::picture::Picture;
use crate::syntax::SUPERBLOCK;
use crate::workers::Workers;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rows of a frame that may be begun and not finished, beyond one for each thread: who waits for a slow superblock goes
/// on elsewhere.
const SPARE_ROWS: usize = 2;

/// After this time one who waits looks whether parts of other threads' work have been offered.
const PATIENCE: Duration = Duration::from_micros(100);

/// A frame to search.
pub trait Frame: Send + Sync + 'static {
    type Done: Send;

    /// A search of one of its rows; all are alike.
    fn start(&self) -> Search;

    /// Takes a search back that is not needed any more.
    fn end(&self, search: Search);

    /// What remains to be done when all superblocks are searched; other frames may still be at it.
    fn finish(&self, found: Searched) -> Self::Done;
}

/// Names a frame that was started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// The frames at work. Threads that search when the crew is dropped give up.
pub struct Crew<F: Frame> {
    shared: Arc<Shared<F>>,
}

struct Shared<F: Frame> {
    workers: Workers,
    state: Mutex<State<F>>,
    /// For the crew's owner, who waits: a frame is finished, or there is work.
    changed: Condvar,
}

struct State<F: Frame> {
    /// Those first that others wait for.
    tasks: Vec<Task<F>>,
    finished: Vec<(Ticket, F::Done)>,
    started: u64,
    /// Threads at work beside the owner's.
    helpers: usize,
    /// The owner waits, and nobody has called.
    idle: bool,
    /// Of a thread, to go on in the owner's.
    panic: Option<Box<dyn Any + Send>>,
    broken: bool,
}

struct Task<F> {
    ticket: Ticket,
    frame: Arc<F>,
    urgent: bool,
    board: Board,
}

/// A row of a frame whose next superblock can be searched.
struct Turn<F> {
    ticket: Ticket,
    frame: Arc<F>,
    row: Row,
}

impl<F: Frame> State<F> {
    /// For each frame whether another of its rows may be begun, where `most` rows of a frame may be open, and twice as
    /// many with those of the frames before it.
    fn with_room(&mut self, most: usize) -> impl Iterator<Item = (&mut Task<F>, bool)> {
        let mut open = 0;
        self.tasks.iter_mut().map(move |t| {
            open += t.board.open();
            let more = t.board.open() < most && open < 2 * most;
            (t, more)
        })
    }
}

impl<F: Frame> Crew<F> {
    pub fn new(workers: Workers) -> Self {
        let state = State {
            tasks: Vec::new(),
            finished: Vec::new(),
            started: 0,
            helpers: 0,
            idle: false,
            panic: None,
            broken: false,
        };
        Crew { shared: Arc::new(Shared { workers, state: Mutex::new(state), changed: Condvar::new() }) }
    }

    /// Starts the search of a frame of `size` luma samples, into `picture`. Urgent frames come before others, else those
    /// first that were started first.
    pub fn start(&self, frame: F, picture: Picture, size: (usize, usize), urgent: bool) -> Ticket {
        let mut state = self.shared.lock();
        let ticket = Ticket(state.started);
        state.started += 1;
        let place = state.tasks.iter().position(|t| urgent && !t.urgent).unwrap_or(state.tasks.len());
        let board = Board::new(picture, size);
        state.tasks.insert(place, Task { ticket, frame: Arc::new(frame), urgent, board });
        self.shared.call(&mut state);
        ticket
    }

    /// A finished frame. Until it is there, the caller takes part in the search.
    pub fn wait(&self, ticket: Ticket) -> F::Done {
        loop {
            let mut state = self.shared.lock();
            if let Some(panic) = state.panic.take() {
                drop(state);
                resume_unwind(panic);
            }
            assert!(!state.broken, "a thread has panicked before");
            if let Some(i) = state.finished.iter().position(|f| f.0 == ticket) {
                let done = state.finished.swap_remove(i).1;
                self.shared.call(&mut state);
                return done;
            }
            if let Some(turn) = self.shared.next(&mut state) {
                drop(state);
                self.shared.attempt(turn);
                continue;
            }
            drop(state);
            if !self.shared.workers.lend_a_hand() {
                self.shared.rest();
            }
        }
    }
}

impl<F: Frame> Drop for Crew<F> {
    fn drop(&mut self) {
        self.shared.lock().tasks.clear();
    }
}

impl<F: Frame> Shared<F> {
    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows of a frame that may be open.
    fn most(&self) -> usize {
        if self.workers.is_alone() { 1 } else { self.workers.count() + SPARE_ROWS }
    }

    /// Takes the next superblock that can be searched, and calls another thread if there are more.
    fn next(self: &Arc<Self>, state: &mut State<F>) -> Option<Turn<F>> {
        let turn = state.with_room(self.most()).find_map(|(t, more)| {
            let row = t.board.take(more)?;
            Some(Turn { ticket: t.ticket, frame: t.frame.clone(), row })
        })?;
        self.call(state);
        Some(turn)
    }

    /// Calls another thread if there is work for it.
    fn call(self: &Arc<Self>, state: &mut State<F>) {
        let free = state.helpers + 1 < self.workers.count();
        if !(state.idle || free) || !state.with_room(self.most()).any(|(t, more)| t.board.has_work(more)) {
            return;
        }
        if state.idle {
            state.idle = false;
            self.changed.notify_all();
        } else {
            state.helpers += 1;
            self.employ();
        }
    }

    /// Has another thread search a superblock, and then the next. Each is a piece of work of its own, so that the thread
    /// looks for other work between them.
    fn employ(self: &Arc<Self>) {
        let shared = self.clone();
        self.workers.spawn(move || {
            let mut state = shared.lock();
            let Some(turn) = shared.next(&mut state) else {
                state.helpers -= 1;
                return;
            };
            drop(state);
            shared.attempt(turn);
            shared.employ();
        });
    }

    /// Waits until a frame is finished or there is work, or for a short time.
    fn rest(&self) {
        let mut state = self.lock();
        state.idle = true;
        let (mut state, _) =
            self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
        state.idle = false;
    }

    /// Searches, and leaves a panic to the owner: nobody is to wait for ever.
    fn attempt(&self, turn: Turn<F>) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.search(turn))) {
            let mut state = self.lock();
            state.tasks.clear();
            (state.panic, state.broken) = (Some(panic), true);
            self.changed.notify_all();
        }
    }

    /// Searches a superblock, and finishes the frame if it was the last.
    fn search(&self, turn: Turn<F>) {
        let Turn { ticket, frame, row: (row, search) } = turn;
        let mut s = search.unwrap_or_else(|| Box::new(frame.start()));
        let mut state = self.lock();
        // It is gone where nobody wants it any more.
        let Some(task) = state.tasks.iter_mut().find(|t| t.ticket == ticket) else { return };
        let x = task.board.enter(row, &mut s);
        drop(state);
        if x == 0 {
            s.start_row();
        }
        let sb = s.superblock(x * SUPERBLOCK, row * SUPERBLOCK);
        let mut state = self.lock();
        let Some(place) = state.tasks.iter().position(|t| t.ticket == ticket) else { return };
        let board = &mut state.tasks[place].board;
        board.leave(row, s, sb);
        if !board.is_done() {
            return;
        }
        let (found, searches) = state.tasks.remove(place).board.finish();
        drop(state);
        searches.into_iter().for_each(|s| frame.end(s));
        let done = frame.finish(found);
        self.lock().finished.push((ticket, done));
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Preset;
    use crate::codebook::{CodebookSet, Lookup};
    use crate::encode::gop::Planned;
    use crate::encode::presets::Settings;
    use crate::encode::quantisers::Quantisers;
    use crate::picture::{ChromaFormat, Format};
    use crate::predict::inter::PAD;
    use crate::reconstruct::Dpb;
    use crate::stream::frame::FrameHeader;

    const FORMAT: Format = Format { width: 192, height: 128, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
    const SIZE: (usize, usize) = (192, 128);

    /// A key frame; or what cannot be searched.
    struct Plain(Option<Dpb<Arc<Picture>>>);

    impl Frame for Plain {
        type Done = Picture;

        fn start(&self) -> Search {
            let dpb = self.0.as_ref().expect("a panic is wanted");
            let f = dpb.frame_context(&FrameHeader::key(100), &[], None);
            let mut source = Picture::padded(FORMAT, PAD, 8);
            let (luma, stride) = (source.planes[0].index(0, 0), source.planes[0].stride());
            let samples = source.planes[0].data_mut()[luma..].iter_mut().enumerate();
            samples.for_each(|(i, s)| *s = (i % stride * 3 + i / stride * 5) as u16 & 0xff);
            let desk = Picture::padded(FORMAT, PAD, 8);
            let lookup = Arc::new(Lookup::new(&dpb.books));
            let quantisers = Quantisers::of((25.0, 8), Planned::KEY, SIZE, None, &[]);
            let settings = Settings::of(Preset::Ultrafast);
            Search::new(f, desk, source, Vec::new(), lookup, quantisers, settings, 0)
        }

        fn end(&self, _: Search) {}

        fn finish(&self, found: Searched) -> Picture {
            found.picture
        }
    }

    fn start(crew: &Crew<Plain>, urgent: bool, good: bool) -> Ticket {
        let dpb = good.then(|| Dpb::new(FORMAT, CodebookSet::builtin()));
        crew.start(Plain(dpb), Picture::padded(FORMAT, PAD, 8), SIZE, urgent)
    }

    #[test]
    fn urgent_frames_come_first_and_threads_change_nothing() {
        let mut hashes = Vec::new();
        for threads in 1..4 {
            let crew = Crew::new(Workers::new(threads));
            let tickets = [false, true, false].map(|urgent| start(&crew, urgent, true));
            hashes.push(crew.wait(tickets[1]).hash());
            if threads == 1 {
                let state = crew.shared.lock();
                assert!(state.finished.is_empty() && state.tasks.len() == 2);
            }
            hashes.extend([tickets[2], tickets[0]].map(|t| crew.wait(t).hash()));
        }
        assert!(hashes.iter().all(|h| *h == hashes[0]));
        assert_ne!(hashes[0], Picture::<u16>::padded(FORMAT, PAD, 8).hash());
    }

    #[test]
    fn a_panic_reaches_the_owner() {
        for threads in 1..4 {
            let crew = Crew::new(Workers::new(threads));
            let tickets = [true, false].map(|good| start(&crew, true, good));
            let wait = |t| catch_unwind(AssertUnwindSafe(|| crew.wait(t)));
            assert!(wait(tickets[1]).is_err(), "{threads} threads");
            assert!(wait(tickets[1]).is_err(), "nobody waits for ever");
        }
    }

    #[test]
    fn dropped_in_the_middle() {
        let crew = Crew::new(Workers::new(3));
        let tickets = [false; 9].map(|urgent| start(&crew, urgent, true));
        crew.wait(tickets[0]);
        let shared = crew.shared.clone();
        drop(crew);
        assert!(shared.lock().tasks.is_empty());
    }
}
