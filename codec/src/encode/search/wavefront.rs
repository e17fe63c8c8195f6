//! All superblocks of one or more frames, by as many threads as there are: each takes the next superblock of the uppermost
//! row where what prediction needs of the row above is there, of the first frame that has one. The result does not depend
//! on the number of threads: rows share only what is above them, and start from the contexts that the second superblock
//! of the row above leaves.

use super::Search;
use crate::encode::observe::Observations;
use crate::picture::Picture;
use crate::syntax::{CellGrid, Contexts, SUPERBLOCK, Superblock};
use crate::workers::Workers;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Superblocks that the row above is ahead: the one above, and the one above to the right.
const AHEAD: usize = 2;

/// Rows of a frame that may be begun and not finished, beyond one for each thread: who waits for a slow superblock goes
/// on elsewhere.
const SPARE_ROWS: usize = 2;

/// A frame to search.
pub trait Frame<'a>: Sync {
    type Done: Send;

    /// A search of one of its rows; all are alike.
    fn start(&self) -> Search<'a>;

    /// Takes a search back that is not needed any more.
    fn end(&self, search: Search<'a>);

    /// What remains to be done when all superblocks are searched; other frames may still be at it.
    fn finish(&self, found: Searched) -> Self::Done;
}

/// A searched frame.
pub struct Searched {
    /// As the decoder will have it before the filters.
    pub picture: Picture,
    pub cells: CellGrid,
    /// In raster order.
    pub superblocks: Vec<Superblock>,
    pub observations: Option<Observations>,
}

/// What the threads share of a frame.
struct Board<'a> {
    /// `None` when the frame is taken away to be finished.
    found: Option<Searched>,
    /// Finished superblocks of each row.
    done: Vec<usize>,
    /// What each row starts from.
    contexts: Vec<Option<Contexts>>,
    /// Rows begun and not finished, from above, with the state of the search where no thread is at work on them.
    open: Vec<(usize, Option<Box<Search<'a>>>)>,
    /// Searches of finished rows.
    spare: Vec<Search<'a>>,
    /// The next row to begin.
    next: usize,
}

impl<'a> Board<'a> {
    fn new(picture: Picture, size: (usize, usize), (columns, rows): (usize, usize)) -> Self {
        let cells = CellGrid::new(size.0, size.1);
        let superblocks = vec![Superblock::default(); columns * rows];
        Board {
            found: Some(Searched { picture, cells, superblocks, observations: None }),
            done: vec![0; rows],
            contexts: vec![None; rows],
            open: Vec::new(),
            spare: Vec::new(),
            next: 0,
        }
    }

    /// Whether what the next superblock of a row needs of the row above is there.
    fn ready(&self, row: usize, columns: usize) -> bool {
        let needed = |above: usize| self.done[above] >= (self.done[row] + AHEAD).min(columns);
        row.checked_sub(1).is_none_or(needed)
    }

    /// Whether there is or will be something for a thread that is at no row.
    fn has_work(&self) -> bool {
        self.next < self.done.len() || self.open.iter().any(|o| o.1.is_some())
    }

    /// A row whose next superblock can be searched, of rows with so many; without a search a new one is to be started.
    /// `more`: another row may be begun.
    fn take(&mut self, columns: usize, more: bool) -> Option<(usize, Option<Box<Search<'a>>>)> {
        let free = |o: &(usize, Option<_>)| o.1.is_some() && self.ready(o.0, columns);
        if let Some(i) = self.open.iter().position(free) {
            return Some((self.open[i].0, self.open[i].1.take()));
        }
        if !(more && self.next < self.done.len() && self.ready(self.next, columns)) {
            return None;
        }
        self.open.push((self.next, None));
        self.next += 1;
        Some((self.next - 1, self.spare.pop().map(Box::new)))
    }

    /// Takes a row's search back.
    fn leave(&mut self, row: usize, search: Box<Search<'a>>, columns: usize) {
        if let Some(i) = self.open.iter().position(|o| o.0 == row) {
            if self.done[row] < columns {
                self.open[i].1 = Some(search);
            } else {
                self.open.remove(i);
                self.spare.push(*search);
            }
        }
    }
}

/// What a thread may do.
enum Turn<'a> {
    /// The next superblock of a row of a frame.
    Search(usize, usize, Option<Box<Search<'a>>>),
    Wait,
    End,
}

struct Boards<'a, D> {
    boards: Vec<Board<'a>>,
    done: Vec<Option<D>>,
    /// A thread gave up: the others must not wait for it.
    broken: bool,
}

impl<'a, D> Boards<'a, D> {
    /// The turn of a thread where so many rows of a frame may be open, and twice as many of all.
    fn turn(&mut self, columns: usize, most: usize) -> Turn<'a> {
        let open: usize = self.boards.iter().map(|b| b.open.len()).sum();
        let mut wait = false;
        for (i, b) in self.boards.iter_mut().enumerate().filter(|_| !self.broken) {
            // The uppermost row of those open is never one that waits, so there is always one to go on with.
            let more = b.open.len() < most && open < 2 * most;
            if let Some((row, search)) = b.take(columns, more) {
                return Turn::Search(i, row, search);
            }
            wait |= b.has_work();
        }
        if wait { Turn::Wait } else { Turn::End }
    }
}

struct Shared<'a, 'f, F: Frame<'a>> {
    frames: &'f [F],
    boards: Mutex<Boards<'a, F::Done>>,
    changed: Condvar,
    columns: usize,
    /// Rows of a frame that may be open.
    most: usize,
}

