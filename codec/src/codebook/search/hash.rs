//! Words near the vector rounded to whole steps.

use super::{Search, Vector, Word};

/// Components that are also tried one lower, the least certain ones.
const DOUBTFUL: usize = 3;

/// Words by their rounded components.
pub struct Hash {
    words: Vec<Word>,
    /// Open addressing: packed components plus one (0: free), and the word.
    slots: Vec<(u64, u32)>,
}

/// Whole steps of all components in one number; a byte each.
fn pack(v: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*v)
}

fn start(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}

impl Hash {
    /// Prepares the search among these words.
    pub fn new(words: &[Word]) -> Self {
        let size = (words.len() * 4).next_power_of_two();
        let mut h = Hash { words: words.to_vec(), slots: vec![(0, 0); size] };
        for (i, w) in words.iter().enumerate() {
            let key = pack(&w.components.map(|c| c.round() as u8));
            let mut at = start(key) & (size - 1);
            while h.slots[at].0 != 0 {
                at = (at + 1) & (size - 1);
            }
            h.slots[at] = (key.wrapping_add(1), i as u32);
        }
        h
    }

    /// Tries all words that round to `whole`: are there any?
    fn try_words(&self, whole: &[u8; 8], v: &Vector, best: &mut (usize, f32)) -> bool {
        let mask = self.slots.len() - 1;
        let key = pack(whole);
        let mut at = start(key) & mask;
        let mut any = false;
        while self.slots[at].0 != 0 {
            if self.slots[at].0 == key.wrapping_add(1) {
                any = true;
                let i = self.slots[at].1 as usize;
                let cost = self.words[i].cost(v);
                if cost < best.1 {
                    *best = (i, cost);
                }
            }
            at = (at + 1) & mask;
        }
        any
    }
}

impl Search for Hash {
    fn find(&self, v: &Vector) -> (usize, f32) {
        self.try_all(v).0
    }
}

impl Hash {
    /// The best word that is found, and whether there was any to be expected: one near the vector, or zero.
    pub(super) fn try_all(&self, v: &Vector) -> ((usize, f32), bool) {
        let whole = v.map(|c| (c + 0.5) as u8);
        let mut best = (0, f32::INFINITY);
        let zero = self.try_words(&[0; 8], v, &mut best);
        let mut hit = whole == [0; 8] && zero;
        let mut doubtful = [(f32::INFINITY, 0); DOUBTFUL];
        let mut n = 0;
        for k in (0..8).filter(|&k| whole[k] > 0) {
            // Insertion into the few smallest.
            let mut new = (v[k] - f32::from(whole[k]), k);
            for d in &mut doubtful {
                if new.0 < d.0 {
                    std::mem::swap(d, &mut new);
                }
            }
            n = (n + 1).min(DOUBTFUL);
        }
        for mask in 0..1usize << n {
            let mut lower = whole;
            for (bit, &(_, k)) in doubtful[..n].iter().enumerate() {
                lower[k] -= (mask >> bit & 1) as u8;
            }
            hit |= lower != [0; 8] && self.try_words(&lower, v, &mut best);
        }
        (best, hit)
    }
}
