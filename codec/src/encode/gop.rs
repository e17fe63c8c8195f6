//! Frame structure: key frames, anchors, and the pyramid of bi-predicted frames between them.

use super::lookahead::{Forecast, Id};

/// One frame to encode, in coding order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Display order, counted from the key frame.
    pub order: i32,
    /// 0 for anchors, then by depth in the pyramid.
    pub layer: u8,
    pub key: bool,
    /// Later frames of the plan refer to it.
    pub kept: bool,
    /// Orders of the frames between which it lies in the pyramid; an anchor has only the first, a key frame none.
    pub between: [Option<i32>; 2],
}

impl Planned {
    pub const KEY: Planned = Planned { order: 0, layer: 0, key: true, kept: true, between: [None; 2] };

    /// Whether so many depend on it that it is filtered in time.
    pub fn is_filtered(&self) -> bool {
        self.layer <= 1
    }

    /// What the lookahead makes of it; `id` names the frame of an order.
    pub fn forecast(&self, id: impl Fn(i32) -> Id) -> Forecast {
        Forecast { frame: id(self.order), refs: self.between.map(|o| o.map(&id)) }
    }
}

/// Distance of frames from which on those between them are planned layer by layer.
const NEAR: i32 = 8;

/// The frames after `anchor` up to `last` in coding order: the last first, then the middles of what remains, layer by layer
/// down to near frames; what lies between these is finished one after the other, likewise layer by layer, so that
/// frames of a layer may be decided at once.
pub fn pyramid(anchor: i32, last: i32) -> Vec<Planned> {
    let ends = [Some(anchor), None];
    let mut plan = vec![Planned { order: last, layer: 0, key: false, kept: true, between: ends }];
    let (near, layer) = descend(vec![(anchor, last)], 1, NEAR, &mut plan);
    for range in near {
        descend(vec![range], layer, 1, &mut plan);
    }
    plan
}

/// Plans the middles of ranges, and of their halves, down to a distance; returns what is left of ranges, and its layer.
fn descend(
    mut ranges: Vec<(i32, i32)>,
    mut layer: u8,
    distance: i32,
    plan: &mut Vec<Planned>,
) -> (Vec<(i32, i32)>, u8) {
    let far = |&(low, high): &(i32, i32)| high - low > distance;
    while ranges.iter().any(far) {
        plan.extend(ranges.iter().filter(|r| far(r)).map(|&(low, high)| middle(low, high, layer)));
        let halves = |r: (i32, i32)| {
            let middle = (r.0 + r.1) / 2;
            if far(&r) { vec![(r.0, middle), (middle, r.1)] } else { vec![r] }
        };
        ranges = ranges.into_iter().flat_map(halves).collect();
        layer += 1;
    }
    (ranges, layer)
}

/// The frame in the middle between two.
fn middle(low: i32, high: i32, layer: u8) -> Planned {
    let ends = [Some(low), Some(high)];
    Planned { order: (low + high) / 2, layer, key: false, kept: high - low > 2, between: ends }
}

/// Runs of frames that may be decided at once: those of one layer, and after those of the last, to which none refers, the
/// frame that follows.
pub fn batches(mut plan: &[Planned]) -> impl Iterator<Item = &[Planned]> {
    std::iter::from_fn(move || {
        let layer = plan.first()?.layer;
        let mut n = plan.iter().take_while(|p| p.layer == layer).count();
        if can_wait(&plan[..n]) && n < plan.len() {
            n += 1;
        }
        let (batch, rest) = plan.split_at(n);
        plan = rest;
        Some(batch)
    })
}

/// Whether no frame refers to those of a batch.
pub fn can_wait(batch: &[Planned]) -> bool {
    batch.iter().all(|p| !p.kept)
}

/// How many of the `late` frames that are left of the group before are decided with a batch that so many more follow in
/// its group: one with each, so that threads which wait for a part of the others have other work.
pub fn beside(batch: &[Planned], more: usize, late: usize) -> usize {
    if more > 1 && !batch.iter().any(|p| p.key) { late.min(1) } else { late }
}

/// Sorts a batch and what is decided with it by this: the first makes room in the slots, those come next to which others
/// refer, and those that nobody waits for last. But a key frame displaces what they refer to.
pub fn coding_order(batch: &[Planned], p: &Planned) -> (bool, bool) {
    match batch[0].key {
        true => (p.key, false),
        false => (p.order != batch[0].order, !p.kept),
    }
}

/// Orders of the frames between which planned ones lie.
pub fn needed(planned: &[Planned]) -> Vec<i32> {
    planned.iter().flat_map(|p| p.between).flatten().collect()
}

/// Frames that may follow an anchor of display order `anchor` before the next key frame, none if that is next; `cuts` says of the frames
/// after it whether a scene starts with them.
pub fn room(cuts: impl Iterator<Item = bool>, anchor: i32, keyint: u32) -> usize {
    let most = keyint.clamp(1, 1 << 20) as i32 - 1 - anchor;
    cuts.take(most.max(0) as usize).take_while(|&cut| !cut).count()
}

/// Lengths of long mini-GOPs, and the novelty of their last frame from which half of the length is better.
const LONG: [(usize, f32); 2] = [(32, 0.4), (16, 0.8)];

/// Frames of a mini-GOP where there are so many before a cut or the end, and `most` are wanted; `novelty` tells how new
/// the last of so many is. Prediction over the longer distance must still work; what is left at the end is taken as it
/// comes.
pub fn length(frames: usize, most: usize, novelty: impl Fn(usize) -> f32) -> usize {
    let mut n = frames.min(most);
    for (longest, limit) in LONG {
        if n > longest / 2 && most >= longest && novelty(n) >= limit {
            n = longest / 2;
        }
    }
    n
}

