//! What can go wrong.

/// Why a picture, a packet or a codebook was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are not what SPEC.md describes.
    #[error("damaged stream: {0}")]
    Corrupt(&'static str),
    /// The frame decoded to other pixels than its hash says.
    #[error("frame {frame} does not match its hash")]
    HashMismatch {
        /// Place of the frame in decoding order, counted from 0.
        frame: u64,
    },
    /// The stream was made with a codebook that is neither the one given, nor built in, nor in the stream.
    #[error("this stream needs codebook {needed:08x}; {}the built-in set is {builtin:08x}", given_text(*.given))]
    Codebook {
        /// Hash of the set that the stream names.
        needed: u32,
        /// Hash of the set that the caller gave.
        given: Option<u32>,
        /// Hash of the set in this library.
        builtin: u32,
    },
    /// Well formed, but beyond what this version does.
    #[error("not supported: {0}")]
    Unsupported(&'static str),
    /// Decoding would exceed the caller's [`Limits`](crate::Limits).
    #[error("limit exceeded: {0}")]
    Limit(&'static str),
    /// The caller asked for something that makes no sense.
    #[error("invalid setting: {0}")]
    Config(&'static str),
}

fn given_text(given: Option<u32>) -> String {
    given.map_or(String::new(), |hash| format!("the one given is {hash:08x}, "))
}
