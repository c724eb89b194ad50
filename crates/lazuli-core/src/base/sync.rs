//! Atomics, cells, locks, threads, and what belongs to a thread or the process: everything that threads meet
//! in, swapped for loom's when it checks the models.

#[cfg(loom)]
mod modelled;
#[cfg(not(loom))]
mod real;

use std::sync::PoisonError;
use std::time::Duration;

#[cfg(loom)]
use modelled as imp;
#[cfg(not(loom))]
use real as imp;

#[cfg(loom)]
pub(crate) use imp::{Local, STACK, grant_no_threads, join_started};
pub(crate) use imp::{MutexGuard, UnsafeCell, atomic, global, now, per_thread, start_thread};

/// A lock that a panic does not poison: what it guards is in order after every step under it.
#[derive(Default)]
pub(crate) struct Mutex<T>(imp::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where threads sleep that wait for a change under a [`Mutex`]. They may wake for no reason.
#[derive(Default)]
pub(crate) struct Condvar(imp::Condvar);

impl Condvar {
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits no longer than this; whether the time is up. In a model it is when the model says so.
    pub(crate) fn wait_for<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> (MutexGuard<'a, T>, bool) {
        let (guard, waited) =
            self.0.wait_timeout(guard, time).unwrap_or_else(PoisonError::into_inner);
        (guard, waited.timed_out())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    /// From now on whoever waits here with a time finds that it is up.
    #[cfg(loom)]
    pub(crate) fn expire<T>(&self, mutex: &Mutex<T>) {
        self.0.expire(mutex.lock());
    }
}
