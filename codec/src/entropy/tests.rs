use super::*;
use crate::kernel::level;
use fearless_simd::dispatch;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Symbol(usize, usize),
    Raw(u32, u32),
    Golomb(u32, u32),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        (2usize..=16, any::<u32>()).prop_map(|(n, v)| Op::Symbol(n, v as usize % n)),
        (2usize..=16).prop_map(|n| Op::Symbol(n, 0)),
        (1u32..=16, any::<u32>()).prop_map(|(b, v)| Op::Raw(b, v & ((1 << b) - 1))),
        (0u32..4, 0u32..100_000).prop_map(|(k, v)| Op::Golomb(k, v)),
    ];
    prop::collection::vec(op, 0..600)
}

fn walk<C: SymbolCoder>(c: &mut C, ops: &[Op], blank: bool) -> Vec<usize> {
    let mut models: Vec<Model> = (2..=16).map(Model::uniform).collect();
    ops.iter()
        .map(|op| match *op {
            Op::Symbol(n, v) => c.symbol(&mut models[n - 2], if blank { 0 } else { v }),
            Op::Raw(b, v) => c.raw(b, if blank { 0 } else { v }) as usize,
            Op::Golomb(k, v) => c.exp_golomb(k, if blank { 0 } else { v }) as usize,
        })
        .collect()
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(ops in ops()) {
        let mut e = RangeEncoder::new();
        let sent = walk(&mut e, &ops, false);
        let mut count = BitCounter::<true>::default();
        walk(&mut count, &ops, false);
        let bytes = e.finish();
        let got = walk(&mut RangeDecoder::new(&bytes), &ops, true);
        prop_assert_eq!(&sent, &got);
        let got = dispatch!(level(), simd => walk(&mut RangeDecoder::with(Vectors(simd), &bytes), &ops, true));
        prop_assert_eq!(sent, got);
        let bits = count.bits as f64 / f64::from(BIT);
        prop_assert!((bytes.len() as f64 * 8.0 - bits).abs() < 24.0 + bits * 0.01);
    }

    #[test]
    fn any_bytes_decode(bytes in prop::collection::vec(any::<u8>(), 0..200), ops in ops()) {
        let got = walk(&mut RangeDecoder::new(&bytes), &ops, true);
        let vectors = dispatch!(level(), simd => walk(&mut RangeDecoder::with(Vectors(simd), &bytes), &ops, true));
        prop_assert_eq!(got, vectors);
    }
}

#[test]
fn frequencies_never_vanish() {
    for n in 2..=16 {
        let mut m = Model::uniform(n);
        for i in 0..2000 {
            m.adapt(if i < 1000 { 0 } else { n - 1 });
            assert!((0..n).all(|v| m.upto(v) > m.below(v)));
            assert_eq!(m.upto(n - 1), 1 << 15);
        }
    }
}
