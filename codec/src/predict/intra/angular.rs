//! Directional prediction with four-tap interpolation between edge samples.

use super::{EDGE, Edges, HORIZONTAL, VERTICAL};

/// Interpolation that keeps detail, by 1/32 sample (64 = 1).
const SHARP: [[i32; 4]; 32] = sharp();

/// The first 17 rows; the others mirror them.
const HALF: [[i32; 4]; 17] = [
    [0, 64, 0, 0],
    [-1, 63, 2, 0],
    [-2, 62, 4, 0],
    [-2, 60, 7, -1],
    [-2, 58, 10, -2],
    [-3, 57, 12, -2],
    [-4, 56, 14, -2],
    [-4, 55, 15, -2],
    [-4, 54, 16, -2],
    [-5, 53, 18, -2],
    [-6, 52, 20, -2],
    [-6, 49, 24, -3],
    [-6, 46, 28, -4],
    [-5, 44, 29, -4],
    [-4, 42, 30, -4],
    [-4, 39, 33, -4],
    [-4, 36, 36, -4],
];

const fn sharp() -> [[i32; 4]; 32] {
    let mut t = [[0; 4]; 32];
    let mut i = 0;
    while i < 32 {
        t[i] = if i <= 16 {
            HALF[i]
        } else {
            [HALF[32 - i][3], HALF[32 - i][2], HALF[32 - i][1], HALF[32 - i][0]]
        };
        i += 1;
    }
    t
}

/// Interpolation that smooths: a triangle of width 4, by 1/32 sample.
fn smooth(f: usize) -> [i32; 4] {
    let h = (f / 2) as i32;
    [16 - h, 32 - h, 16 + h, h]
}

/// Predicts by direction `mode` with displacement `angle` per row (in 1/32 sample).
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub fn predict(
    out: &mut [u16],
    e: &Edges,
    w: usize,
    h: usize,
    mode: u8,
    angle: i32,
    luma: bool,
    bit_depth: u8,
) {
    let vertical = mode >= HORIZONTAL + 8;
    // Work in the frame of a direction that points up: swap the roles of the edges otherwise.
    let (main, side, w1, h1) = if vertical { (&e.above, &e.left, w, h) } else { (&e.left, &e.above, h, w) };
    let distance = mode.abs_diff(VERTICAL).min(mode.abs_diff(HORIZONTAL));
    // Small blocks and nearly straight directions keep their detail.
    let soft = luma
        && match (w1.trailing_zeros() + h1.trailing_zeros()) / 2 {
            0..=2 => false,
            3 => distance > 7,
            4 => distance > 1,
            _ => distance > 0,
        };
    const BASE: usize = 64;
    let mut line = [0u16; BASE + EDGE + 4];
    line[BASE..BASE + w1 + h1 + 1].copy_from_slice(&main[..w1 + h1 + 1]);
    let last = main[w1 + h1];
    line[BASE + w1 + h1 + 1..].fill(last);
    if angle < 0 {
        // Continue the main edge beyond the corner with samples of the side that the direction meets.
        let inverse = (512 * 32 + angle.abs() / 2) / angle.abs();
        let reach = ((h1 as i32 * -angle + 31) >> 5).min(h1 as i32) as usize;
        for i in 1..=reach + 2 {
            let at = ((i as i32 * inverse + 256) >> 9).min(h1 as i32) as usize;
            line[BASE - i] = side[at.min(h1)];
        }
    } else {
        line[BASE - 1] = side[1];
    }
    if soft && angle % 32 == 0 {
        let copy = line;
        for i in BASE - 62..BASE + w1 + h1 {
            line[i] =
                ((u32::from(copy[i - 1]) + 2 * u32::from(copy[i]) + u32::from(copy[i + 1]) + 2) >> 2) as u16;
        }
    }
    let max = (1i32 << bit_depth) - 1;
    let mut row = [0u16; 32];
    for y in 0..h1 {
        let shift = (y as i32 + 1) * angle;
        let (whole, part) = (shift >> 5, (shift & 31) as usize);
        let start = (BASE as i32 + 1 + whole) as usize;
        if part == 0 {
            row[..w1].copy_from_slice(&line[start..start + w1]);
        } else {
            let taps = if soft { smooth(part) } else { SHARP[part] };
            let src = &line[start - 1..start + w1 + 2];
            for (o, s) in row[..w1].iter_mut().zip(src.windows(4)) {
                let v: i32 = s.iter().zip(taps).map(|(&s, t)| i32::from(s) * t).sum();
                *o = ((v + 32) >> 6).clamp(0, max) as u16;
            }
        }
        if vertical {
            out[y * w..(y + 1) * w].copy_from_slice(&row[..w]);
        } else {
            for (x, &v) in row[..w1].iter().enumerate() {
                out[x * w + y] = v;
            }
        }
    }
}
