//! What most programs use: `use lazuli::prelude::*;`.

pub use lazuli_array::{ChunkedArray, open_npy};
pub use lazuli_core::{
    CancelToken, Collection, Delayed, Executor, Reduction, checkpoint, compute, compute_async,
    delayed, persist, product, sequence, start, sum, task, tree_reduce, visualize, wait_on,
};
#[doc(no_inline)]
pub use lazuli_frame::polars::prelude::{DataFrame, Expr, col, len, lit};
pub use lazuli_frame::{
    CsvOptions, Frame, JoinType, read_csv, scan, scan_csv, scan_csv_with, scan_ipc, scan_jsonl,
    scan_parquet, scan_with,
};
