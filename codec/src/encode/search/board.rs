//! The rows of superblocks of a frame that several threads search. Each row is ahead of the one below by what prediction
//! there needs. The result does not depend on the number of threads: rows share only what is above them, and start from
//! the contexts that the second superblock of the row above leaves.

use super::Search;
use crate::encode::observe::Observations;
use crate::picture::Picture;
use crate::syntax::{CellGrid, Contexts, SUPERBLOCK, Superblock};
use std::ops::Range;

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

/// A row, and the state of its search if it is begun.
pub type Row = (usize, Option<Box<Search>>);

/// What the threads share of a frame.
pub struct Board {
    found: Searched,
    columns: usize,
    /// Finished superblocks of each row.
    done: Vec<usize>,
    /// What each row starts from.
    contexts: Vec<Option<Contexts>>,
    /// Rows begun and not finished, from above, with the state of the search where no thread is at work on them.
    open: Vec<Row>,
    /// Searches of finished rows.
    spare: Vec<Search>,
    /// The next row to begin.
    next: usize,
}

impl Board {
    /// For a frame of `size` luma samples that will be in `picture`.
    pub fn new(picture: Picture, size: (usize, usize)) -> Self {
        let (columns, rows) = (size.0.div_ceil(SUPERBLOCK), size.1.div_ceil(SUPERBLOCK));
        let cells = CellGrid::new(size.0, size.1);
        let superblocks = vec![Superblock::default(); columns * rows];
        Board {
            found: Searched { picture, cells, superblocks, observations: None },
            columns,
            done: vec![0; rows],
            contexts: vec![None; rows],
            open: Vec::new(),
            spare: Vec::new(),
            next: 0,
        }
    }

    /// How many rows are begun and not finished.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether what the next superblock of a row needs of the row above is there.
    fn ready(&self, row: usize) -> bool {
        let needed = |above: usize| self.done[above] >= (self.done[row] + AHEAD).min(self.columns);
        row.checked_sub(1).is_none_or(needed)
    }

    /// The place in `open` of the uppermost row whose next superblock can be searched.
    fn free(&self) -> Option<usize> {
        self.open.iter().position(|(row, search)| search.is_some() && self.ready(*row))
    }

    /// Whether another row can be begun.
    fn can_begin(&self) -> bool {
        self.next < self.done.len() && self.ready(self.next)
    }

    /// Whether [`take`](Self::take) has something to give.
    pub fn has_work(&self, more: bool) -> bool {
        self.free().is_some() || more && self.can_begin()
    }

    /// A row whose next superblock can be searched; without a search a new one is to be started. `more`: another row may
    /// be begun. Of the rows that are open the uppermost never waits for another.
    pub fn take(&mut self, more: bool) -> Option<Row> {
        if let Some(i) = self.free() {
            return Some((self.open[i].0, self.open[i].1.take()));
        }
        if !(more && self.can_begin()) {
            return None;
        }
        self.open.push((self.next, None));
        self.next += 1;
        Some((self.next - 1, self.spare.pop().map(Box::new)))
    }

    /// Gives a search what the next superblock of its row needs of the row above; returns the superblock's column.
    pub fn enter(&self, row: usize, s: &mut Search) -> usize {
        let x = self.done[row];
        if let Some(above) = row.checked_sub(1) {
            if x == 0 {
                s.f.ctx.clone_from(self.contexts[row].as_ref().expect("left by the row above"));
            }
            // The lowest 8 lines of what has become known there.
            let from = if x == 0 { 0 } else { x + AHEAD - 1 };
            let y = (above + 1) * SUPERBLOCK;
            let across = from * SUPERBLOCK..(x + AHEAD) * SUPERBLOCK;
            copy((&self.found.picture, &self.found.cells), (&mut s.frame, &mut s.f.cells), across, y - 8..y);
        }
        x
    }

    /// Takes a row's search back after its next superblock.
    pub fn leave(&mut self, row: usize, s: Box<Search>, sb: Superblock) {
        let (x, found) = (self.done[row], &mut self.found);
        let (across, down) = (x * SUPERBLOCK, row * SUPERBLOCK);
        let (across, down) = (across..across + SUPERBLOCK, down..down + SUPERBLOCK);
        copy((&s.frame, &s.f.cells), (&mut found.picture, &mut found.cells), across, down);
        found.superblocks[row * self.columns + x] = sb;
        self.done[row] = x + 1;
        if x + 1 == AHEAD.min(self.columns) && row + 1 < self.done.len() {
            self.contexts[row + 1] = Some(s.f.ctx.clone());
        }
        if let Some(i) = self.open.iter().position(|o| o.0 == row) {
            if self.done[row] < self.columns {
                self.open[i].1 = Some(s);
            } else {
                self.open.remove(i);
                self.spare.push(*s);
            }
        }
    }

    pub fn is_done(&self) -> bool {
        self.next == self.done.len() && self.open.is_empty()
    }

    /// The searched frame, and searches that are not needed any more.
    pub fn finish(mut self) -> (Searched, Vec<Search>) {
        for seen in self.spare.iter_mut().filter_map(|s| s.observer.take()) {
            self.found.observations.get_or_insert_default().add(&seen);
        }
        (self.found, self.spare)
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
