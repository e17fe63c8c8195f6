//! What the kernel tests share: random numbers and the list of SIMD levels to try.

use fearless_simd::Level;

/// A small deterministic generator (splitmix64): tests must not depend on the day they run.
pub(crate) struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `lo..=hi`.
    pub fn range(&mut self, lo: i32, hi: i32) -> i32 {
        let span = (i64::from(hi) - i64::from(lo) + 1) as u64;
        (i64::from(lo) + (self.next() % span) as i64) as i32
    }

    /// Samples of `bd` bits. Every other call gives only extremes, which find overflows.
    pub fn samples(&mut self, n: usize, bd: u8) -> Vec<u16> {
        let max = (1 << bd) - 1;
        let extreme = self.next() & 1 == 0;
        (0..n)
            .map(|_| if extreme { (self.range(0, 1) * max) as u16 } else { self.range(0, max) as u16 })
            .collect()
    }
}

/// Samples of 8 bits as bytes.
pub(crate) fn bytes(samples: &[u16]) -> Vec<u8> {
    samples.iter().map(|&v| v as u8).collect()
}

/// Every SIMD level this machine can run.
pub(crate) fn levels() -> Vec<Level> {
    let best = Level::new();
    #[allow(unused_mut)]
    let mut levels = vec![best];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        use fearless_simd::Simd;
        levels.extend(best.as_avx2().map(|s| s.level()));
        levels.extend(best.as_sse4_2().map(|s| s.level()));
        levels.extend(best.as_sse2().map(|s| s.level()));
    }
    levels
}
