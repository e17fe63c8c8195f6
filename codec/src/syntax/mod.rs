//! Every syntax element of a frame, written once for encoder, decoder and bit counter.

mod block;
mod cells;
mod intra;
pub mod layout;
mod motion;
pub mod palette;
mod residual;
mod superblock;

pub use block::{
    Block, ChromaMode, FrameContext, Residuals, TxBlock, TxPlace, code_prediction, code_tx_depth,
    coded_context, for_each_tx, max_tx_depth, tx_places, tx_size, tx_type_context,
};
pub use cells::{Cell, CellGrid, MotionField, available};
pub use intra::{code_luma_mode, neighbour_modes};
pub use layout::Contexts;
pub use motion::{History, MERGE_CANDIDATES, merge_candidates, predictors};
pub use residual::{
    MAG_STRIDE, MAGS, TX_AREA, TxShape, context_mag, escape_cost, index_cost, index_model, kind_of,
    last_cost, position_class, reach, scan_of, split_index,
};
pub use superblock::{Partition, SUPERBLOCK, Superblock, allowed, code_partition, code_superblock, halves};
