//! The set that every encoder and decoder has.

use super::CodebookSet;
use crate::api::Error;

/// Trained by `girih train` (the recipe stands in docs/TRAINING.md).
const BYTES: &[u8] = include_bytes!("builtin.gcb");

impl CodebookSet {
    /// Reads the built-in set, trained once for natural video and photographs.
    pub(crate) fn read_builtin(alphabets: impl Iterator<Item = usize> + Clone) -> Result<CodebookSet, Error> {
        if BYTES.is_empty() { Ok(CodebookSet::untrained()) } else { CodebookSet::parse(BYTES, alphabets) }
    }
}
