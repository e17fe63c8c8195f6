//! Kinds of syntax that bits are spent on.

use crate::syntax::layout::GROUPS;

/// The kinds, in the order in which they are told.
pub const SYNTAX: [&str; 14] = [
    "header",
    "partition",
    "inter modes",
    "motion",
    "intra modes",
    "palettes",
    "quantiser",
    "transform",
    "last position",
    "residual indices",
    "escapes",
    "signs",
    "filters",
    "other",
];

/// The kind of a group of contexts, by the beginning of its name.
fn kind(group: &str) -> &'static str {
    const PREFIXES: &[(&str, &str)] = &[
        ("PARTITION", "partition"),
        ("SKIP", "inter modes"),
        ("INTER", "inter modes"),
        ("MERGE", "inter modes"),
        ("REFS", "inter modes"),
        ("RESIDUAL", "inter modes"),
        ("PREDICTOR", "motion"),
        ("BALANCE", "motion"),
        ("EIGHTH", "motion"),
        ("MVD", "motion"),
        ("PALETTE", "palettes"),
        ("SPLIT4", "intra modes"),
        ("INTRA", "intra modes"),
        ("CHROMA_MODE", "intra modes"),
        ("CFL", "intra modes"),
        ("QUANT", "quantiser"),
        ("TX", "transform"),
        ("CODED", "transform"),
        ("LAST", "last position"),
        ("INDEX", "residual indices"),
        ("ESCAPE", "escapes"),
        ("CDEF", "filters"),
        ("ALF", "filters"),
    ];
    PREFIXES.iter().find(|(p, _)| group.starts_with(p)).map_or("other", |(_, k)| k)
}

/// Bits by kind from units of 1/`unit` bit by model.
pub fn by_kind(models: &[u64], signs: u64, unit: u32) -> Vec<f64> {
    let mut bits = vec![0.0; SYNTAX.len()];
    let mut add = |kind: &str, n: u64| {
        let at = SYNTAX.iter().position(|&k| k == kind).unwrap_or(SYNTAX.len() - 1);
        bits[at] += n as f64 / f64::from(unit);
    };
    for (name, g) in GROUPS {
        add(kind(name), models[g.start..g.start + g.len].iter().sum());
    }
    add("signs", signs);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_a_kind() {
        for (name, _) in GROUPS {
            assert!(kind(name) != "other" && SYNTAX.contains(&kind(name)), "{name}");
        }
    }
}
