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
    HashMismatch { frame: u64 },
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
