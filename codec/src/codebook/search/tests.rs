use super::*;

/// A book of whole-step vectors in order of their weight, moved a little, and vectors like those of residuals.
fn sample(words: usize, queries: usize) -> (Vec<Word>, Vec<Vector>) {
    let mut state = 7u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f32 + 0.5) / (1u64 << 31) as f32
    };
    let mut laplace = |scale: f32| -uniform().ln() * scale;
    let mut vector = || -> Vector { std::array::from_fn(|k| laplace(0.9 / (1.0 + k as f32 * 0.25))) };
    let mut counts = std::collections::BTreeMap::new();
    let mut seen = 0;
    while counts.len() < words * 2 {
        let v = vector();
        *counts.entry(v.map(|c| c.round() as u8)).or_insert(0u32) += 1;
        seen += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_by_key(|&(v, n)| (std::cmp::Reverse(n), v));
    let word = |(v, n): &([u8; 8], u32)| Word {
        components: v.map(|c| if c == 0 { 0.0 } else { f32::from(c) - 0.1 }),
        rate: 0.13 * ((seen as f32 / *n as f32).log2() + v.iter().filter(|&&c| c > 0).count() as f32),
    };
    let words = all[..words].iter().map(word).collect();
    (words, (0..queries).map(|_| vector()).collect())
}

fn plain(words: &[Word], v: &Vector) -> f32 {
    words.iter().map(|w| w.cost(v)).fold(f32::INFINITY, f32::min)
}

#[test]
fn exact_is_exact() {
    let (words, queries) = sample(500, 300);
    let exact = Exact::new(&words);
    for v in &queries {
        let (i, cost) = exact.find(v);
        assert!((cost - plain(&words, v)).abs() < 1e-3 && (words[i].cost(v) - cost).abs() < 1e-3);
    }
}

#[test]
fn near_enough() {
    let (words, queries) = sample(4096, 2000);
    let exact = Exact::new(&words);
    let (tree, hash, mixed) = (Tree::new(&words, 32), Hash::new(&words), Mixed::new(&words, 8));
    let ways: [(&str, &dyn Search, f64); 3] =
        [("tree", &tree, 0.3), ("hash", &hash, 10.0), ("mixed", &mixed, 0.3)];
    let least: f64 = queries.iter().map(|v| f64::from(exact.find(v).1)).sum();
    for (name, way, limit) in ways {
        let mut sum = 0.0;
        for v in &queries {
            let (i, cost) = way.find(v);
            assert!((words[i].cost(v) - cost).abs() < 1e-4);
            sum += f64::from(cost);
        }
        let loss = (sum / least - 1.0) * 100.0;
        assert!(loss < limit, "{name}: {loss:.3} %");
    }
}

#[test]
fn few_words() {
    for n in [1, 2, 9] {
        let (words, queries) = sample(n, 50);
        let tree = Tree::new(&words, usize::MAX);
        for v in &queries {
            assert!((tree.find(v).1 - plain(&words, v)).abs() < 1e-4);
        }
    }
}
