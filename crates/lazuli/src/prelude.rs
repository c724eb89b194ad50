//! What most programs use: `use lazuli::prelude::*;`.

#[cfg(feature = "zarr")]
pub use lazuli_array::open_zarr;
pub use lazuli_array::{ChunkedArray, concatenate, open_npy, stack};
pub use lazuli_core::{
    CancelToken, Collection, Delayed, Executor, Reduction, checkpoint, compute, compute_async,
    delayed, persist, product, sequence, start, sum, task, tree_reduce, visualize, wait_on,
};
#[doc(no_inline)]
pub use lazuli_frame::polars::prelude::{DataFrame, Expr, col, len, lit};
pub use lazuli_frame::{CsvOptions, Frame, scan_csv, scan_csv_with};
