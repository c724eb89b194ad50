//! What the lanes beside the pool have in common.

#[cfg(feature = "async")]
use super::asynchronous;
use super::blocking;

/// How many tasks the lanes take at once.
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
