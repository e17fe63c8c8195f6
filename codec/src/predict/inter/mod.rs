//! Inter prediction.
