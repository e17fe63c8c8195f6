//! Distortion between two blocks of samples.

mod scalar;

/// Sum of absolute differences of two `w` x `h` blocks.
pub fn sad(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    scalar::sad(a, a_stride, b, b_stride, w, h)
}

/// Sum of squared differences of two `w` x `h` blocks.
pub fn ssd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u64 {
    scalar::ssd(a, a_stride, b, b_stride, w, h)
}

/// Sum of absolute Hadamard-transformed differences, scaled to be comparable with [`sad`].
///
/// 8x8 transforms where both sides are multiples of 8, else 4x4, else (tiny chroma) plain SAD.
pub fn satd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    scalar::satd(a, a_stride, b, b_stride, w, h)
}

/// `src - pred` into a dense `w` x `h` block.
pub fn residual(src: &[u16], ss: usize, pred: &[u16], ps: usize, out: &mut [i16], w: usize, h: usize) {
    scalar::residual(src, ss, pred, ps, out, w, h);
}
