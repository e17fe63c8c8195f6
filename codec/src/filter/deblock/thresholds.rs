//! How strongly an edge is filtered, as a function of the quantiser.

/// 2^(k/24) * 2^(10/3) * 64, rounded: the first octave of sixteen times the quantiser step, with six
/// fractional bits.
const OCTAVE: [u32; 24] = [
    645, 664, 683, 703, 724, 745, 767, 790, 813, 837, 861, 886, 912, 939, 967, 995, 1024, 1054, 1085, 1117,
    1149, 1183, 1218, 1253,
];

/// Sixteen times the quantiser step 2^((qi/4 - 4)/6).
fn step16(qi: u32) -> u32 {
    (OCTAVE[(qi % 24) as usize] << (qi / 24)) >> 6
}

/// The two limits that decide about an edge, in units of the picture's sample values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// Activity near the edge from which on it is taken for texture and left alone.
    pub beta: i16,
    /// Largest change of a sample that the coarse quantiser could have caused.
    pub tc: i16,
}

/// Thresholds by the average quantiser index of the two sides, for one frame.
#[derive(Clone)]
pub struct Table {
    /// Of edges of strength 1.
    entries: [Thresholds; 256],
}

/// Strength 2 counts as a quantiser coarser by two steps of QP.
const STRONG_BONUS: usize = 8;

impl Table {
    /// `offset` is added to every quantiser index (24 of them double the step).
    pub fn new(bit_depth: u8, offset: i8) -> Self {
        let depth = u32::from(bit_depth.clamp(8, 12)) - 8;
        let entry = |qi: usize| {
            let qi = (qi as i32 + i32::from(offset)).clamp(0, 255);
            // Quarters of QP: flat up to 16, then one per QP, from 28 on two per QP.
            let beta = if qi < 64 { 0 } else { (qi / 4 - 10).max(qi / 2 - 38) };
            // About 0.09 of the step; nothing below QP 18, where steps are as small as the noise.
            let tc = if qi < 72 { 0 } else { (((step16(qi as u32) * 23) >> 4) << depth) + 144 };
            Thresholds { beta: (beta << depth) as i16, tc: (tc >> 8) as i16 }
        };
        Table { entries: std::array::from_fn(entry) }
    }

    /// Thresholds of an edge of `strength` 1 or 2 between units of the quantiser indices `p` and `q`.
    #[inline]
    pub fn get(&self, p: u8, q: u8, strength: u8) -> Thresholds {
        let qi = (usize::from(p) + usize::from(q)).div_ceil(2);
        let mut t = self.entries[qi];
        if strength > 1 {
            t.tc = self.entries[(qi + STRONG_BONUS).min(255)].tc;
        }
        t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_the_formula() {
        for qi in 0..256u32 {
            let exact = 16.0 * 2f64.powf((f64::from(qi) / 4.0 - 4.0) / 6.0);
            assert!((f64::from(step16(qi)) - exact).abs() <= 1.0 + exact / 1000.0, "{qi}");
        }
    }

    #[test]
    fn thresholds_rise_with_the_quantiser() {
        for depth in [8, 10] {
            let t = Table::new(depth, 0);
            for qi in 0..255u8 {
                let (a, b) = (t.get(qi, qi, 1), t.get(qi + 1, qi + 1, 1));
                assert!(a.beta <= b.beta && a.tc <= b.tc);
                assert!(t.get(qi, qi, 2).tc >= a.tc && t.get(qi, qi, 2).beta == a.beta);
            }
            assert_eq!(t.get(60, 60, 2), Thresholds::default());
            assert_eq!(t.get(148, 148, 1).tc, if depth == 8 { 4 } else { 16 });
        }
    }

    #[test]
    fn the_offset_shifts_the_index() {
        let (plain, shifted) = (Table::new(8, 0), Table::new(8, -12));
        assert_eq!(shifted.get(112, 112, 1), plain.get(100, 100, 1));
        assert_eq!(Table::new(8, 127).get(255, 255, 2), plain.get(255, 255, 2));
    }
}
