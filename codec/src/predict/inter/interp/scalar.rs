//! The plain twins of the interpolation kernels.

use crate::predict::inter::Balance;

#[allow(clippy::too_many_arguments)]
pub fn interpolate<const N: usize>(
    src: &[u16],
    pos: usize,
    stride: usize,
    out: &mut [i16],
    out_stride: usize,
    w: usize,
    h: usize,
    fx: usize,
    fy: usize,
    bank: &[[i16; N]; 16],
    bd: u8,
) {
    let before = N / 2 - 1;
    let dot = |phase: usize, get: &dyn Fn(usize) -> i32| -> i32 {
        bank[phase].iter().enumerate().map(|(i, &tap)| i32::from(tap) * get(i)).sum()
    };
    for y in 0..h {
        for x in 0..w {
            let at = pos + y * stride + x;
            let row = |at: usize| dot(fx, &|i| i32::from(src[at - before + i])) >> (bd - 8);
            out[y * out_stride + x] = match (fx, fy) {
                (0, 0) => i32::from(src[at]) << (14 - bd),
                (_, 0) => row(at),
                (0, _) => dot(fy, &|i| i32::from(src[at - before * stride + i * stride])) >> (bd - 8),
                _ => (dot(fy, &|i| row(at - before * stride + i * stride)) >> 6).min(i32::from(i16::MAX)),
            } as i16;
        }
    }
}

pub fn put(dst: &mut [u16], stride: usize, pred: &[i16], pred_stride: usize, w: usize, h: usize, bd: u8) {
    for y in 0..h {
        for x in 0..w {
            let v = i32::from(pred[y * pred_stride + x]);
            dst[y * stride + x] = ((v + (1 << (13 - bd))) >> (14 - bd)).clamp(0, (1 << bd) - 1) as u16;
        }
    }
}

/// The mean of predictions `a` and `b`, by 5/8 and 3/8 if one of them counts for more.
#[allow(clippy::too_many_arguments)]
pub fn put_bi(
    dst: &mut [u16],
    stride: usize,
    a: &[i16],
    b: &[i16],
    balance: Balance,
    pred_stride: usize,
    w: usize,
    h: usize,
    bd: u8,
) {
    for y in 0..h {
        for x in 0..w {
            let (a, b) = (i32::from(a[y * pred_stride + x]), i32::from(b[y * pred_stride + x]));
            let uneven = match balance {
                Balance::Even => 0,
                Balance::First => (a >> 2) - (b >> 2),
                Balance::Second => (b >> 2) - (a >> 2),
            };
            let v = a + b + uneven;
            dst[y * stride + x] = ((v + (1 << (14 - bd))) >> (15 - bd)).clamp(0, (1 << bd) - 1) as u16;
        }
    }
}
