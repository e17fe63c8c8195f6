//! What each preset spends its time on: one table.

use crate::api::{Config, Preset};

/// Search settings.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Reference frames searched.
    pub refs: usize,
    /// Merge candidates and intra modes that get a full rate-distortion trial.
    pub merge_trials: usize,
    pub intra_trials: usize,
    /// Chroma modes that get one.
    pub chroma_trials: usize,
    /// How many times as bad as inter prediction (by Hadamard difference) the simple intra modes may be for the others to
    /// be looked at, and the best mode for a trial.
    pub intra_reach: (f32, f32),
    /// Searched vectors that get one.
    pub vector_trials: usize,
    /// Log-odds of paying from which a block is tried whole or split.
    pub least_odds: f32,
    /// Blocks cut in two halves are tried.
    pub halves: bool,
    /// Transform depths tried on inter and intra blocks, and whether intra blocks try sine transforms.
    pub inter_depth: usize,
    pub intra_depth: usize,
    pub intra_types: bool,
    /// Transform types that get a full trial.
    pub type_trials: usize,
    /// Vectors of 1/8 sample are tried.
    pub eighths: bool,
    /// Bi-prediction, and refinement of its vectors; from the two likeliest references or from all pairs of the searched.
    pub bi: bool,
    pub bi_refine: bool,
    pub all_pairs: bool,
    /// Pairs that are kept for trials, and refined.
    pub pair_trials: usize,
    /// Uneven weights of the two are tried.
    pub balance: bool,
    /// Smallest block in inter frames, log2.
    pub min_inter: usize,
    /// Four modes in an 8x8 block.
    pub split4: bool,
    /// Weighted references in fades.
    pub weights: bool,
    /// Palettes, where the picture suits them.
    pub palette: bool,
    /// Fewer places are looked at in the search, none where a merge candidate will do, and only three of these.
    pub quick_motion: bool,
    /// Steps of the integer search.
    pub search_steps: usize,
    /// Most frames from anchor to anchor.
    pub mini_gop: usize,
    /// Frames beyond the mini-GOP that tell how much its areas matter; 0: fixed quantisers by layer.
    pub lookahead: usize,
    /// The lookahead's motion is not searched where it seems to be known.
    pub quick_lookahead: bool,
    /// Frames on either side with which pictures that many depend on are filtered in time.
    pub temporal: usize,
    /// Dering and restoration filters.
    pub cdef: bool,
    pub alf: bool,
    /// Both decided from half of the samples.
    pub fast_filters: bool,
    /// Bits that each must gain in a superblock of an inter frame to be used there: they take a decoder time.
    pub filter_gain: f32,
    pub deblock: bool,
    /// The control: scalar quantisation.
    pub scalar: bool,
}

impl Settings {
    /// Those of a preset, without the tools that are switched off.
    pub fn for_config(config: &Config) -> Self {
        let mut settings = Settings::of(config.preset);
        settings.without(&config.control.without);
        settings
    }

    pub fn of(preset: Preset) -> Self {
        let slow = Settings {
            refs: 4,
            merge_trials: 3,
            intra_trials: 3,
            chroma_trials: 6,
            intra_reach: (1.6, 1.15),
            vector_trials: 2,
            least_odds: -0.5,
            halves: true,
            inter_depth: 2,
            intra_depth: 1,
            intra_types: true,
            type_trials: 4,
            eighths: true,
            bi: true,
            bi_refine: true,
            all_pairs: true,
            pair_trials: 2,
            balance: true,
            min_inter: 3,
            split4: true,
            weights: true,
            palette: true,
            quick_motion: false,
            search_steps: 32,
            mini_gop: 32,
            lookahead: 32,
            quick_lookahead: false,
            temporal: 4,
            cdef: true,
            alf: true,
            fast_filters: false,
            filter_gain: 8.0,
            deblock: true,
            scalar: false,
        };
        match preset {
            Preset::Veryslow => Settings {
                least_odds: -1.0,
                pair_trials: 4,
                merge_trials: 5,
                vector_trials: 6,
                intra_trials: 6,
                intra_depth: 2,
                search_steps: 64,
                ..slow
            },
            Preset::Slow => slow,
            Preset::Medium => Settings {
                least_odds: 0.5,
                refs: 3,
                pair_trials: 1,
                merge_trials: 2,
                vector_trials: 1,
                intra_trials: 2,
                chroma_trials: 1,
                halves: false,
                inter_depth: 1,
                type_trials: 2,
                eighths: false,
                temporal: 2,
                quick_lookahead: true,
                filter_gain: 32.0,
                ..slow
            },
            Preset::Fast => Settings {
                least_odds: 1.0,
                intra_reach: slow.intra_reach,
                bi_refine: true,
                min_inter: 3,
                alf: true,
                quick_motion: false,
                ..Settings::of(Preset::Ultrafast)
            },
            Preset::Ultrafast => Settings {
                least_odds: 2.0,
                refs: 2,
                all_pairs: false,
                merge_trials: 1,
                intra_trials: 1,
                chroma_trials: 1,
                intra_reach: (1.15, 1.05),
                vector_trials: 1,
                halves: false,
                inter_depth: 0,
                intra_depth: 0,
                intra_types: false,
                eighths: false,
                bi_refine: false,
                balance: false,
                min_inter: 4,
                split4: false,
                alf: false,
                quick_motion: true,
                search_steps: 8,
                temporal: 0,
                quick_lookahead: true,
                fast_filters: true,
                filter_gain: 16.0,
                lookahead: 16,
                ..slow
            },
        }
    }

    /// Switches off tools by name; unknown names are refused by [`Settings::knows`].
    pub fn without(&mut self, tools: &[String]) {
        for t in tools {
            match t.as_str() {
                "vq" => self.scalar = true,
                "halves" => self.halves = false,
                "bi" => self.bi = false,
                "eighth-sample" => self.eighths = false,
                "balance" => self.balance = false,
                "all-pairs" => self.all_pairs = false,
                "bi-refine" => self.bi_refine = false,
                "split4" => self.split4 = false,
                "weights" => self.weights = false,
                "palette" => self.palette = false,
                "cdef" => self.cdef = false,
                "alf" => self.alf = false,
                "deblock" => self.deblock = false,
                "sine" => self.intra_types = false,
                "tx-depth" => (self.intra_depth, self.inter_depth) = (0, 0),
                "pyramid" => self.mini_gop = 1,
                "temporal" => self.temporal = 0,
                "importance" => self.lookahead = 0,
                "refs" => self.refs = 1,
                _ => {}
            }
        }
    }

    /// Names that [`Settings::without`] knows.
    pub const TOOLS: &[&str] = &[
        "vq",
        "halves",
        "bi",
        "bi-refine",
        "all-pairs",
        "balance",
        "eighth-sample",
        "split4",
        "palette",
        "weights",
        "cdef",
        "alf",
        "deblock",
        "sine",
        "tx-depth",
        "pyramid",
        "importance",
        "temporal",
        "refs",
    ];
}
