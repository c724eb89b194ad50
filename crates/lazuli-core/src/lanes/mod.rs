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
    /// Futures take turns on one thread, so none should keep it for long: to compute inside one, await a
    /// [`compute_async`](crate::compute_async). One that blocks in a [`compute`](crate::compute()) does
    /// not hold up the others.
    #[cfg(feature = "async")]
    Async,
}

/// How many tasks the lanes beside the pool take at once.
pub(crate) fn most_at_once() -> usize {
    let most = blocking::limit();
    #[cfg(feature = "async")]
    let most = most.max(asynchronous::limit());
    most
}

/// Waits for something that other tasks may bring about: a thread of a lane lets them go on meanwhile.
pub(crate) fn while_waiting<R>(wait: impl FnOnce() -> R) -> R {
    #[cfg(feature = "async")]
    if asynchronous::drives_on_this_thread() {
        return asynchronous::while_waiting(wait);
    }
    blocking::while_waiting(wait)
}

/// Does work that may take long: a thread that drives futures hands the others on meanwhile.
pub(crate) fn while_working<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "async")]
    if asynchronous::drives_on_this_thread() {
        return asynchronous::while_waiting(work);
    }
    work()
}

#[cfg(feature = "async")]
pub use asynchronous::set_async_limit;
pub use blocking::set_blocking_limit;
