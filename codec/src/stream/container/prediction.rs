//! Prediction of time stamps: frames are coded in an order that repeats.

use std::collections::VecDeque;

/// Deltas that the prediction looks back on.
const HISTORY: usize = 64;

/// The time of the last packet and the steps that led there since the last key packet.
#[derive(Debug, Default)]
pub struct Prediction {
    last: i64,
    deltas: VecDeque<i64>,
}

impl Prediction {
    /// The state behind a packet of this time, without a past.
    pub fn start(pts: i64) -> Self {
        Prediction { last: pts, deltas: VecDeque::new() }
    }

    /// The likely step to the next packet: what followed the longest earlier match of the latest steps.
    pub fn delta(&self) -> i64 {
        let d = &self.deltas;
        let Some(&last) = d.back() else { return 0 };
        let (mut best, mut longest) = (last, 0);
        for j in (0..d.len() - 1).rev() {
            let matched = (0..=j).take_while(|&k| d[j - k] == d[d.len() - 1 - k]).count();
            if matched > longest {
                (best, longest) = (d[j + 1], matched);
            }
        }
        best
    }

    /// The step to a packet of this time.
    pub fn delta_to(&self, pts: i64) -> i64 {
        pts.wrapping_sub(self.last)
    }

    /// Takes a step, to a packet that may be a key packet or the first; gives the packet's time.
    pub fn advance(&mut self, delta: i64, restart: bool) -> i64 {
        self.last = self.last.wrapping_add(delta);
        if restart {
            self.deltas.clear();
        } else {
            if self.deltas.len() == HISTORY {
                self.deltas.pop_front();
            }
            self.deltas.push_back(delta);
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misses(times: impl Iterator<Item = i64>) -> usize {
        let mut p = Prediction::default();
        let mut first = true;
        times
            .filter(|&pts| {
                let delta = p.delta_to(pts);
                let missed = delta != p.delta();
                p.advance(delta, std::mem::take(&mut first));
                missed
            })
            .count()
    }

    /// Decoding order of hierarchical B frames: the middle of each span first.
    fn hierarchy(out: &mut Vec<i64>, low: i64, high: i64) {
        if high - low > 1 {
            let middle = (low + high) / 2;
            out.push(middle);
            hierarchy(out, low, middle);
            hierarchy(out, middle, high);
        }
    }

    #[test]
    fn repeating_orders_are_learnt_in_one_round() {
        assert_eq!(misses(0..100), 1);
        assert_eq!(misses((0..100).map(|i| 7 + 40 * i)), 2);
        for span in [2, 4, 8, 16, 32] {
            let mut times = vec![0];
            for i in 0..10 {
                times.push((i + 1) * span);
                hierarchy(&mut times, i * span, (i + 1) * span);
            }
            assert!(misses(times.into_iter()) <= span as usize + 6, "{span}");
        }
    }
}
