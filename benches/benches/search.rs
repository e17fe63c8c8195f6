//! Search of codewords: exhaustive, by a hash, by a tree; speed, and what it costs.
//!
//! Words are the most frequent rounded vectors of a model of residuals (Laplacian magnitudes that fall with
//! frequency), with rates by their frequency; queries are drawn anew.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use girih::search::{Exact, Hash, Mixed, Search, Tree, Vector, Word};

/// Cost of a bit in squared steps, about that of the encoder.
const LAMBDA: f32 = 0.13;
const QUERIES: usize = 1 << 13;
const BATCH: usize = 256;

struct Source(u64, f32);

impl Source {
    fn uniform(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f32 + 0.5) / (1u64 << 31) as f32
    }

    /// A group of 4x2 coefficients, in steps.
    fn vector(&mut self) -> Vector {
        // Blocks differ in energy.
        let gain = self.1 * (0.5 + self.uniform());
        std::array::from_fn(|k| -self.uniform().ln() * gain / (1.0 + 0.3 * (k % 4 + k / 4) as f32))
    }
}

fn words(n: usize, source: &mut Source) -> Vec<Word> {
    let mut counts: HashMap<[u8; 8], u32> = HashMap::new();
    let mut seen = 0u32;
    while seen < 2_000_000 || counts.len() < n {
        *counts.entry(source.vector().map(|c| (c + 0.4) as u8)).or_default() += 1;
        seen += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|&(v, n)| (Reverse(n), v));
    let word = |&(v, n): &([u8; 8], u32)| {
        let signs = v.iter().filter(|&&c| c > 0).count() as f32;
        let components = v.map(|c| if c == 0 { 0.0 } else { f32::from(c) - 0.05 });
        Word { components, rate: LAMBDA * ((seen as f32 / n as f32).log2() + signs) }
    };
    all[..n].iter().map(word).collect()
}

fn search(c: &mut Criterion) {
    for n in [256, 1024, 4096, 16384, 65536] {
        // Larger codebooks are for more energy.
        let mut source = Source(n as u64, 0.35 + 0.08 * (n as f32 / 256.0).log2());
        let words = words(n, &mut source);
        let queries: Vec<Vector> = (0..QUERIES).map(|_| source.vector()).collect();
        let exact = Exact::new(&words);
        let truth: Vec<(usize, f32)> = queries.iter().map(|v| exact.find(v)).collect();
        let mut g = c.benchmark_group(format!("{n} words"));
        g.throughput(Throughput::Elements(BATCH as u64));
        let mut one = |name: String, s: &dyn Search| {
            let found: Vec<(usize, f32)> = queries.iter().map(|v| s.find(v)).collect();
            let same = found.iter().zip(&truth).filter(|(f, t)| f.0 == t.0).count();
            let sum = |r: &[(usize, f32)]| {
                r.iter().zip(&queries).map(|(r, v)| f64::from(words[r.0].cost(v))).sum::<f64>()
            };
            println!(
                "{n} words, {name}: recall {:.2} %, J {:+.3} %",
                same as f64 * 100.0 / QUERIES as f64,
                (sum(&found) / sum(&truth) - 1.0) * 100.0
            );
            let mut at = 0;
            g.bench_function(name, |t| {
                t.iter_batched(
                    || {
                        at = (at + BATCH) % QUERIES;
                        &queries[at..at + BATCH]
                    },
                    |batch| batch.iter().map(|v| s.find(black_box(v)).0).sum::<usize>(),
                    BatchSize::SmallInput,
                )
            });
        };
        one("exact".into(), &exact);
        one("hash".into(), &Hash::new(&words));
        for leaves in [2, 8, 32] {
            one(format!("tree {leaves}"), &Tree::new(&words, leaves));
        }
        for leaves in [2, 8, 32] {
            one(format!("hash, then tree {leaves}"), &Mixed::new(&words, leaves));
        }
        g.finish();
    }
}

fn config() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
}

criterion_group! { name = searches; config = config(); targets = search }
criterion_main!(searches);
