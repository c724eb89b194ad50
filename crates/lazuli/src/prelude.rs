//! What most programs use: `use lazuli::prelude::*;`.

pub use lazuli_array::{ChunkedArray, open_npy};
pub use lazuli_core::{
    Collection, Delayed, Executor, Reduction, compute, delayed, product, sequence, sum, task,
    tree_reduce,
};
#[doc(no_inline)]
pub use lazuli_frame::polars::prelude::{DataFrame, Expr, col, len, lit};
pub use lazuli_frame::{CsvOptions, Frame, scan_csv, scan_csv_with};
