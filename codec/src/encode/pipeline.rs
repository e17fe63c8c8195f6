//! The encoder and its caller: where there are threads, pictures are taken in by the caller's while another codes those
//! before them. The packets are the same either way.

use super::intake::{Intake, Queued};
use super::scout::Scout;
use super::{FrameEncoder, Packet};
use crate::api::{Config, Error};
use crate::codebook::CodebookSet;
use crate::picture::Picture;
use std::collections::VecDeque;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// Pictures that may wait between the two: as many as are planned at once, but not more than so many luma samples.
const WAITING: usize = 32;
const WAITING_SAMPLES: usize = 1 << 26;

/// Pictures in, packets out.
pub struct Pipeline {
    intake: Intake,
    scout: Option<Scout>,
    coder: Coder,
}

enum Coder {
    /// In the caller's thread.
    Here(Box<FrameEncoder>),
    Beside(Beside),
    /// Nothing follows but these packets, and this for all who ask.
    Done(VecDeque<Packet>, Result<(), Error>),
}

/// A thread that codes.
struct Beside {
    /// `None` in place of a picture: the end.
    to: SyncSender<Option<Box<Queued>>>,
    from: Receiver<Packet>,
    thread: JoinHandle<Result<(), Error>>,
    /// Nobody wants the rest.
    stop: Arc<AtomicBool>,
}

impl Pipeline {
    pub fn new(config: &Config, books: Arc<CodebookSet>) -> Self {
        let here = || Box::new(FrameEncoder::new(config.clone(), books.clone()));
        let frames = here();
        let scout = frames.scout();
        let coder = match frames.is_alone() {
            true => Coder::Here(frames),
            false => Beside::start(config, frames).map_or_else(|| Coder::Here(here()), Coder::Beside),
        };
        Pipeline { intake: Intake::new(config), scout, coder }
    }

    /// Adds a picture. Of errors in a thread of its own a later call tells.
    pub fn push(&mut self, picture: &Picture) -> Result<(), Error> {
        let queued = self.intake.take(picture);
        if let Some(scout) = &self.scout {
            scout.tell(&queued);
        }
        match &mut self.coder {
            Coder::Here(frames) => frames.accept(queued),
            Coder::Beside(b) => match b.to.send(Some(Box::new(queued))) {
                Ok(()) => Ok(()),
                // The thread has ended before its time.
                Err(_) => self.finish(),
            },
            Coder::Done(_, result) => result.clone().and(Err(Error::Config("a picture after the end"))),
        }
    }

    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        self.intake.skip(picture)
    }

    /// Codes all that is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        if let Some(scout) = &mut self.scout {
            scout.finish();
        }
        match std::mem::replace(&mut self.coder, Coder::Done(VecDeque::new(), Ok(()))) {
            Coder::Here(mut frames) => {
                let result = frames.finish();
                self.coder = Coder::Here(frames);
                result
            }
            Coder::Beside(b) => {
                // If it does not listen any more, its result says why.
                b.to.send(None).ok();
                let result = b.thread.join().unwrap_or_else(|e| panic::resume_unwind(e));
                self.coder = Coder::Done(b.from.try_iter().collect(), result.clone());
                result
            }
            Coder::Done(packets, result) => {
                self.coder = Coder::Done(packets, result.clone());
                result
            }
        }
    }

    pub fn next_packet(&mut self) -> Option<Packet> {
        match &mut self.coder {
            Coder::Here(frames) => frames.next_packet(),
            Coder::Beside(b) => b.from.try_recv().ok(),
            Coder::Done(packets, _) => packets.pop_front(),
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let done = Coder::Done(VecDeque::new(), Ok(()));
        if let Coder::Beside(b) = std::mem::replace(&mut self.coder, done) {
            b.stop.store(true, Ordering::Relaxed);
            drop(b.to);
            b.thread.join().ok();
        }
    }
}

impl Beside {
    /// `None` where there are no threads to be had.
    fn start(config: &Config, mut frames: Box<FrameEncoder>) -> Option<Self> {
        let samples = config.format.width * config.format.height;
        let (to, pictures) =
            sync_channel::<Option<Box<Queued>>>((WAITING_SAMPLES / samples.max(1)).clamp(1, WAITING));
        let (packets, from) = channel();
        let stop = frames.stop.clone();
        let workers = frames.workers.clone();
        let code = move || {
            while let Ok(next) = pictures.recv() {
                let last = next.is_none();
                let result = match next {
                    Some(queued) => frames.accept(*queued),
                    None => frames.finish(),
                };
                while let Some(p) = frames.next_packet() {
                    packets.send(p).ok();
                }
                if last || result.is_err() {
                    return result;
                }
            }
            Ok(())
        };
        let work = move || workers.within(code);
        let thread = thread::Builder::new().name("girih encoder".into()).spawn(work).ok()?;
        Some(Beside { to, from, thread, stop })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{ChromaFormat, Format};

    #[test]
    fn dropped_in_the_middle() {
        let format = Format { width: 64, height: 64, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
        let config = Config { threads: 2, ..Config::new(format) };
        for pictures in [0, 1, 70] {
            let mut p = Pipeline::new(&config, CodebookSet::builtin());
            for _ in 0..pictures {
                p.push(&Picture::new(format)).expect("a picture");
            }
            assert!(matches!(p.coder, Coder::Beside(_)));
        }
    }

    #[test]
    fn errors_stay() {
        let format = Format { width: 64, height: 64, chroma: ChromaFormat::Yuv420, bit_depth: 8 };
        let config = Config { threads: 2, ..Config::new(format) };
        let mut p = Pipeline::new(&config, CodebookSet::builtin());
        p.push(&Picture::new(format)).expect("a picture");
        if let Coder::Beside(b) = &p.coder {
            // As good an error as any.
            b.stop.store(true, Ordering::Relaxed);
        }
        let first = p.finish();
        assert!(first.is_err());
        assert_eq!((p.finish(), p.push(&Picture::new(format))), (first.clone(), first));
        assert!(p.next_packet().is_none());
    }
}
