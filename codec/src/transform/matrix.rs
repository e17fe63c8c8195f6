//! The transform matrices. Entry = round(256 * sqrt(n) * orthonormal entry), from embedded constants.

use super::TxKind;

/// `round(256 * sqrt(2) * cos(j * pi / 64))`: all cosines of all sizes.
const COS: [i16; 32] = [
    362, 362, 360, 358, 355, 351, 346, 341, 334, 327, 319, 311, 301, 291, 280, 268, 256, 243, 230, 216, 201,
    186, 171, 155, 139, 122, 105, 88, 71, 53, 35, 18,
];

/// `round(256 * sqrt(n) * 2 / sqrt(2n + 1) * sin(j * pi / (2n + 1)))` for j in `1..=n`.
const SIN4: [i16; 4] = [117, 219, 296, 336];
const SIN8: [i16; 8] = [65, 127, 185, 237, 280, 314, 338, 350];
const SIN16: [i16; 16] = [34, 67, 100, 133, 163, 193, 220, 246, 269, 290, 309, 324, 337, 346, 353, 356];

/// Entry of basis function `k` at sample `i` of the DCT of size `n`.
pub const fn dct(n: usize, k: usize, i: usize) -> i16 {
    if k == 0 {
        return 256;
    }
    // The angle in units of pi/64, folded into the first half turn, then into the first quarter.
    let mut j = (2 * i + 1) * k * (32 / n) % 128;
    if j > 64 {
        j = 128 - j;
    }
    match j {
        0..32 => COS[j],
        32 => 0,
        _ => -COS[64 - j],
    }
}

/// Entry of basis function `k` at sample `i` of the DST-VII of size `n`.
pub const fn dst(n: usize, k: usize, i: usize) -> i16 {
    // The angle in units of pi/(2n + 1); the second half turn is negative, each half turn symmetric.
    let half = 2 * n + 1;
    let angle = (2 * k + 1) * (i + 1) % (2 * half);
    let mut j = angle % half;
    if j > n {
        j = half - j;
    }
    let v = match (j, n) {
        (0, _) => 0,
        (_, 4) => SIN4[j - 1],
        (_, 8) => SIN8[j - 1],
        _ => SIN16[j - 1],
    };
    if angle > half { -v } else { v }
}

pub const fn entry(kind: TxKind, n: usize, k: usize, i: usize) -> i16 {
    match kind {
        TxKind::Dct => dct(n, k, i),
        TxKind::Dst => dst(n, k, i),
    }
}
