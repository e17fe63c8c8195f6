//! What the page's worker calls. A module is one session: the worker makes a new one for each film.

use std::cell::RefCell;
use std::io::{Error, Read, Seek, SeekFrom};

use crate::{Session, Step};

#[link(wasm_import_module = "file")]
unsafe extern "C" {
    /// Copies `length` bytes of the file from `offset` on to `to`; gives the number that there are, negative on failure.
    safe fn read(to: *mut u8, length: usize, offset: f64) -> i32;
}

/// The file that the page has opened.
struct HostFile {
    position: u64,
    length: u64,
}

impl Read for HostFile {
    fn read(&mut self, to: &mut [u8]) -> Result<usize, Error> {
        let n = usize::try_from(read(to.as_mut_ptr(), to.len(), self.position as f64))
            .map_err(|_| Error::other("the file cannot be read"))?;
        let n = n.min(to.len());
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for HostFile {
    fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
        let position = match to {
            SeekFrom::Start(p) => Some(p),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| Error::other("a place before the file"))?;
        Ok(self.position)
    }
}

#[derive(Default)]
struct State {
    session: Option<Session<HostFile>>,
    /// What the last call has to say.
    text: String,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(work)
}

impl State {
    /// 1, or 0 and the message in `text`.
    fn done(&mut self, result: Result<(), String>) -> u32 {
        self.text = result.err().unwrap_or_default();
        u32::from(self.text.is_empty())
    }
}

/// Opens the file of this many bytes. Gives 1 and its description in the text, or 0 and a message.
#[unsafe(no_mangle)]
extern "C" fn open(length: f64) -> u32 {
    with(|s| match Session::open(HostFile { position: 0, length: length as u64 }) {
        Ok(session) => {
            s.text = session.description();
            s.session = Some(session);
            1
        }
        Err(e) => s.done(Err(e)),
    })
}

/// Gives 1, or 0 and a message.
#[unsafe(no_mangle)]
extern "C" fn seek(time: f64, inspect: u32) -> u32 {
    with(|s| {
        let result = s.session.as_mut().map_or(Ok(()), |session| session.seek(time, inspect != 0));
        s.done(result)
    })
}

/// Gives 0: call again; 1: a picture, with its report or nothing in the text; 2: the end; 3: a message.
#[unsafe(no_mangle)]
extern "C" fn step() -> u32 {
    with(|s| {
        let Some(session) = &mut s.session else { return 2 };
        s.text.clear();
        match session.step() {
            Step::More => 0,
            Step::Shown => {
                s.text.push_str(session.shown().and_then(|p| p.report.as_deref()).unwrap_or_default());
                1
            }
            Step::End => 2,
            Step::Trouble(message) => {
                s.text = message;
                3
            }
        }
    })
}

/// The pixels of the picture, four bytes each.
#[unsafe(no_mangle)]
extern "C" fn pixels() -> *const u8 {
    with(|s| s.session.as_mut().map_or(&[][..], |session| session.pixels()).as_ptr())
}

#[unsafe(no_mangle)]
extern "C" fn time() -> f64 {
    with(|s| s.session.as_ref().and_then(Session::shown).map_or(0.0, |p| p.time))
}

/// The frame hash of the picture (SPEC.md, "Frame hash").
#[unsafe(no_mangle)]
extern "C" fn hash() -> u32 {
    with(|s| s.session.as_ref().and_then(Session::shown).map_or(0, |p| p.picture.hash()))
}

#[unsafe(no_mangle)]
extern "C" fn text() -> *const u8 {
    with(|s| s.text.as_ptr())
}

#[unsafe(no_mangle)]
extern "C" fn text_length() -> usize {
    with(|s| s.text.len())
}
