use super::*;
use crate::kernel::testing::{Rng, levels};

#[test]
fn every_level_equals_the_scalar_twin() {
    let mut rng = Rng(7);
    for bd in [8, 10] {
        for w in [2, 4, 6, 8, 12, 16, 24, 32, 48, 64] {
            for h in [1, 2, 4, 8, 12, 16, 64] {
                // The planes end with the blocks.
                let (sa, sb) = (w + 3, w + 16);
                let (a, b) = (rng.samples(sa * (h - 1) + w, bd), rng.samples(sb * (h - 1) + w, bd));
                let q = Blocks { a: &a, a_stride: sa, b: &b, b_stride: sb, w, h };
                let longer = rng.samples(b.len() + 3, bd);
                let mut want = vec![0; w * h];
                scalar::residual(&a, sa, &b, sb, &mut want, w, h);
                for level in levels() {
                    let what = format!("{level:?} {w}x{h} {bd} bits");
                    assert_eq!(sad_at(level, &q), scalar::sad(&a, sa, &b, sb, w, h), "sad {what}");
                    let at = [3, 0, 2, 1];
                    let sads = at.map(|at| scalar::sad(&a, sa, &longer[at..], sb, w, h));
                    assert_eq!(sad4_at(level, &Blocks { b: &longer, ..q }, at), sads, "sad4 {what}");
                    assert_eq!(ssd_at(level, &q), scalar::ssd(&a, sa, &b, sb, w, h), "ssd {what}");
                    assert_eq!(satd_at(level, &q), scalar::satd(&a, sa, &b, sb, w, h), "satd {what}");
                    let mut got = vec![0; w * h];
                    let energy = residual_at(level, &q, &mut got);
                    assert_eq!(u64::from(energy), scalar::ssd(&a, sa, &b, sb, w, h), "energy {what}");
                    assert!(got == want, "residual {what}");
                }
            }
        }
    }
}

#[test]
fn worst_differences_do_not_overflow() {
    // All differences alike, or in the pattern of one Hadamard basis function: one coefficient gets everything.
    for pattern in [0, 0x55, 0x0f, 0x33] {
        let a: Vec<u16> = (0..4096).map(|i| if (pattern >> (i % 8)) & 1 == 0 { 1023 } else { 0 }).collect();
        let b: Vec<u16> = a.iter().map(|v| 1023 - v).collect();
        let q = Blocks { a: &a, a_stride: 64, b: &b, b_stride: 64, w: 64, h: 64 };
        for level in levels() {
            assert_eq!(sad_at(level, &q), 4096 * 1023);
            assert_eq!(ssd_at(level, &q), 4096 * 1023 * 1023);
            assert_eq!(satd_at(level, &q), 4096 * 1023 / 4);
            assert_eq!(residual_at(level, &q, &mut [0; 4096]), 4096 * 1023 * 1023);
        }
    }
}
