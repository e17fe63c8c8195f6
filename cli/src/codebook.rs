//! Codebook files that the user names.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use girih::CodebookSet;

use crate::error::InFile;

/// No codebook file is larger.
const MAX_BYTES: u64 = 1 << 20;

/// The bytes of a codebook file.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        bail!("is empty");
    }
    if bytes.len() as u64 > MAX_BYTES {
        bail!("is too large for a codebook");
    }
    Ok(bytes)
}

/// Reads a codebook file, if one is named.
pub fn load(path: Option<&Path>) -> Result<Option<Arc<CodebookSet>>> {
    let read = |path| -> Result<_> { Ok(Arc::new(CodebookSet::from_bytes(&bytes(path)?)?)) };
    path.map(|path| read(path).in_file(path)).transpose()
}

/// An error of opening a stream, with what helps against it.
pub fn with_hint(e: girih::Error) -> anyhow::Error {
    match e {
        girih::Error::Codebook { .. } => anyhow!("{e}; give it with --codebook F.gcb"),
        e => e.into(),
    }
}
