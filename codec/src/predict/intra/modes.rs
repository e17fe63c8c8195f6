//! Intra modes: numbering and directions (SPEC.md, "Intra modes").

pub const PLANAR: u8 = 0;
pub const DC: u8 = 1;
pub const PAETH: u8 = 2;
/// The first of 33 directions, from bottom left (3) over horizontal and vertical to top right (35).
pub const FIRST_ANGLE: u8 = 3;
pub const HORIZONTAL: u8 = FIRST_ANGLE + 8;
pub const VERTICAL: u8 = FIRST_ANGLE + 24;
pub const INTRA_MODES: u8 = FIRST_ANGLE + 33;

/// Displacement in 1/32 sample per sample for each direction; the first 16 point left, the others up.
pub const ANGLES: [i32; 33] = [
    32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26, -32, -26, -21, -17, -13, -9, -5, -2, 0,
    2, 5, 9, 13, 17, 21, 26, 32,
];

/// Context class of a luma mode: smooth, near horizontal, near vertical, diagonal.
pub fn mode_class(mode: u8) -> usize {
    match mode {
        0..FIRST_ANGLE => 0,
        m if m.abs_diff(HORIZONTAL) <= 4 => 1,
        m if m.abs_diff(VERTICAL) <= 4 => 2,
        _ => 3,
    }
}
