//! All superblocks of a frame, by as many threads as there are: each takes the next superblock of the uppermost row where
//! what prediction needs of the row above is there. The result does not depend on the number of threads: rows
//! share only what is above them, and start from the contexts that the second superblock of the row above leaves.

use super::Search;
use crate::encode::observe::Observations;
use crate::picture::Picture;
use crate::syntax::{CellGrid, Contexts, SUPERBLOCK, Superblock};
use crate::workers::Workers;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Superblocks that the row above is ahead: the one above, and the one above to the right.
const AHEAD: usize = 2;

/// A searched frame.
pub struct Searched {
    /// As the decoder will have it before the filters.
    pub picture: Picture,
    pub cells: CellGrid,
    /// In raster order.
    pub superblocks: Vec<Superblock>,
    pub observations: Option<Observations>,
}

/// Rows that may be begun and not finished, beyond one for each thread: who waits for a slow superblock goes on elsewhere.
const SPARE_ROWS: usize = 2;

/// What the threads share.
struct Board<'a> {
    found: Searched,
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
    /// A thread gave up: the others must not wait for it.
    broken: bool,
}

/// What a thread may do.
enum Turn<'a> {
    /// The next superblock of a row; without a search a new one is to be started.
    Search(usize, Option<Box<Search<'a>>>),
    Wait,
    End,
}

impl<'a> Board<'a> {
    /// Whether what the next superblock of a row needs of the row above is there.
    fn ready(&self, row: usize, columns: usize) -> bool {
        let needed = |above: usize| self.done[above] >= (self.done[row] + AHEAD).min(columns);
        row.checked_sub(1).is_none_or(needed)
    }

    /// The turn of a thread that is at no row, of rows with so many superblocks of which so many may be open.
    fn turn(&mut self, columns: usize, most: usize) -> Turn<'a> {
        let (rows, busy) = (self.done.len(), self.open.iter().filter(|o| o.1.is_none()).count());
        // Others are at all that is left.
        if self.broken || self.open.len() - busy + rows - self.next == 0 {
            return Turn::End;
        }
        let free = |o: &(usize, Option<_>)| o.1.is_some() && self.ready(o.0, columns);
        if let Some(i) = self.open.iter().position(free) {
            return Turn::Search(self.open[i].0, self.open[i].1.take());
        }
        if self.next < rows && self.open.len() < most && self.ready(self.next, columns) {
            self.open.push((self.next, None));
            self.next += 1;
            return Turn::Search(self.next - 1, self.spare.pop().map(Box::new));
        }
        Turn::Wait
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

struct Shared<'a> {
    board: Mutex<Board<'a>>,
    changed: Condvar,
    columns: usize,
    /// Rows that may be open.
    most: usize,
}

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, Board<'a>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a row whose next superblock can be searched; `None` if there will be none.
    fn wait(&self) -> Option<(usize, Option<Box<Search<'a>>>)> {
        let mut board = self.lock();
        loop {
            match board.turn(self.columns, self.most) {
                Turn::Search(row, search) => return Some((row, search)),
                Turn::Wait => board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner),
                Turn::End => return None,
            }
        }
    }
}

/// Tells the others if its thread panics.
struct Guard<'a, 'b>(&'a Shared<'b>);

impl Drop for Guard<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// Searches all superblocks of a frame of `size` luma samples into `picture`. Searches are started as they are needed,
/// all of them alike, and ended.
pub fn search<'a>(
    workers: &Workers,
    start: impl Fn() -> Search<'a> + Sync,
    end: impl Fn(Search<'a>) + Sync,
    size: (usize, usize),
    picture: Picture,
) -> Searched {
    let (columns, rows) = (size.0.div_ceil(SUPERBLOCK), size.1.div_ceil(SUPERBLOCK));
    let cells = CellGrid::new(size.0, size.1);
    let superblocks = vec![Superblock::default(); columns * rows];
    let threads = workers.count().min(rows);
    let board = Board {
        found: Searched { picture, cells, superblocks, observations: None },
        done: vec![0; rows],
        contexts: vec![None; rows],
        open: Vec::new(),
        spare: Vec::new(),
        next: 0,
        broken: false,
    };
    let most = if threads == 1 { 1 } else { threads + SPARE_ROWS };
    let shared = Shared { board: Mutex::new(board), changed: Condvar::new(), columns, most };
    workers.each((0..threads).collect(), |_| {
        let _guard = Guard(&shared);
        while let Some((row, search)) = shared.wait() {
            search_superblock(&shared, search.unwrap_or_else(|| Box::new(start())), row);
        }
    });
    let board = shared.board.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut found = board.found;
    for mut s in board.spare {
        if let Some(seen) = s.observer.take() {
            found.observations.get_or_insert_default().add(&seen);
        }
        end(s);
    }
    found
}

/// Searches the next superblock of a row.
fn search_superblock<'a>(shared: &Shared<'a>, mut s: Box<Search<'a>>, row: usize) {
    let columns = shared.columns;
    let board = shared.lock();
    let x = board.done[row];
    if let Some(above) = row.checked_sub(1) {
        if x == 0 {
            s.f.ctx.clone_from(board.contexts[row].as_ref().expect("left by the row above"));
        }
        // The lowest 8 lines of what has become known there.
        let from = if x == 0 { 0 } else { x + AHEAD - 1 };
        let y = (above + 1) * SUPERBLOCK;
        let (picture, cells) = (&board.found.picture, &board.found.cells);
        let across = from * SUPERBLOCK..(x + AHEAD) * SUPERBLOCK;
        copy((picture, cells), (&mut s.frame, &mut s.f.cells), across, y - 8..y);
    }
    drop(board);
    if x == 0 {
        s.start_row();
    }
    let sb = s.superblock(x * SUPERBLOCK, row * SUPERBLOCK);
    let mut board = shared.lock();
    let Board { found, done, contexts, .. } = &mut *board;
    let (across, down) = (x * SUPERBLOCK, row * SUPERBLOCK);
    let (across, down) = (across..across + SUPERBLOCK, down..down + SUPERBLOCK);
    copy((&s.frame, &s.f.cells), (&mut found.picture, &mut found.cells), across, down);
    found.superblocks[row * columns + x] = sb;
    done[row] = x + 1;
    if x + 1 == AHEAD.min(columns) && row + 1 < done.len() {
        contexts[row + 1] = Some(s.f.ctx.clone());
    }
    board.leave(row, s, columns);
    drop(board);
    shared.changed.notify_all();
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
        for y in down.start >> s..(down.end >> s).min(from.height()) {
            if x0 < x1 {
                to.row_mut(y)[x0..x1].copy_from_slice(&from.row(y)[x0..x1]);
            }
        }
    }
}
