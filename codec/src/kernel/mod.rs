//! Sample kernels: distortion measures and residuals, and a look at coefficients, dispatched at run time to the best SIMD level.

mod dist;
pub(crate) mod lanes;
pub(crate) mod rows;
#[cfg(test)]
pub(crate) mod testing;
mod weigh;

pub use crate::predict::inter::interp;
pub use dist::{residual, sad, sad4, satd, ssd};
pub use weigh::{Weight, weigh};

use fearless_simd::Level;

/// The SIMD level of this machine. Detected once and cached, so cheap enough to ask for on every call.
#[inline(always)]
pub(crate) fn level() -> Level {
    Level::new()
}
