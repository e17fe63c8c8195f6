//! What a training that is interrupted leaves for the next: a file beside the output.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use girih::CodebookSet;
use girih::train::{Clip, Options};

use crate::media::pending::Pending;

/// Bytes before the codebook: what it was made of, and the number of rounds.
const HEAD: usize = 8 + 4;

/// The state file of one training.
pub struct State {
    pub path: PathBuf,
    /// Stands for the pictures and options: with others, what an earlier run has left is of no use.
    key: u64,
}

impl State {
    pub fn of(output: &Path, clips: &[Clip], o: &Options) -> Self {
        let mut hasher = DefaultHasher::new();
        (o.scalar, o.held_out, o.specialise, o.rounds).hash(&mut hasher);
        for clip in clips {
            clip.iter().map(girih::Picture::hash).collect::<Vec<_>>().hash(&mut hasher);
        }
        let mut path = OsString::from(output);
        path.push(".round");
        State { path: path.into(), key: hasher.finish() }
    }

    /// The rounds that are done, and the set they led to, if there was an earlier run.
    ///
    /// # Errors
    /// A file that is damaged, or of another training.
    pub fn load(&self) -> Result<Option<(u32, Arc<CodebookSet>)>> {
        let bytes = match fs::read(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let Some((head, set)) = bytes.split_first_chunk::<HEAD>() else { bail!("ends too early") };
        let (key, rounds) = head.split_at(8);
        if key != self.key.to_le_bytes() {
            bail!("is of a training with other inputs or settings (remove it to start anew)");
        }
        let rounds = rounds.iter().rev().fold(0, |n, &b| n << 8 | u32::from(b));
        Ok(Some((rounds, Arc::new(CodebookSet::from_bytes(set)?))))
    }

    /// Puts what a round led to in the place of what the round before did.
    pub fn keep(&self, rounds: u32, set: &CodebookSet) -> Result<()> {
        let file = Pending::create(&self.path, true)?;
        let head = [&self.key.to_le_bytes()[..], &rounds.to_le_bytes()].concat();
        file.open()?.write_all(&[head, set.to_bytes()].concat())?;
        file.commit()
    }
}
