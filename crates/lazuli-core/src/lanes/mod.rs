//! Where a task runs: on the shared CPU pool, or beside it.

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
pub(crate) mod blocking;
pub(crate) mod timer;

/// The lane of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lane {
    /// Computes: runs on the shared pool, one task a core.
    #[default]
    Cpu,
    /// Waits (sleep, network, disk): runs on a thread of its own beside the pool, and holds no core.
    Blocking,
    /// Awaits: runs on the embedded runtime (feature `async`), and holds no thread while it waits.
    ///
    /// All futures share one thread, so a future must not block it: to compute inside one, await a
    /// [`compute_async`](crate::compute_async).
    #[cfg(feature = "async")]
    Async,
}

#[cfg(feature = "async")]
pub use asynchronous::set_async_limit;
pub use blocking::set_blocking_limit;
