//! Every adaptive context of the syntax, by name (SPEC.md, "Contexts").
//!
//! The models of one frame are one array, so that they can be copied, stored and trained as a whole;
//! a [`Group`] is a run of models in it that share a meaning and an alphabet.

use crate::api::Error;
use crate::codebook::{BOOKS, CodebookSet, KINDS, frame_class};
use crate::entropy::Model;
use std::ops::{Index, IndexMut};
use std::sync::{Arc, LazyLock};

/// A run of models with the same alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub start: usize,
    pub len: usize,
    pub symbols: usize,
}

impl Group {
    /// Position of model `i` of this group.
    #[inline]
    pub fn at(self, i: usize) -> usize {
        debug_assert!(i < self.len);
        self.start + i
    }
}

macro_rules! layout {
    ($($(#[$doc:meta])* $name:ident: [$len:expr; $symbols:expr],)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Id { $($name),* }
        const SPECS: &[(usize, usize)] = &[$(($len, $symbols)),*];
        /// All groups with their names, in order.
        pub const GROUPS: &[(&str, Group)] = &[$((stringify!($name), $name)),*];
        $($(#[$doc])* pub const $name: Group = group(Id::$name as usize);)*
    };
}

const fn group(id: usize) -> Group {
    let (mut i, mut start) = (0, 0);
    while i < id {
        start += SPECS[i].0;
        i += 1;
    }
    Group { start, len: SPECS[id].0, symbols: SPECS[id].1 }
}

/// Transform size classes 4, 8, 16, 32 (geometric mean of the sides, rounded down).
pub const TX_CLASSES: usize = 4;
/// Position classes of a vector: four rings of frequency around DC, and the start of the last group.
pub const POSITIONS: usize = 6;

layout! {
    /// Partition of a 64, 32 or 16 block; by size and by how far the neighbours are split.
    PARTITION: [3 * 4; 4],
    /// Partition where the picture's edge leaves a choice of two; by size.
    PARTITION_EDGE: [3; 2],
    /// Merge without residual; by the neighbours' flags.
    SKIP: [3; 2],
    /// Inter or intra block in an inter frame; by the neighbours.
    INTER: [3; 2],
    MERGE: [3; 2],
    MERGE_INDEX: [1; 6],
    /// Reference(s) with two, three, four reference frames; by the neighbours' use.
    REFS2: [16; 3],
    REFS3: [16; 6],
    REFS4: [16; 10],
    /// Which motion vector predictor.
    PREDICTOR: [1; 2],
    /// Which of two predictions counts for more; by the neighbours.
    BALANCE: [3; 3],
    /// Whether vectors have 1/8 sample precision; one or two.
    EIGHTH: [2; 2],
    /// Which components of a motion vector difference are not zero.
    MVD_JOINT: [3; 4],
    /// Magnitude class of a component; by component.
    MVD_CLASS: [2; 12],
    /// Highest remainder bits of a component; by component and class.
    MVD_HIGH: [2 * 12; 4],
    /// A block's own residual flag after a non-merge inter mode.
    RESIDUAL: [3; 2],
    /// Position of a quantiser change, and its magnitude.
    QUANT_DELTA: [2; 8],
    /// Four luma modes in an 8x8 intra block.
    SPLIT4: [1; 2],
    /// Luma mode: one of the likely ones or another; by the neighbours.
    INTRA_LIKELY: [3; 4],
    /// The other modes in buckets of four and their remainder.
    INTRA_BUCKET: [1; 9],
    INTRA_REST: [9; 4],
    /// Chroma mode; by luma mode class.
    CHROMA_MODE: [4; 6],
    /// Chroma-from-luma slopes; by plane.
    CFL_ALPHA: [2; 16],
    /// How often the transform is split; by block size, intra or inter.
    TX_DEPTH: [2 * 5; 3],
    /// Transform type; by intra mode class and size.
    TX_TYPE: [5 * 3; 4],
    /// Residual present in a transform block; by plane, depth, size.
    CODED: [2 * 2 * 4 + 6; 2],
    /// Bucket of the last group; by kind and transform area.
    LAST_BUCKET: [KINDS * 7; 8],
    LAST_HIGH: [KINDS * 8; 2],
    /// Position of the last coefficient in its group (scalar control only).
    LAST_IN_GROUP: [KINDS * TX_CLASSES; 8],
    /// First part of a codeword index; by book and position.
    INDEX: [BOOKS * POSITIONS; 16],
    /// Second parts; by book.
    INDEX_A: [BOOKS; 16],
    INDEX_B: [BOOKS; 4],
    INDEX_C: [BOOKS; 16],
    /// Magnitudes after an escape; by kind.
    ESCAPE: [KINDS; 16],
    /// Dering strength of a superblock.
    CDEF: [1; 8],
    /// Adaptive loop filter flag of a superblock; by plane.
    ALF: [3; 2],
    /// Luma palette; by the neighbours and size.
    PALETTE: [3 * 3; 2],
    /// Chroma palette; by whether luma has one.
    PALETTE_CHROMA: [2; 2],
    /// Colours of a palette less two; luma or chroma.
    PALETTE_SIZE: [2; 7],
    /// Whether a remembered colour is used again; luma or chroma.
    PALETTE_AGAIN: [2; 2],
    /// Rank of a sample's colour; luma or chroma, number of colours, neighbours.
    PALETTE_INDEX: [2 * 7 * super::palette::CONTEXTS; 8],
}

/// Number of models.
pub const MODELS: usize = {
    let (_, last) = GROUPS[GROUPS.len() - 1];
    last.start + last.len
};

/// Alphabet of each model, in order.
pub fn alphabets() -> impl Iterator<Item = usize> + Clone {
    GROUPS.iter().flat_map(|(_, g)| std::iter::repeat_n(g.symbols, g.len))
}

static BUILTIN: LazyLock<Arc<CodebookSet>> = LazyLock::new(|| {
    Arc::new(CodebookSet::read_builtin(alphabets()).expect("the built-in codebook is checked by a test"))
});

/// The built-in codebook set.
pub fn builtin_set() -> Arc<CodebookSet> {
    BUILTIN.clone()
}

impl CodebookSet {
    /// The built-in set, trained once for natural video and photographs.
    pub fn builtin() -> Arc<CodebookSet> {
        builtin_set()
    }

    /// Reads a codebook file.
    ///
    /// # Errors
    /// [`Error::Corrupt`] or [`Error::Unsupported`] for anything that [`CodebookSet::to_bytes`] did not write.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        CodebookSet::parse(bytes, alphabets())
    }
}

/// The adaptive models of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contexts {
    models: Vec<Model>,
}

impl Contexts {
    /// All symbols equally likely.
    pub fn uniform() -> Self {
        let models = GROUPS.iter().flat_map(|(_, g)| vec![Model::uniform(g.symbols); g.len]).collect();
        Contexts { models }
    }

    /// What a frame of a set starts from.
    pub fn initial(set: &CodebookSet, key: bool, qi: u8) -> Self {
        match set.initial.get(frame_class(key, qi)) {
            Some(models) => Contexts { models: models.clone() },
            None => Self::uniform(),
        }
    }

    pub fn models(&self) -> &[Model] {
        &self.models
    }
}

impl Index<usize> for Contexts {
    type Output = Model;

    #[inline]
    fn index(&self, i: usize) -> &Model {
        &self.models[i]
    }
}

impl IndexMut<usize> for Contexts {
    #[inline]
    fn index_mut(&mut self, i: usize) -> &mut Model {
        &mut self.models[i]
    }
}
