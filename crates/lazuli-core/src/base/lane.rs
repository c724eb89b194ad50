//! The lane of a task: what it does with a thread while it runs.

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
    /// Futures take turns on one thread, so none should keep it for long: to compute inside one, await a
    /// [`compute_async`](crate::compute_async). One that blocks in a [`compute`](crate::compute()) does
    /// not hold up the others.
    #[cfg(feature = "async")]
    Async,
}
