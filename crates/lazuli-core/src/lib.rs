//! The delayed core: describe work lazily as a graph of typed tasks, compute it on request.
//!
//! The folders follow one `compute()` from handle to answer:
//!
//! | step | module | what happens |
//! |---|---|---|
//! | describe | [`mod@delayed`], [`mod@task`], [`layer`] | handles build a graph of nodes; nothing runs |
//! | request | [`collection`] | the handles asked for together name their nodes |
//! | plan | [`plan`] | layers are lowered together, the graph is frozen in an order that holds few results at once |
//! | execute | [`executor`], [`pool`], [`lanes`] | ready tasks run; values are dropped at their last use |
//! | observe | [`observer`], [`mod@visualize`] | progress, traces and tests watch typed events; pictures of a plan |
//!
//! The core names no array and no table. A collection (chunked arrays, partitioned frames, or one of
//! your own) enters through two public traits: [`Layer`], a symbolic request that is lowered together
//! with every other request of one compute, and [`Reduction`], a mergeable state.
//!
//! ```
//! use lazuli_core::{Delayed, compute};
//!
//! let base = Delayed::value(4_i64).map("square", |x| x * x);
//! let (low, high) = compute((&base - 5, (4 + &base) * 5))?; // `base` runs once
//! assert_eq!((low, high), (11, 100));
//! # Ok::<(), lazuli_core::Error>(())
//! ```

pub mod collection;
pub mod delayed;
pub mod error;
pub mod executor;
pub mod lanes;
pub mod layer;
pub mod observer;
mod pages;
pub mod plan;
pub mod pool;
pub mod reduce;
pub mod task;
pub mod visualize;

mod cancel;
mod latch;
mod node;
mod promise;
mod sync;
mod value;

pub use cancel::CancelToken;
pub use collection::{Collection, Rewire};
pub use delayed::{Delayed, checkpoint, product, sequence, sum, wait_on};
pub use error::{Error, ErrorKind, Result};
pub use executor::{
    Computing, Executor, Progress, Running, compute, compute_async, persist, start,
};
pub use lanes::Lane;
pub use layer::Layer;
pub use lazuli_macros::delayed;
pub use node::AnyDelayed;
pub use observer::{Event, Observer};
pub use reduce::{Reduction, TryReduction, tree_reduce};
pub use task::{Retry, task};
pub use visualize::visualize;
