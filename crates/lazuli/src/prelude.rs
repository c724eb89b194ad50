//! What most programs use: `use lazuli::prelude::*;`.
//!
//! Functions whose names others use as well (`sum`, `max`, ..) are in [`core`](crate::core), so that the prelude of
//! polars may stand beside this one.

#[cfg(feature = "zarr")]
pub use lazuli_array::open_zarr;
#[cfg(feature = "array")]
pub use lazuli_array::{ChunkedArray, concatenate, open_npy, stack};
pub use lazuli_core::{
    CancelToken, Collection, Compute, ComputeMoved, Delayed, Error, Executor, Lane, Reduction,
    Retry, Visualize, as_completed, checkpoint, compute, compute_async, delayed, persist, sequence,
    start, task, tree_reduce, try_delayed, visualize, wait_on,
};
#[cfg(feature = "frame")]
#[doc(no_inline)]
pub use lazuli_frame::polars::prelude::{DataFrame, Expr, col, len, lit};
#[cfg(feature = "frame")]
pub use lazuli_frame::{
    CsvOptions, Frame, read_csv, scan, scan_csv, scan_csv_with, scan_ipc, scan_jsonl, scan_parquet,
    scan_with,
};
