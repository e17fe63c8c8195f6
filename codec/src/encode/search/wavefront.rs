//! All superblocks of a frame, by as many threads as there are: each takes the next row and stays behind the row above
//! by what prediction needs of it. The result does not depend on the number of threads: rows share only what is above
//! them, and start from the contexts that the second superblock of the row above leaves.

use super::Search;
use crate::encode::observe::Observations;
use crate::picture::Picture;
use crate::syntax::{CellGrid, Contexts, SUPERBLOCK, Superblock};
use crate::workers::Workers;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// What the threads share.
struct Board {
    found: Searched,
    /// Finished superblocks of each row.
    done: Vec<usize>,
    /// What each row starts from.
    contexts: Vec<Option<Contexts>>,
    /// A thread gave up: the others must not wait for it.
    broken: bool,
}

struct Shared {
    board: Mutex<Board>,
    changed: Condvar,
    next: AtomicUsize,
    columns: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `n` superblocks of a row are done; `None` if that will never be.
    fn wait(&self, row: usize, n: usize) -> Option<MutexGuard<'_, Board>> {
        let n = n.min(self.columns);
        let waiting = |b: &mut Board| b.done[row] < n && !b.broken;
        let board = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        (!board.broken).then_some(board)
    }
}

/// Tells the others if its thread panics.
struct Guard<'a>(&'a Shared);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// Searches all superblocks of a frame of `size` luma samples into `picture`. Each thread that finds work starts a search,
/// all of them alike, and ends it.
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
    let found = Searched { picture, cells, superblocks, observations: None };
    let board = Board { found, done: vec![0; rows], contexts: vec![None; rows], broken: false };
    let (board, changed, next) = (Mutex::new(board), Condvar::new(), AtomicUsize::new(0));
    let shared = Shared { board, changed, next, columns };
    workers.each((0..workers.count().min(rows)).collect(), |_| {
        let _guard = Guard(&shared);
        let take = || Some(shared.next.fetch_add(1, Ordering::Relaxed)).filter(|&row| row < rows);
        let Some(mut row) = take() else { return };
        let mut s = start();
        while search_row(&shared, &mut s, row).is_some() {
            let Some(next) = take() else { break };
            row = next;
        }
        if let Some(seen) = s.observer.take() {
            shared.lock().found.observations.get_or_insert_default().add(&seen);
        }
        end(s);
    });
    shared.board.into_inner().unwrap_or_else(PoisonError::into_inner).found
}

/// Searches one row; `None` if the row above will not be finished.
fn search_row(shared: &Shared, s: &mut Search, row: usize) -> Option<()> {
    let columns = shared.columns;
    if let Some(above) = row.checked_sub(1) {
        let board = shared.wait(above, AHEAD)?;
        s.f.ctx.clone_from(board.contexts[row].as_ref()?);
    }
    s.start_row();
    for x in 0..columns {
        if let Some(above) = row.checked_sub(1) {
            let board = shared.wait(above, x + AHEAD)?;
            // The lowest 8 lines of what has become known there.
            let from = if x == 0 { 0 } else { x + AHEAD - 1 };
            let y = row * SUPERBLOCK;
            let (picture, cells) = (&board.found.picture, &board.found.cells);
            let across = from * SUPERBLOCK..(x + AHEAD) * SUPERBLOCK;
            copy((picture, cells), (&mut s.frame, &mut s.f.cells), across, y - 8..y);
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
        drop(board);
        shared.changed.notify_all();
    }
    Some(())
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
