//! The delayed core: describe work lazily as a graph of typed tasks, compute it on request.
//!
//! Each folder is a level, and imports point to lower levels only (`tests/levels.rs` checks it). From the
//! bottom, they follow one `compute()` from handle to answer:
//!
//! | level | what is there |
//! |---|---|
//! | `base` | errors, values, lanes, cancel tokens: plain data |
//! | `threads` | the shared [`pool`], the [`lanes`] beside it, a timer, how threads wait |
//! | `graph` | nodes and their handles, [`layer`]s, what a running task sees |
//! | `describe` | [`mod@task`]s and how handles are combined; a [`collection`] names its nodes |
//! | [`plan`] | layers are lowered together, the graph is frozen in an order that holds few results at once |
//! | `run` | the state machine of a run, one task from token to value; [`observer`]s watch typed events |
//! | `exec` | ready tasks run, on threads or on the caller's; values are dropped at their last use |
//! | `api` | [`Executor`], [`compute`](compute()) and its kin |
//! | [`reduce`], [`mod@visualize`] | on top: mergeable states in one pass; pictures of a plan |
//!
//! The core names no array and no table. A collection (chunked arrays, partitioned frames, or one of
//! your own) enters through two public traits: [`Layer`], a symbolic request that is lowered together
//! with every other request of one compute, and [`Reduction`], a mergeable state.
//!
//! ```
//! use lazuli_core::{Delayed, compute};
//!
//! let base = Delayed::value(4_i64).map(|x| x * x);
//! let (low, high) = compute((&base - 5, (4 + &base) * 5))?; // `base` runs once
//! assert_eq!((low, high), (11, 100));
//! # Ok::<(), lazuli_core::Error>(())
//! ```

pub mod plan;
pub mod reduce;
pub mod visualize;

mod api;
mod base;
mod describe;
mod exec;
mod graph;
mod run;
mod threads;

pub use api::completed::{AsCompleted, as_completed};
pub use api::compute::{compute, compute_async, persist, start};
pub use api::computing::Computing;
pub use api::executor::Executor;
pub use api::methods::Compute;
pub use api::moved::ComputeMoved;
pub use api::profile::{Profile, ProfileRow};
pub use api::running::Running;
pub use base::cancel::CancelToken;
pub use base::error::{self, Error, ErrorKind, Result};
pub use base::lane::Lane;
pub use base::portable::Portable;
pub use describe::collection::{self, Collection, Rewire};
pub use describe::combine::{IntoDelayed, all, any, count, max, mean, min, product, sequence, sum};
pub use describe::numbers::{Float, Integer, Number, Signed};
pub use describe::order::{checkpoint, wait_on};
pub use describe::task::{self, Retry, delayed, task, try_delayed};
pub use graph::layer::{self, Answer, Layer, Lowering};
pub use graph::{AnyDelayed, Delayed, Parted};
pub use lazuli_macros::delayed;
pub use reduce::{Reduction, TryReduction, tree_reduce};
pub use run::observer::{self, Event, Observer};
pub use run::observers::Observers;
pub use run::progress::Progress;
pub use threads::pool;
pub use visualize::{Visualize, visualize};

/// What a running task sees of its executor.
pub mod executor {
    pub use crate::graph::TaskContext;
}

/// Plans that leave the process, piece by piece, and types that are written by `serde`.
#[cfg(feature = "portable")]
pub mod portable {
    pub use crate::api::cut::Cut;
    pub use crate::api::packet::PortableError;
    pub use crate::base::by_serde::{read_by_serde, write_by_serde};
    pub use crate::plan::cut::CutNode;
}

/// Where a task runs: on the shared CPU pool, or beside it.
pub mod lanes {
    pub use crate::base::lane::Lane;
    #[cfg(feature = "async")]
    pub use crate::threads::asynchronous::set_async_limit;
    pub use crate::threads::blocking::set_blocking_limit;
}
