//! What most programs use: `use lazuli::prelude::*;`.
//!
//! Functions whose names others use as well (`sum`, `max`, ..) are in [`core`](crate::core), so that the prelude of
//! polars may stand beside this one.

pub use lazuli_array::{ChunkedArray, open_npy};
pub use lazuli_core::{
    CancelToken, Collection, ComputeMoved, Delayed, Error, Executor, Lane, Reduction, Retry,
    checkpoint, compute, compute_async, delayed, persist, sequence, start, task, tree_reduce,
    visualize, wait_on,
};
#[doc(no_inline)]
pub use lazuli_frame::polars::prelude::{DataFrame, Expr, col, len, lit};
pub use lazuli_frame::{CsvOptions, Frame, scan_csv, scan_csv_with};
