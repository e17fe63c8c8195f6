//! The encoder and its caller: where there are threads, pictures are taken in by the caller's while another codes those
//! before them. The packets are the same either way.

use super::intake::{Intake, Queued};
use super::{FrameEncoder, Packet};
use crate::api::{Config, Error};
use crate::codebook::CodebookSet;
use crate::picture::Picture;
use std::collections::VecDeque;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// Pictures that may wait between the two: as many as are coded at once, but not more than so many samples.
const WAITING: usize = 32;
const WAITING_SAMPLES: usize = 1 << 26;

/// Pictures in, packets out.
pub struct Pipeline {
    intake: Intake,
    coder: Coder,
}

enum Coder {
    /// In the caller's thread.
    Here(Box<FrameEncoder>),
    /// In a thread of its own.
    Beside { to: SyncSender<Message>, from: Receiver<Packet>, thread: JoinHandle<Result<(), Error>> },
    /// Nothing follows but these.
    Done(VecDeque<Packet>),
}

enum Message {
    Picture(Box<Queued>),
    End,
}

impl Pipeline {
    pub fn new(config: &Config, books: Arc<CodebookSet>) -> Self {
        let here = || Box::new(FrameEncoder::new(config.clone(), books.clone()));
        let frames = here();
        let coder = match frames.is_alone() {
            true => Coder::Here(frames),
            false => beside(config, frames).unwrap_or_else(|| Coder::Here(here())),
        };
        Pipeline { intake: Intake::new(config), coder }
    }

    pub fn push(&mut self, picture: &Picture) -> Result<(), Error> {
        let queued = self.intake.take(picture);
        match &mut self.coder {
            Coder::Here(frames) => frames.accept(queued),
            Coder::Beside { to, .. } => match to.send(Message::Picture(Box::new(queued))) {
                Ok(()) => Ok(()),
                // The thread has ended before its time.
                Err(_) => self.finish(),
            },
            Coder::Done(_) => Err(Error::Config("a picture after the end")),
        }
    }

    pub fn skip(&mut self, picture: &Picture) -> Result<(), Error> {
        self.intake.skip(picture)
    }

    /// Codes all that is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        match std::mem::replace(&mut self.coder, Coder::Done(VecDeque::new())) {
            Coder::Here(mut frames) => {
                let result = frames.finish();
                self.coder = Coder::Here(frames);
                result
            }
            Coder::Beside { to, from, thread } => {
                // If it does not listen any more, its result says why.
                to.send(Message::End).ok();
                let result = thread.join().unwrap_or_else(|e| panic::resume_unwind(e));
                self.coder = Coder::Done(from.try_iter().collect());
                result
            }
            done => {
                self.coder = done;
                Ok(())
            }
        }
    }

    pub fn next_packet(&mut self) -> Option<Packet> {
        match &mut self.coder {
            Coder::Here(frames) => frames.next_packet(),
            Coder::Beside { from, .. } => from.try_recv().ok(),
            Coder::Done(packets) => packets.pop_front(),
        }
    }
}

/// Lets a thread of its own code; `None` where there are none to be had.
fn beside(config: &Config, mut frames: Box<FrameEncoder>) -> Option<Coder> {
    let samples = config.format.width * config.format.height;
    let (to, pictures) = sync_channel((WAITING_SAMPLES / samples.max(1)).clamp(1, WAITING));
    let (packets, from) = channel();
    let work = move || {
        // Hung up without an end: nobody wants the rest.
        while let Ok(message) = pictures.recv() {
            let last = matches!(message, Message::End);
            match message {
                Message::Picture(queued) => frames.accept(*queued)?,
                Message::End => frames.finish()?,
            }
            while let Some(p) = frames.next_packet() {
                packets.send(p).ok();
            }
            if last {
                break;
            }
        }
        Ok(())
    };
    let thread = thread::Builder::new().name("girih encoder".into()).spawn(work).ok()?;
    Some(Coder::Beside { to, from, thread })
}
