//! Chunked n-dimensional arrays larger than memory, over `ndarray`.
//!
//! The folders follow a request from handle to answer:
//!
//! | step | module | what happens |
//! |---|---|---|
//! | describe | `array`, `ops`, `views`, `expr` | a handle is a tree of elementwise operations and views over sources |
//! | ask | `reductions` | a statistic is a symbolic request: a `Delayed`, or along some axes an array |
//! | lower | `lower` | all requests of one compute that share data become one pass over its blocks |
//! | stage | `stage`, `blocks` | arrays whose blocks are the answers of requests, and functions of blocks |
//! | multiply | `linalg` | products of arrays, QR and singular values, block by block |
//! | load | `source`, `io` | a task loads one block of each source |
//! | evaluate | `tile` | the pass's expressions, tile by tile, without temporaries the size of a block |
//! | reduce | `kernels` | each tile updates the states that were asked for |
//! | gather, store | `sink` | blocks are written into the array that was asked for, or into a file or store |
//!
//! ```
//! use lazuli_array::ChunkedArray;
//! use lazuli_core::compute;
//! use ndarray::Array1;
//!
//! let x = ChunkedArray::from_array(Array1::linspace(0.0, 1.0, 10_001), [1_000]);
//! let y = &x * &x;
//! let (mean, sd, highest) = compute((x.mean(), x.std(0), y.max()))?; // one pass
//! assert!((mean - 0.5).abs() < 1e-12 && (sd - 0.288_7).abs() < 1e-4);
//! assert_eq!(highest, 1.0);
//! # Ok::<(), lazuli_core::Error>(())
//! ```

mod array;
mod blocks;
mod chunks;
mod create;
mod error;
mod expr;
pub mod io;
pub mod kernels;
mod linalg;
mod lower;
mod ops;
mod picture;
mod reductions;
mod sink;
mod source;
mod stage;
mod temporary;
mod tile;
mod views;

pub use array::{ChunkedArray, Element};
pub use blocks::{BlockInfo, Boundary};
pub use chunks::{AxisSizes, Chunks, IntoChunks};
pub use create::{Random, concatenate, stack};
pub use error::ArrayError;
pub use io::npy::{open_npy, open_npy_any};
#[cfg(feature = "zarr")]
pub use io::zarr::{list_zarr, open_zarr, open_zarr_any};
pub use io::{AnyArray, StoredElement};
pub use kernels::{CastFrom, Float, LinalgScalar, Scalar, SortKey};
pub use linalg::{DotDimension, Svd};
pub use ops::{IntoOperand, Operand};
pub use reductions::{
    Along, ApproxQuantiles, Bins, GroupBy, Histogram, Histogram2d, IntoAxes, Labels, Number,
    QuantileMethod, Stats, Unique,
};
pub use sink::{NpyFile, Sink};
#[cfg(feature = "zarr")]
pub use sink::{ZarrArray, ZarrCodec};
pub use views::{PadMode, Span};
#[doc(no_inline)]
pub use {half, ndarray, num_complex};
