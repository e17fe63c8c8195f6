//! The distortion kernels as loops that vectorise, for widths known at compile time.

/// Calls the body with the width as a constant for the usual widths.
macro_rules! by_width {
    ($w:expr, $W:ident => $body:expr, $other:expr) => {
        match $w {
            4 => {
                const $W: usize = 4;
                $body
            }
            8 => {
                const $W: usize = 8;
                $body
            }
            16 => {
                const $W: usize = 16;
                $body
            }
            32 => {
                const $W: usize = 32;
                $body
            }
            64 => {
                const $W: usize = 64;
                $body
            }
            _ => $other,
        }
    };
}

pub(crate) use by_width;

/// The first `W` samples of row `y`.
#[inline(always)]
fn row<const W: usize>(a: &[u16], stride: usize, y: usize) -> &[u16; W] {
    a[y * stride..].first_chunk().expect("blocks lie inside their planes")
}

#[inline(always)]
pub fn sad<const W: usize>(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, h: usize) -> u32 {
    let mut sum = 0u32;
    for y in 0..h {
        let (p, q) = (row::<W>(a, a_stride, y), row::<W>(b, b_stride, y));
        // Samples have 10 bits at most, so that a row's sum of up to 64 fits 16 bits.
        let line: u16 = p.iter().zip(q).map(|(&p, &q)| p.abs_diff(q)).sum();
        sum += u32::from(line);
    }
    sum
}

#[inline(always)]
pub fn ssd<const W: usize>(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, h: usize) -> u64 {
    let mut sum = 0u64;
    for y in 0..h {
        let (p, q) = (row::<W>(a, a_stride, y), row::<W>(b, b_stride, y));
        let line: i32 = p
            .iter()
            .zip(q)
            .map(|(&p, &q)| {
                let d = i32::from(p as i16 - q as i16);
                d * d
            })
            .sum();
        sum += line as u64;
    }
    sum
}

#[inline(always)]
pub fn residual<const W: usize>(src: &[u16], ss: usize, pred: &[u16], ps: usize, out: &mut [i16], h: usize) {
    for (y, out) in out.chunks_exact_mut(W).take(h).enumerate() {
        let (s, p) = (row::<W>(src, ss, y), row::<W>(pred, ps, y));
        for ((o, &s), &p) in out.iter_mut().zip(s).zip(p) {
            *o = s as i16 - p as i16;
        }
    }
}

/// One butterfly stage per bit of the row index.
#[inline(always)]
fn butterflies<const N: usize>(m: &mut [[i32; N]; N]) {
    let mut step = 1;
    while step < N {
        for i in 0..N {
            if i & step == 0 {
                let (a, b) = (m[i], m[i + step]);
                for k in 0..N {
                    m[i][k] = a[k] + b[k];
                    m[i + step][k] = a[k] - b[k];
                }
            }
        }
        step *= 2;
    }
}

/// Sum of absolute Hadamard coefficients of an `N` x `N` block, not scaled.
#[inline(always)]
pub fn hadamard<const N: usize>(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize) -> u32 {
    let mut m = [[0i32; N]; N];
    for (y, to) in m.iter_mut().enumerate() {
        let (p, q) = (row::<N>(a, a_stride, y), row::<N>(b, b_stride, y));
        for k in 0..N {
            to[k] = i32::from(p[k]) - i32::from(q[k]);
        }
    }
    butterflies(&mut m);
    let mut t = [[0i32; N]; N];
    for (i, row) in m.iter().enumerate() {
        for (k, &v) in row.iter().enumerate() {
            t[k][i] = v;
        }
    }
    butterflies(&mut t);
    t.iter().flatten().map(|v| v.unsigned_abs()).sum()
}

#[inline(always)]
pub fn satd<const N: usize>(a: &[u16], a_stride: usize, b: &[u16], b_stride: usize, w: usize, h: usize) -> u32 {
    let mut sum = 0;
    for y in (0..h).step_by(N) {
        for x in (0..w).step_by(N) {
            let s = hadamard::<N>(&a[y * a_stride + x..], a_stride, &b[y * b_stride + x..], b_stride);
            sum += if N == 8 { (s + 2) >> 2 } else { (s + 1) >> 1 };
        }
    }
    sum
}
