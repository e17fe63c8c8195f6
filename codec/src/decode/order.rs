//! Decoded frames in the order in which they are shown.

use super::FrameDecoder;
use super::jobs::Promise;
use crate::api::Error;
use crate::codebook::CodebookSet;
use crate::picture::{AnyPicture, Format, Picture, Sample};
use crate::workers::Workers;
use std::collections::VecDeque;
use std::sync::Arc;

/// Pictures that may wait for one that comes before them in display order.
pub const MAX_REORDER: usize = 8;

/// What holds samples of 8 bits. One kind of samples for all is less code, which counts where it is downloaded.
#[cfg(not(target_arch = "wasm32"))]
type Narrow = u8;
#[cfg(target_arch = "wasm32")]
type Narrow = u16;

/// Packets in, pictures out, whatever the pictures' samples are kept as. The methods are those of
/// [`Decoder`](crate::Decoder).
pub trait Pictures: Send + Sync {
    fn push(&mut self, packet: &[u8], pts: i64) -> Result<(), Error>;
    fn next(&mut self) -> Option<AnyPicture>;
    fn catch_up(&mut self);
    fn finish(&mut self);
    fn reset(&mut self);
    fn set_threads(&mut self, threads: usize);
    fn set_verify(&mut self, verify: bool);
}

/// A decoder for a stream's bit depth, at most so many frames ahead.
pub fn decoder(format: Format, books: Arc<CodebookSet>, most_ahead: usize) -> Box<dyn Pictures> {
    if format.bit_depth == 8 {
        Box::new(InOrder::new(FrameDecoder::<Narrow>::new(format, books, most_ahead)))
    } else {
        Box::new(InOrder::new(FrameDecoder::<u16>::new(format, books, most_ahead)))
    }
}

struct InOrder<T: Sample> {
    frames: FrameDecoder<T>,
    /// By display order, until it is their turn.
    waiting: Vec<(i32, Shown<T>)>,
    next_order: i32,
    /// Those whose turn it is; with several threads the last ones may still be in the making.
    due: VecDeque<Shown<T>>,
    /// Whether those are not to wait for further packets.
    at_once: bool,
}

/// A picture to be shown.
struct Shown<T: Sample> {
    pts: i64,
    picture: Promise<T>,
}

impl<T: Sample> InOrder<T> {
    fn new(frames: FrameDecoder<T>) -> Self {
        InOrder { frames, waiting: Vec::new(), next_order: 0, due: VecDeque::new(), at_once: false }
    }

    /// Whether a picture that is due may be left in the making until further packets have come.
    fn may_wait(&self, picture: &Promise<T>) -> bool {
        let at_once = self.at_once || self.frames.verify;
        !at_once && picture.get().is_none() && !self.frames.jobs.too_many(self.due.len())
    }

    fn show_waiting(&mut self) {
        self.due.extend(self.waiting.drain(..).map(|(_, shown)| shown));
    }
}

impl<T: Sample> Pictures for InOrder<T>
where
    AnyPicture: From<Picture<T>>,
{
    fn push(&mut self, packet: &[u8], pts: i64) -> Result<(), Error> {
        self.at_once = false;
        let (header, picture) = self.frames.decode(packet)?;
        if header.key {
            self.show_waiting();
            self.next_order = 0;
        }
        let (order, shown) = (header.order, Shown { pts, picture });
        match self.waiting.binary_search_by_key(&order, |w| w.0) {
            Ok(i) => self.waiting[i].1 = shown,
            Err(i) => self.waiting.insert(i, (order, shown)),
        }
        while let Some(&(order, _)) = self.waiting.first() {
            if order > self.next_order && self.waiting.len() <= MAX_REORDER {
                break;
            }
            self.next_order = order + 1;
            self.due.push_back(self.waiting.remove(0).1);
        }
        Ok(())
    }

    fn next(&mut self) -> Option<AnyPicture> {
        if self.may_wait(&self.due.front()?.picture) {
            return None;
        }
        let Shown { pts, picture } = self.due.pop_front()?;
        let visible = self.frames.jobs.wait(&picture).visible();
        Some(Picture { pts, ..visible }.into())
    }

    fn catch_up(&mut self) {
        self.at_once = true;
    }

    fn finish(&mut self) {
        self.show_waiting();
        self.catch_up();
    }

    fn reset(&mut self) {
        self.frames.forget();
        self.waiting.clear();
        self.due.clear();
        self.next_order = 0;
    }

    fn set_threads(&mut self, threads: usize) {
        self.frames.jobs.set_helpers(Workers::beside(threads));
    }

    fn set_verify(&mut self, verify: bool) {
        self.frames.verify = verify;
    }
}
