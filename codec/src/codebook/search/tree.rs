//! A tree of boxes by median cut, searched from the most promising box on.

use super::{Hash, Search, Vector, Word};

/// Words in a leaf, at most.
const LEAF: usize = 8;
/// Boxes that wait to be looked into; the least promising one falls out.
const WAITING: usize = 24;

/// A box around some words.
struct Node {
    low: Vector,
    high: Vector,
    /// Least rate of its words.
    rate: f32,
    /// The two halves, or the words of a leaf: from, to.
    children: (u32, u32),
    leaf: bool,
}

impl Node {
    /// No word in the box costs less.
    #[inline]
    fn bound(&self, v: &Vector) -> f32 {
        let mut d = [0.0; 8];
        for (k, d) in d.iter_mut().enumerate() {
            let outside = (self.low[k] - v[k]).max(v[k] - self.high[k]).max(0.0);
            *d = outside * outside;
        }
        self.rate + ((d[0] + d[4]) + (d[1] + d[5])) + ((d[2] + d[6]) + (d[3] + d[7]))
    }
}

/// Search in a tree.
pub struct Tree {
    nodes: Vec<Node>,
    /// In the order of the leaves, with their numbers.
    words: Vec<Word>,
    numbers: Vec<u32>,
    /// Leaves that are looked into.
    pub leaves: usize,
}

impl Tree {
    /// `leaves` bounds the search; `usize::MAX` makes it nearly exact.
    pub fn new(words: &[Word], leaves: usize) -> Self {
        let mut order: Vec<u32> = (0..words.len() as u32).collect();
        let mut t = Tree { nodes: Vec::new(), words: Vec::new(), numbers: Vec::new(), leaves };
        t.build(words, &mut order);
        t
    }

    /// Adds the node of some words; gives its number.
    fn build(&mut self, words: &[Word], order: &mut [u32]) -> u32 {
        let of = |&i: &u32| &words[i as usize];
        let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
        let mut rate = f32::INFINITY;
        for w in order.iter().map(of) {
            for (k, &c) in w.components.iter().enumerate() {
                (low[k], high[k]) = (low[k].min(c), high[k].max(c));
            }
            rate = rate.min(w.rate);
        }
        let at = self.nodes.len();
        let first = self.words.len() as u32;
        let leaf = order.len() <= LEAF;
        self.nodes.push(Node { low, high, rate, children: (first, first + order.len() as u32), leaf });
        if leaf {
            self.words.extend(order.iter().map(of));
            self.numbers.extend_from_slice(order);
            return at as u32;
        }
        // Cut where the words spread most; rates spread too, but far less than they repeat.
        let spread = |k: usize| {
            let n = order.len() as f32;
            let mean = order.iter().map(|i| of(i).components[k]).sum::<f32>() / n;
            order.iter().map(|i| (of(i).components[k] - mean).powi(2)).sum::<f32>()
        };
        let k = (0..8).max_by(|&a, &b| spread(a).total_cmp(&spread(b))).unwrap_or(0);
        order.sort_by(|a, b| of(a).components[k].total_cmp(&of(b).components[k]).then(a.cmp(b)));
        let (left, right) = order.split_at_mut(order.len() / 2);
        let (left, right) = (self.build(words, left), self.build(words, right));
        self.nodes[at].children = (left, right);
        at as u32
    }
}

impl Tree {
    /// Looks for a word that is better than `best`, which has been found otherwise.
    pub fn improve(&self, v: &Vector, known: (usize, f32)) -> (usize, f32) {
        let mut best = (usize::MAX, known.1);
        // Bounds in falling order, so that the most promising box is the last.
        let mut waiting = [(f32::INFINITY, 0u32); WAITING];
        let mut n = 1;
        let mut left = self.leaves;
        waiting[0] = (0.0, 0);
        while n > 0 && left > 0 {
            n -= 1;
            let (bound, mut at) = waiting[n];
            if bound >= best.1 {
                break;
            }
            // Down to a leaf; the other halves wait.
            while !self.nodes[at as usize].leaf {
                let (a, b) = self.nodes[at as usize].children;
                let (ca, cb) = (self.nodes[a as usize].bound(v), self.nodes[b as usize].bound(v));
                let (near, far) = if ca <= cb { (a, (cb, b)) } else { (b, (ca, a)) };
                at = near;
                if far.0 < best.1 {
                    insert(&mut waiting, &mut n, far);
                }
            }
            let (from, to) = self.nodes[at as usize].children;
            for i in from as usize..to as usize {
                let cost = self.words[i].cost(v);
                if cost < best.1 {
                    best = (i, cost);
                }
            }
            left -= 1;
        }
        self.numbers.get(best.0).map_or(known, |&i| (i as usize, best.1))
    }
}

impl Search for Tree {
    fn find(&self, v: &Vector) -> (usize, f32) {
        self.improve(v, (0, f32::INFINITY))
    }
}

/// The hash; the tree only where that finds nothing but zero for a vector that is not.
pub struct Mixed {
    hash: Hash,
    tree: Tree,
}

impl Mixed {
    /// `leaves` as for [`Tree::new`].
    pub fn new(words: &[Word], leaves: usize) -> Self {
        Mixed { hash: Hash::new(words), tree: Tree::new(words, leaves) }
    }
}

impl Search for Mixed {
    fn find(&self, v: &Vector) -> (usize, f32) {
        match self.hash.try_all(v) {
            (best, true) => best,
            (best, false) => self.tree.improve(v, best),
        }
    }
}

/// Puts a box in its place; if there is no room, the least promising one goes.
#[inline]
fn insert(waiting: &mut [(f32, u32); WAITING], n: &mut usize, new: (f32, u32)) {
    if *n == WAITING {
        if new.0 >= waiting[0].0 {
            return;
        }
        waiting.copy_within(1.., 0);
        *n -= 1;
    }
    let mut at = *n;
    while at > 0 && waiting[at - 1].0 < new.0 {
        waiting[at] = waiting[at - 1];
        at -= 1;
    }
    waiting[at] = new;
    *n += 1;
}
