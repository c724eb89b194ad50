//! Where a task runs: on the shared CPU pool, or beside it.

pub(crate) mod blocking;

/// The lane of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lane {
    /// Computes: runs on the shared pool, one task a core.
    #[default]
    Cpu,
    /// Waits (sleep, network, disk): runs on a thread of its own beside the pool, and holds no core.
    Blocking,
}

pub use blocking::set_blocking_limit;
