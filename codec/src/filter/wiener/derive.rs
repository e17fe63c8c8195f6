//! The encoder's choice of filters.

use super::classify::CLASSES;
use super::moments::Moments;
use super::stats::AlfStats;
use super::taps::{CHROMA_TAPS, LUMA_TAPS, SCALE_BITS};
use super::{AlfParams, LumaFilter, MAX_FILTERS};
use crate::filter::Price;

/// Rounds of deriving filters and choosing superblocks in turns.
const ROUNDS: usize = 3;

/// About what a coefficient costs in bits.
fn coefficient_bits(c: i32) -> f64 {
    1.0 + 2.0 * f64::from((c.unsigned_abs() + 1).ilog2()) + f64::from(u8::from(c != 0))
}

impl AlfParams {
    /// About what the parameters cost in bits.
    pub fn bits(&self) -> f64 {
        let coefficients = self.luma.iter().flatten().chain(self.chroma.iter().flatten());
        let map = CLASSES as f64 * (self.luma.len().max(1) as f64).log2();
        map + coefficients.map(|&c| coefficient_bits(i32::from(c))).sum::<f64>()
    }
}

/// A filter in integers and what it is worth.
#[derive(Clone)]
struct Quantised {
    filter: Vec<i8>,
    /// Change of the squared error plus lambda times the filter's bits.
    cost: f64,
}

