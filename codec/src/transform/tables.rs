//! The matrices laid out as the kernels read them.
//!
//! *Row* tables serve the horizontal passes, which broadcast a pair of inputs and multiply-add it with the entries of
//! all outputs. *Column* tables serve the vertical passes, which broadcast a pair of entries.

use super::TxKind;
use super::matrix::entry;

/// For inputs 2p and 2p + 1, per output x: their two entries. `N2` = N * N.
const fn rows<const N: usize, const N2: usize>(kind: TxKind, forward: bool) -> [i16; N2] {
    let mut table = [0; N2];
    let mut j = 0;
    while j < N2 {
        let (input, output) = (j / (2 * N) * 2 + j % 2, j % (2 * N) / 2);
        table[j] = if forward { entry(kind, N, output, input) } else { entry(kind, N, input, output) };
        j += 1;
    }
    table
}

const fn pack(a: i16, b: i16) -> i32 {
    (a as u16 as i32) | (b as i32) << 16
}

/// Inverse DCT down: for output i of the first half, per quad q of inputs: entries of inputs (4q, 4q + 2), then of
/// (4q + 1, 4q + 3). `T` = N / 2 * N / 2.
const fn dct_inverse<const N: usize, const T: usize>() -> [i32; T] {
    let mut table = [0; T];
    let mut j = 0;
    while j < T {
        let (i, k) = (j / (N / 2), j % (N / 2) / 2 * 4 + j % 2);
        table[j] = pack(entry(TxKind::Dct, N, k, i), entry(TxKind::Dct, N, k + 2, i));
        j += 1;
    }
    table
}

/// Forward DCT down: for outputs 2m and 2m + 1, per pair p of inputs (2p, 2p + 1) of the first half: the entries of
/// output 2m (which sees sums of mirrored inputs), then of output 2m + 1 (which sees differences).
const fn dct_forward<const N: usize, const T: usize>() -> [i32; T] {
    let mut table = [0; T];
    let mut j = 0;
    while j < T {
        let (k, i) = (j / (N / 2) * 2 + j % 2, j % (N / 2) / 2 * 2);
        table[j] = pack(entry(TxKind::Dct, N, k, i), entry(TxKind::Dct, N, k, i + 1));
        j += 1;
    }
    table
}

/// DST down: for outputs 2m and 2m + 1, per pair of inputs (2p, 2p + 1): entries of output 2m, then of 2m + 1.
/// `T` = N / 2 * N.
const fn dst<const N: usize, const T: usize>(forward: bool) -> [i32; T] {
    let mut table = [0; T];
    let mut j = 0;
    while j < T {
        let (output, input) = (j / N * 2 + j % 2, j % N / 2 * 2);
        table[j] = if forward {
            pack(entry(TxKind::Dst, N, output, input), entry(TxKind::Dst, N, output, input + 1))
        } else {
            pack(entry(TxKind::Dst, N, input, output), entry(TxKind::Dst, N, input + 1, output))
        };
        j += 1;
    }
    table
}

macro_rules! row_tables {
    ($kind:ident, $forward:literal, $n_log2:ident; $($log2:literal => $n:literal),*) => {
        match $n_log2 {
            $($log2 => {
                static TABLE: [i16; $n * $n] = rows::<$n, { $n * $n }>(TxKind::$kind, $forward);
                &TABLE
            })*
            _ => &[],
        }
    };
}

macro_rules! column_tables {
    ($n_log2:ident; $($log2:literal => $len:expr, $table:expr),*) => {
        match $n_log2 {
            $($log2 => {
                static TABLE: [i32; $len] = $table;
                &TABLE
            })*
            _ => &[],
        }
    };
}

/// The row table for size `1 << n_log2`; empty where there is no such transform. Inlined, so that a decoder alone comes
/// without the forward tables.
#[inline(always)]
pub fn row_table(kind: TxKind, n_log2: u32, forward: bool) -> &'static [i16] {
    match (kind, forward) {
        (TxKind::Dct, false) => row_tables!(Dct, false, n_log2; 2 => 4, 3 => 8, 4 => 16, 5 => 32),
        (TxKind::Dct, true) => row_tables!(Dct, true, n_log2; 2 => 4, 3 => 8, 4 => 16, 5 => 32),
        (TxKind::Dst, false) => row_tables!(Dst, false, n_log2; 2 => 4, 3 => 8, 4 => 16),
        (TxKind::Dst, true) => row_tables!(Dst, true, n_log2; 2 => 4, 3 => 8, 4 => 16),
    }
}

/// The column table for size `1 << n_log2`, likewise.
#[inline(always)]
pub fn column_table(kind: TxKind, n_log2: u32, forward: bool) -> &'static [i32] {
    match (kind, forward) {
        (TxKind::Dct, false) => column_tables!(n_log2;
            2 => 4, dct_inverse::<4, 4>(), 3 => 16, dct_inverse::<8, 16>(),
            4 => 64, dct_inverse::<16, 64>(), 5 => 256, dct_inverse::<32, 256>()),
        (TxKind::Dct, true) => column_tables!(n_log2;
            2 => 4, dct_forward::<4, 4>(), 3 => 16, dct_forward::<8, 16>(),
            4 => 64, dct_forward::<16, 64>(), 5 => 256, dct_forward::<32, 256>()),
        (TxKind::Dst, false) => column_tables!(n_log2;
            2 => 8, dst::<4, 8>(false), 3 => 32, dst::<8, 32>(false), 4 => 128, dst::<16, 128>(false)),
        (TxKind::Dst, true) => column_tables!(n_log2;
            2 => 8, dst::<4, 8>(true), 3 => 32, dst::<8, 32>(true), 4 => 128, dst::<16, 128>(true)),
    }
}