/// Tells the others if its thread panics.
struct Guard<'s, 'a, 'f, F: Frame<'a>>(&'s Shared<'a, 'f, F>);

impl<'a, F: Frame<'a>> Drop for Guard<'_, 'a, '_, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// Searches all superblocks of frames of `size` luma samples, each into its picture, and finishes them. Frames that come
/// first go first; the others are for threads that would wait.
pub fn search<'a, F: Frame<'a>>(
    workers: &Workers,
    frames: &[F],
    pictures: Vec<Picture>,
    size: (usize, usize),
) -> Vec<F::Done> {
    let (columns, rows) = (size.0.div_ceil(SUPERBLOCK), size.1.div_ceil(SUPERBLOCK));
    let threads = workers.count().min(rows * frames.len());
    let boards: Vec<_> = pictures.into_iter().map(|p| Board::new(p, size, (columns, rows))).collect();
    let boards = Boards { done: boards.iter().map(|_| None).collect(), boards, broken: false };
    let most = if threads == 1 { 1 } else { threads + SPARE_ROWS };
    let shared = Shared { frames, boards: Mutex::new(boards), changed: Condvar::new(), columns, most };
    workers.each((0..threads).collect(), |_| {
        let _guard = Guard(&shared);
        while let Some((frame, row, search)) = shared.wait() {
            let search = search.unwrap_or_else(|| Box::new(frames[frame].start()));
            shared.search_superblock(frame, row, search);
        }
    });
    let boards = shared.boards.into_inner().unwrap_or_else(PoisonError::into_inner);
    boards.done.into_iter().flatten().collect()
}

impl<'a, F: Frame<'a>> Shared<'a, '_, F> {
    fn lock(&self) -> MutexGuard<'_, Boards<'a, F::Done>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a row of a frame whose next superblock can be searched; `None` if there will be none.
    fn wait(&self) -> Option<(usize, usize, Option<Box<Search<'a>>>)> {
        let mut boards = self.lock();
        loop {
            match boards.turn(self.columns, self.most) {
                Turn::Search(frame, row, search) => return Some((frame, row, search)),
                Turn::Wait => boards = self.changed.wait(boards).unwrap_or_else(PoisonError::into_inner),
                Turn::End => return None,
            }
        }
    }

    /// Searches the next superblock of a row, and finishes the frame if it was the last.
    fn search_superblock(&self, frame: usize, row: usize, mut s: Box<Search<'a>>) {
        let columns = self.columns;
        let boards = self.lock();
        let board = &boards.boards[frame];
        let x = board.done[row];
        if let Some(above) = row.checked_sub(1) {
            if x == 0 {
                s.f.ctx.clone_from(board.contexts[row].as_ref().expect("left by the row above"));
            }
            // The lowest 8 lines of what has become known there.
            let from = if x == 0 { 0 } else { x + AHEAD - 1 };
            let y = (above + 1) * SUPERBLOCK;
            let across = from * SUPERBLOCK..(x + AHEAD) * SUPERBLOCK;
            if let Some(found) = &board.found {
                copy((&found.picture, &found.cells), (&mut s.frame, &mut s.f.cells), across, y - 8..y);
            }
        }
        drop(boards);
        if x == 0 {
            s.start_row();
        }
        let sb = s.superblock(x * SUPERBLOCK, row * SUPERBLOCK);
        let mut boards = self.lock();
        let board = &mut boards.boards[frame];
        if let Some(found) = &mut board.found {
            let (across, down) = (x * SUPERBLOCK, row * SUPERBLOCK);
            let (across, down) = (across..across + SUPERBLOCK, down..down + SUPERBLOCK);
            copy((&s.frame, &s.f.cells), (&mut found.picture, &mut found.cells), across, down);
            found.superblocks[row * columns + x] = sb;
        }
        board.done[row] = x + 1;
        if x + 1 == AHEAD.min(columns) && row + 1 < board.done.len() {
            board.contexts[row + 1] = Some(s.f.ctx.clone());
        }
        board.leave(row, s, columns);
        let last = board.next == board.done.len() && board.open.is_empty();
        let (found, searches) =
            if last { (board.found.take(), board.spare.split_off(0)) } else { (None, vec![]) };
        drop(boards);
        self.changed.notify_all();
        if let Some(mut found) = found {
            let f = &self.frames[frame];
            for mut s in searches {
                if let Some(seen) = s.observer.take() {
                    found.observations.get_or_insert_default().add(&seen);
                }
                f.end(s);
            }
            let done = f.finish(found);
            self.lock().done[frame] = Some(done);
        }
    }
}

/// Copies the samples and cells of an area given in luma samples, multiples of 8; what lies outside is left out.
fn copy(
    from: (&Picture, &CellGrid),
    to: (&mut Picture, &mut CellGrid),
    across: Range<usize>,
    down: Range<usize>,
) {
    to.1.copy_area(from.1, across.clone(), down.clone());
    let shift = from.0.format.chroma.shift();
    for (p, (from, to)) in from.0.planes.iter().zip(&mut to.0.planes).enumerate() {
        let s = if p == 0 { 0 } else { shift };
        let (x0, x1) = (across.start >> s, (across.end >> s).min(from.width()));
        if x0 >= x1 {
            continue;
        }
        let (start, stride) = (to.index(x0 as isize, (down.start >> s) as isize), to.stride());
        let rows = to.data_mut()[start..].chunks_mut(stride);
        for (y, row) in (down.start >> s..(down.end >> s).min(from.height())).zip(rows) {
            row[..x1 - x0].copy_from_slice(&from.row(y)[x0..x1]);
        }
    }
}