/// What the encoder knows of the frames in the reference slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub order: i32,
    pub layer: u8,
}

/// Slots of the references for a frame, the most useful first: the nearest before, the nearest after, then others by
/// distance, frames of finer layers counted as farther.
pub fn choose_refs(slots: &[Option<Kept>], order: i32, most: usize) -> Vec<u8> {
    let mut past: Vec<(i32, u8)> = Vec::new();
    let mut future: Vec<(i32, u8)> = Vec::new();
    for (i, k) in slots.iter().enumerate() {
        if let Some(k) = k {
            let distance = (order - k.order).abs() * 2 + i32::from(k.layer);
            if k.order < order { &mut past } else { &mut future }.push((distance, i as u8));
        }
    }
    past.sort_unstable();
    future.sort_unstable();
    let mut refs = Vec::new();
    for i in 0..slots.len() {
        refs.extend(past.get(i).map(|p| p.1));
        refs.extend(future.get(i).map(|p| p.1));
    }
    refs.truncate(most);
    refs
}

/// Slot to overwrite: a free one, else the one least useful to frames after `anchor`: of the frames before it
/// the oldest non-anchor, else the oldest; but none of an order that is `needed`.
pub fn choose_slot(slots: &[Option<Kept>], anchor: i32, needed: &[i32]) -> u8 {
    if let Some(i) = slots.iter().position(Option::is_none) {
        return i as u8;
    }
    let rank = |k: &Kept| (needed.contains(&k.order), k.order >= anchor, k.layer == 0, k.order);
    let oldest = slots.iter().enumerate().filter_map(|(i, k)| k.as_ref().map(|k| (rank(k), i))).min();
    oldest.map_or(0, |(_, i)| i as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::MAX_REORDER;

    #[test]
    fn key_frames_come_at_cuts_and_when_it_is_time() {
        let cuts = |at: usize| (0..10).map(move |i| i == at);
        assert_eq!([0, 3, 9, 10].map(|at| room(cuts(at), 0, 250)), [0, 3, 9, 10]);
        assert_eq!([7, 5, 4, 1, 0].map(|keyint| room(cuts(4), 0, keyint)), [4, 4, 3, 0, 0]);
        assert_eq!([5, 6, 8].map(|anchor| room(cuts(10), anchor, 7)), [1, 0, 0]);
    }

    #[test]
    fn every_frame_is_planned_once_after_its_references() {
        for n in 1..40 {
            let plan = pyramid(0, n);
            let mut orders: Vec<i32> = plan.iter().map(|p| p.order).collect();
            orders.sort_unstable();
            assert_eq!(orders, (1..=n).collect::<Vec<_>>());
        }
        // Batch after batch in the slots that there are: the frames around each one were there before its batch,
        // and no frame of the batch before it displaced them; and no decoder has too many pictures to keep.
        let (mut slots, mut anchor) = ([None; 8], 0);
        slots[0] = Some(Kept { order: 0, layer: 0 });
        let mut late: Vec<Planned> = Vec::new();
        let (mut shown, mut waiting) = (1, Vec::new());
        for n in (1..=32).chain([32, 16, 8, 4, 2, 1, 1, 32]) {
            let plan = pyramid(anchor, anchor + n);
            let batches: Vec<_> = batches(&plan).collect();
            for (i, &batch) in batches.iter().enumerate() {
                assert!(batch.len() <= NEAR as usize / 2 + 1);
                let before = slots;
                let more = batches.len() - 1 - i;
                if more == 0 && can_wait(batch) {
                    late.extend(batch);
                    break;
                }
                let with = beside(batch, more, late.len());
                let mut started: Vec<_> = late.drain(..with).chain(batch.iter().copied()).collect();
                started.sort_by_key(|p| coding_order(batch, p));
                let to_come = [&started, &late, &batches[i + 1..].concat()[..]].concat();
                for (j, p) in started.into_iter().enumerate() {
                    let needed = needed(&to_come[j + 1..]);
                    let in_slot = |slots: &[Option<Kept>], o| slots.iter().flatten().any(|k| k.order == o);
                    let there = |o: i32| in_slot(&before, o) && in_slot(&slots, o);
                    assert!(p.between.iter().flatten().all(|&o| there(o)), "{p:?} after {anchor}");
                    if p.kept {
                        slots[usize::from(choose_slot(&slots, anchor, &needed))] =
                            Some(Kept { order: p.order, layer: p.layer });
                    }
                    waiting.push(p.order);
                    while let Some(i) = waiting.iter().position(|&o| o == shown) {
                        waiting.swap_remove(i);
                        shown += 1;
                    }
                    assert!(waiting.len() <= MAX_REORDER, "{waiting:?}");
                }
            }
            anchor += n;
        }
        let plan: Vec<i32> = pyramid(0, 8).iter().map(|p| p.order).collect();
        assert_eq!(plan, [8, 4, 2, 6, 1, 3, 5, 7]);
        let plan = pyramid(0, 16);
        let batches: Vec<Vec<i32>> = batches(&plan).map(|b| b.iter().map(|p| p.order).collect()).collect();
        let first = [&[16][..], &[8], &[4], &[2, 6], &[1, 3, 5, 7, 12], &[10, 14], &[9, 11, 13, 15]];
        assert_eq!(batches, first);
    }
}
