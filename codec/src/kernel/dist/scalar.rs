//! The plain twins of the distortion kernels.

pub fn sad(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    rows(a, a_stride, b, b_stride, w, h, |d| u64::from(d.unsigned_abs())) as u32
}

pub fn ssd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u64 {
    rows(a, a_stride, b, b_stride, w, h, |d| u64::from(d.unsigned_abs()).pow(2))
}

fn rows(
    a: &[u16],
    a_stride: usize,
    b: &[u16],
    b_stride: usize,
    w: usize,
    h: usize,
    f: fn(i32) -> u64,
) -> u64 {
    let mut sum = 0;
    for y in 0..h {
        for x in 0..w {
            sum += f(i32::from(a[y * a_stride + x]) - i32::from(b[y * b_stride + x]));
        }
    }
    sum
}

#[cfg(test)]
pub fn satd(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    let n = match (w | h) % 8 {
        0 => 8,
        4 => 4,
        _ => return sad(a, a_stride, b, b_stride, w, h),
    };
    let mut sum = 0;
    for y in (0..h).step_by(n) {
        for x in (0..w).step_by(n) {
            sum += hadamard(&a[y * a_stride + x..], a_stride, &b[y * b_stride + x..], b_stride, n);
        }
    }
    sum
}

#[cfg(test)]
fn hadamard(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, n: usize) -> u32 {
    let mut m = [0i32; 64];
    for y in 0..n {
        for x in 0..n {
            m[y * n + x] = i32::from(a[y * a_stride + x]) - i32::from(b[y * b_stride + x]);
        }
    }
    // One butterfly stage per bit of the index: first those of x, then those of y.
    let mut step = 1;
    while step < n * n {
        for i in (0..n * n).filter(|i| i & step == 0) {
            (m[i], m[i + step]) = (m[i] + m[i + step], m[i] - m[i + step]);
        }
        step *= 2;
    }
    let sum: u32 = m[..n * n].iter().map(|v| v.unsigned_abs()).sum();
    if n == 8 { (sum + 2) >> 2 } else { (sum + 1) >> 1 }
}

#[cfg(test)]
pub fn residual(src: &[u16], ss: usize, pred: &[u16], ps: usize, out: &mut [i16], w: usize, h: usize) {
    for y in 0..h {
        for x in 0..w {
            out[y * w + x] = (i32::from(src[y * ss + x]) - i32::from(pred[y * ps + x])) as i16;
        }
    }
}
