//! Computing on the current executor.

use crate::api::computing::Computing;
use crate::api::executor::Executor;
use crate::api::running::Running;
use crate::base::error::Result;
use crate::describe::collection::{Collection, Rewire};

/// Computes everything the collection holds, together, on the current executor: the one that runs the
/// calling task, or else the shared pool. What several outputs need runs once.
///
/// O(tasks below the outputs), plus the tasks themselves.
///
/// A task may compute. While it waits, its thread may run other tasks on top of it, so it must not hold a
/// lock that another task takes.
///
/// ```
/// use lazuli_core::{Delayed, compute};
///
/// let parts = vec![Delayed::value(1), Delayed::value(2)];
/// let (all, total) = compute((&parts, lazuli_core::sum(parts.clone())))?;
/// assert_eq!((all, total), (vec![1, 2], 3));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// The first failure in plan order, with the number of others. After a failure no further task starts,
/// and the call returns when those that run have ended.
pub fn compute<C: Collection>(collection: C) -> Result<C::Output> {
    Executor::current().compute(collection)
}

/// Computes everything the collection holds, together, and keeps it: the same collection, of values
/// that are there. What depends on them does not run them again.
///
/// ```
/// use lazuli_core::{Delayed, compute, persist};
///
/// let base = Delayed::value(20_i64).map_named("double", |x| 2 * x);
/// let (low, high) = persist((&base - 1, &base + 1))?;
/// assert_eq!(compute(low + high)?, 80); // one task: the sum
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// See [`compute`](compute()).
pub fn persist<C: Rewire>(collection: C) -> Result<C::Rewired> {
    Executor::current().persist(collection)
}

/// Starts to compute everything the collection holds, together, in the background.
///
/// ```
/// use lazuli_core::{Delayed, compute, start};
///
/// let running = start(Delayed::value(20_i64).map_named("double", |x| 2 * x));
/// let more = running.handles() + 2; // does not run `double` again
/// assert_eq!(running.wait()?, 40);
/// assert_eq!(compute(more)?, 42);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub fn start<C: Collection>(collection: C) -> Running<C> {
    Executor::current().start(collection)
}

/// Starts to compute everything the collection holds, together, in the background: a future of the
/// results, on any runtime. It blocks no thread of the runtime; dropping it cancels the compute, whose
/// running tasks end by themselves.
///
/// A task of the CPU lane must not block on this future with a runtime of its own: it would keep the thread
/// that the compute may need. It can [`compute`](compute()), which lends its thread.
///
/// ```
/// use lazuli_core::{Delayed, compute_async};
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
/// # }
/// let answer = Delayed::value(6_i64) * 7;
/// let service = async { compute_async(&answer).await };
/// assert_eq!(block_on(service)?, 42);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// The future yields those of [`compute`](compute()).
pub fn compute_async<C: Collection>(collection: C) -> Computing<C> {
    Computing::new(start(collection))
}
