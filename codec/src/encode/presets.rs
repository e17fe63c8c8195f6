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
    /// Searched vectors that get one.
    pub vector_trials: usize,
    /// Blocks are first estimated, and coded only where the estimate is below so many times the best.
    pub plan: Option<f32>,
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
    /// Fewer places are looked at in the search, and the first merge candidates only.
    pub quick_motion: bool,
    /// Steps of the integer search.
    pub search_steps: usize,
    /// Most frames from anchor to anchor.
    pub mini_gop: usize,
    /// Frames beyond the mini-GOP that tell how much its areas matter; 0: fixed quantisers by layer.
    pub lookahead: usize,
    /// Frames on either side with which pictures that many depend on are filtered in time.
    pub temporal: usize,
    /// Dering and restoration filters.
    pub cdef: bool,
    pub alf: bool,
    /// Both decided from half of the samples.
    pub fast_filters: bool,
    pub deblock: bool,
    /// The control: scalar quantisation.
    pub scalar: bool,
}

impl Settings {
    /// Those of a preset, without the tools that are switched off.
    pub fn for_config(config: &Config) -> Self {
        let mut settings = Settings::of(config.preset);
        settings.knobs();
        settings.without(&config.control.without);
        settings
    }

    pub fn of(preset: Preset) -> Self {
        let slow = Settings {
            refs: 4,
            merge_trials: 3,
            intra_trials: 3,
            vector_trials: 2,
            plan: None,
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
            temporal: 4,
            cdef: true,
            alf: true,
            fast_filters: false,
            deblock: true,
            scalar: false,
        };
        match preset {
            Preset::Veryslow => Settings {
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
                refs: 3,
                pair_trials: 1,
                merge_trials: 2,
                intra_trials: 2,
                halves: false,
                inter_depth: 1,
                type_trials: 2,
                temporal: 2,
                ..slow
            },
            // Vectors are searched for all squares, so what is dear in that is left out.
            Preset::Fast => Settings {
                plan: Some(1.0),
                refs: 2,
                eighths: false,
                all_pairs: false,
                balance: false,
                ..Settings::of(Preset::Medium)
            },
            Preset::Ultrafast => Settings {
                refs: 2,
                all_pairs: false,
                merge_trials: 1,
                intra_trials: 1,
                vector_trials: 1,
                plan: Some(1.0),
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
                fast_filters: true,
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

    fn knobs(&mut self) {
        if let Some(p) = knob("p") { self.plan = (p > 0.0).then_some(p); }
        if let Some(p) = knob("mt") { self.merge_trials = p as usize; }
        if let Some(p) = knob("vt") { self.vector_trials = p as usize; }
        if let Some(p) = knob("it") { self.intra_trials = p as usize; }
        if let Some(p) = knob("id") { self.inter_depth = p as usize; }
        if let Some(p) = knob("refs") { self.refs = p as usize; }
        if let Some(p) = knob("bal") { self.balance = p > 0.0; }
        if let Some(p) = knob("ei") { self.eighths = p > 0.0; }
        if let Some(p) = knob("ap") { self.all_pairs = p > 0.0; }
        if let Some(p) = knob("pal") { self.palette = p > 0.0; }
        if let Some(p) = knob("ss") { self.search_steps = p as usize; }
        if let Some(p) = knob("tt") { self.type_trials = p as usize; }
        if let Some(p) = knob("hv") { self.halves = p > 0.0; }
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

pub fn knob(name: &str) -> Option<f32> {
    let me = std::env::args().next()?;
    let list = me.split_once('@')?.1.to_string();
    list.split(',').find_map(|k| k.split_once('=').filter(|k| k.0 == name).and_then(|k| k.1.parse().ok()))
}