impl Quantised {
    /// The best integer filter near the least-squares one: rounded, then improved coefficient by coefficient.
    fn new(m: &Moments, lambda: f64) -> Self {
        let unit = f64::from(1 << SCALE_BITS);
        let mut c: Vec<i32> =
            m.solve().0[..m.n].iter().map(|&c| ((c * unit).round() as i32).clamp(-127, 127)).collect();
        // Half the derivative of the error by each coefficient.
        let slope = |c: &[i32], i: usize| {
            c.iter().enumerate().map(|(j, &c)| f64::from(c) / unit * m.taps(i, j)).sum::<f64>() - m.wanted(i)
        };
        for _ in 0..4 {
            let mut changed = false;
            for i in 0..m.n {
                let (slope, curve) = (slope(&c, i), m.taps(i, i));
                let cost = |d: i32| {
                    let step = f64::from(d) / unit;
                    step * (2.0 * slope + step * curve) + lambda * coefficient_bits(c[i] + d)
                };
                let steps = [-2, -1, 0, 1, 2, -c[i]].into_iter().filter(|d| (c[i] + d).abs() <= 127);
                let best = steps.min_by(|&a, &b| cost(a).total_cmp(&cost(b))).unwrap_or(0);
                if cost(best) < cost(0) {
                    c[i] += best;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let with_cost = |filter: Vec<i8>| {
            let bits: f64 = filter.iter().map(|&c| coefficient_bits(i32::from(c))).sum();
            Quantised { cost: m.change(&filter) + lambda * bits, filter }
        };
        let found = with_cost(c.iter().map(|&c| c as i8).collect());
        let none = with_cost(vec![0; m.n]);
        if found.cost < none.cost { found } else { none }
    }
}

/// Classes that share a filter.
#[derive(Clone)]
struct Group {
    classes: Vec<usize>,
    moments: Moments,
    /// Change of the error with the exact least-squares filter.
    exact: f64,
    quantised: Option<Quantised>,
}

impl Group {
    fn new(classes: Vec<usize>, moments: Moments) -> Self {
        let exact = moments.solve().1;
        Group { classes, moments, exact, quantised: None }
    }

    fn quantised(&mut self, lambda: f64) -> &Quantised {
        self.quantised.get_or_insert_with(|| Quantised::new(&self.moments, lambda))
    }
}

/// Filters and the filter of each class, for moments by class: starts from a filter for each class, merges the
/// two that lose least by it again and again, and takes the number of filters that costs least.
fn luma_filters(by_class: &[Moments], lambda: f64) -> (Vec<LumaFilter>, [u8; CLASSES]) {
    let used = by_class.iter().enumerate().filter(|(_, m)| (0..m.n).any(|i| m.taps(i, i) > 0.0));
    let mut groups: Vec<Group> = used.map(|(k, m)| Group::new(vec![k], m.clone())).collect();
    // What merging two groups costs; rows and columns follow `groups`.
    let loss = |a: &Group, b: &Group| {
        let mut both = a.moments.clone();
        both.add(&b.moments);
        both.solve().1 - a.exact - b.exact
    };
    let mut losses: Vec<Vec<f64>> =
        groups.iter().enumerate().map(|(i, a)| groups[..i].iter().map(|b| loss(a, b)).collect()).collect();
    let mut best: Option<(Vec<Group>, f64)> = None;
    loop {
        let n = groups.len();
        if n <= MAX_FILTERS {
            let map_bits = CLASSES as f64 * (n.max(1) as f64).log2();
            let cost = groups.iter_mut().map(|g| g.quantised(lambda).cost).sum::<f64>() + lambda * map_bits;
            if best.as_ref().is_none_or(|b| cost < b.1) {
                best = Some((groups.clone(), cost));
            }
        }
        if n < 2 {
            break;
        }
        let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
        let Some((i, j)) = pairs.min_by(|&a, &b| losses[a.0][a.1].total_cmp(&losses[b.0][b.1])) else {
            break;
        };
        let gone = groups.remove(i);
        losses.remove(i);
        for row in &mut losses[i..] {
            row.remove(i);
        }
        let kept = &mut groups[j];
        kept.moments.add(&gone.moments);
        kept.classes.extend(gone.classes);
        *kept = Group::new(std::mem::take(&mut kept.classes), kept.moments.clone());
        for k in 0..groups.len() {
            let (high, low) = (k.max(j), k.min(j));
            if high != low {
                losses[high][low] = loss(&groups[high], &groups[low]);
            }
        }
    }
    let (groups, _) = best.unwrap_or_default();
    let mut classes = [0; CLASSES];
    let mut filters = Vec::new();
    for (i, mut g) in groups.into_iter().enumerate() {
        g.classes.iter().for_each(|&k| classes[k] = i as u8);
        let filter = &g.quantised(lambda).filter;
        filters.push(std::array::from_fn(|k| filter[k]));
    }
    (filters, classes)
}

impl AlfStats {
    /// Derives filters for the frame and chooses the superblocks that use them: the parameters, the flags (see
    /// [`alf`](super::alf)), and the change of squared error plus bits, 0 for no filter.
    pub fn derive(&self, price: Price) -> (AlfParams, Vec<u8>, f64) {
        let lambda = price.bit;
        let mut params = AlfParams::default();
        let mut total = 0.0;
        let mut flags = vec![0; self.superblocks.len()];
        for luma in [true, false] {
            let planes = if luma { 1 } else { 6 };
            let mut on = vec![planes; self.superblocks.len()];
            let mut best = 0.0;
            for _ in 0..ROUNDS {
                let mut trial = AlfParams::default();
                if luma {
                    (trial.luma, trial.classes) = luma_filters(&self.luma_moments(&on), lambda);
                } else {
                    let filter = Quantised::new(&self.chroma_moments(&on), lambda).filter;
                    trial.chroma = Some(std::array::from_fn(|k| filter[k]));
                }
                let (chosen, change) = self.choose(&trial, price);
                let cost = change + lambda * trial.bits();
                if cost < best {
                    best = cost;
                    if luma {
                        (params.luma, params.classes) = (trial.luma, trial.classes);
                    } else {
                        params.chroma = trial.chroma;
                    }
                    flags.iter_mut().zip(&chosen).for_each(|(f, c)| *f = (*f & !planes) | c);
                }
                if chosen == on || chosen.iter().all(|&c| c == 0) {
                    break;
                }
                on = chosen;
            }
            total += best;
        }
        (params, flags, total)
    }

    /// Chooses the superblocks and planes in which given filters help, for instance those of an earlier frame:
    /// the flags, and the change of squared error plus the flags' bits.
    pub fn choose(&self, params: &AlfParams, price: Price) -> (Vec<u8>, f64) {
        let mut flags = vec![0; self.superblocks.len()];
        let mut total = 0.0;
        for p in (0..3).filter(|&p| params.covers(p)) {
            for (flag, change) in flags.iter_mut().zip(self.changes(params, p)) {
                if change < -price.superblock {
                    *flag |= 1 << p;
                    total += change;
                }
                total += price.bit;
            }
        }
        (flags, total)
    }

    /// The change of squared error in plane `p` of each superblock, if it were filtered.
    fn changes(&self, params: &AlfParams, p: usize) -> impl Iterator<Item = f64> {
        self.superblocks.iter().map(move |sb| {
            if p > 0 {
                let filter = params.chroma.unwrap_or_default();
                return sb.chroma.get(p - 1).map_or(0.0, |m| m.change(&filter));
            }
            let of_class = |k: usize| params.luma.get(usize::from(params.classes[k]));
            sb.luma.iter().map(|(k, m)| of_class(*k).map_or(0.0, |f| m.change(f))).sum()
        })
    }

    /// Sums of the luma moments by class over the superblocks whose flag has bit 0.
    fn luma_moments(&self, flags: &[u8]) -> Vec<Moments> {
        let mut sums = vec![Moments::new(LUMA_TAPS); CLASSES];
        for (sb, _) in self.superblocks.iter().zip(flags).filter(|(_, f)| **f & 1 != 0) {
            sb.luma.iter().for_each(|(k, m)| sums[*k].add(m));
        }
        sums
    }

    /// Sum of the chroma moments over the superblocks and planes whose bit is set.
    fn chroma_moments(&self, flags: &[u8]) -> Moments {
        let mut sum = Moments::new(CHROMA_TAPS);
        for (sb, &flags) in self.superblocks.iter().zip(flags) {
            for (_, m) in sb.chroma.iter().enumerate().filter(|(p, _)| flags >> (p + 1) & 1 != 0) {
                sum.add(m);
            }
        }
        sum
    }
}
