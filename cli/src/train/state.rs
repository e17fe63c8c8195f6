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

/// The state file of one training: its key, the rounds done, the codebook.
pub struct State {
    pub path: PathBuf,
    /// Rounds of the whole training.
    rounds: u32,
    /// Stands for the pictures and options: with others, what an earlier run has left is of no use.
    key: u64,
}

impl State {
    pub fn of(output: &Path, clips: &[Clip], o: &Options) -> Self {
        let mut hasher = DefaultHasher::new();
        (o.scalar, o.held_out, o.specialise, o.rounds).hash(&mut hasher);
        // What the rounds start from, and the encoder that they run.
        (CodebookSet::builtin().hash(), env!("CARGO_PKG_VERSION"), format!("{:?}", o.preset))
            .hash(&mut hasher);
        o.crfs.iter().for_each(|q| q.to_bits().hash(&mut hasher));
        for clip in clips {
            clip.iter().map(girih::Picture::hash).collect::<Vec<_>>().hash(&mut hasher);
        }
        let mut path = OsString::from(output);
        path.push(".round");
        State { path: path.into(), rounds: o.rounds, key: hasher.finish() }
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
        let Some((key, rest)) = bytes.split_first_chunk() else { bail!("ends too early") };
        let Some((rounds, set)) = rest.split_first_chunk() else { bail!("ends too early") };
        let rounds = u32::from_le_bytes(*rounds);
        if u64::from_le_bytes(*key) != self.key || rounds >= self.rounds {
            bail!("is of a training with other inputs or settings (remove it to start anew)");
        }
        Ok(Some((rounds, Arc::new(CodebookSet::from_bytes(set)?))))
    }

    /// Puts what a round led to in the place of what the round before did. What the last one leads to is the result.
    pub fn keep(&self, rounds: u32, set: &CodebookSet) -> Result<()> {
        if rounds >= self.rounds {
            return Ok(());
        }
        let file = Pending::create(&self.path, true)?;
        let head = [&self.key.to_le_bytes()[..], &rounds.to_le_bytes()].concat();
        file.open()?.write_all(&[head, set.to_bytes()].concat())?;
        file.commit()
    }
}
