//! Lazy, parallel arrays and dataframes in bounded memory.
//!
//! Work is described as a graph and computed on request. Everything asked of one data set in one
//! [`compute`] is answered by one pass over it, with the same bits at any number of threads.
//!
//! | layer | module | what you write |
//! |---|---|---|
//! | delayed | [`core`] | plain functions, wired into a task graph |
//! | chunked arrays | `array` | n-dimensional arrays larger than memory |
//! | partitioned dataframes | `frame` | many files as one table |
//! | between the two | `convert` | a column as an array, and back |
//! | see it | `diagnostics` | progress, traces, reports, a live dashboard |
//!
//! Array, frame and what is between them are there with the features `array` and `frame`, which are on unless
//! switched off; `diagnostics` with the features
//! `diagnostics`, `progress` and `dashboard`, which are off unless switched on.
//! [ndarray](mod@ndarray) and [polars](mod@polars), which their values are made of, are here under their own names,
//! in the versions that fit.
//!
//! ```
//! use lazuli::prelude::*;
//!
//! #[delayed]
//! fn square(x: i64) -> i64 {
//!     x * x
//! }
//!
//! let base = square(4);
//! assert_eq!(compute((4 + &base) * 5)?, 100);
//! # Ok::<(), lazuli::Error>(())
//! ```

#![forbid(unsafe_code)]

#[cfg(all(feature = "array", feature = "frame"))]
pub mod convert;
pub mod prelude;

#[cfg(feature = "array")]
pub use lazuli_array as array;
#[cfg(feature = "array")]
#[doc(no_inline)]
pub use lazuli_array::ndarray;
pub use lazuli_core as core;
pub use lazuli_core::{Error, ErrorKind, Result, compute, compute_async, persist, start};
#[cfg(feature = "diagnostics")]
pub use lazuli_diagnostics as diagnostics;
#[cfg(feature = "frame")]
pub use lazuli_frame as frame;
#[cfg(feature = "frame")]
#[doc(no_inline)]
pub use lazuli_frame::polars;
