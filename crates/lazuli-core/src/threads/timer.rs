//! The timer: what is to happen later, on one thread that starts when it is needed.
//!
//! It runs the delays between the attempts of a task, and deadlines. Jobs must be quick, and hold no run:
//! most hand something on to one that may be over by then.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use crate::base::error;
use crate::base::sync::{Condvar, Mutex, MutexGuard, global, now, start_thread};

type Job = Box<dyn FnOnce() + Send>;

const IDLE_LIFETIME: Duration = Duration::from_secs(10);

global!(static TIMER: Timer);

#[derive(Default)]
struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By time, then in the order in which they came.
    jobs: BTreeMap<(Instant, u64), Job>,
    next: u64,
    has_thread: bool,
}

/// A job that is to run; dropping this takes it back.
#[must_use]
pub(crate) struct Pending((Instant, u64));

impl Pending {
    /// Lets the job run whatever happens.
    pub(crate) fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let job = TIMER.state.lock().jobs.remove(&self.0);
        // What the job holds is dropped when the lock is free again.
        drop(job);
    }
}

/// Runs the job at that time, unless what is returned is dropped before.
///
/// # Errors
/// When the timer's thread cannot be started: then the job will not run.
pub(crate) fn at(time: Instant, job: impl FnOnce() + Send + 'static) -> io::Result<Pending> {
    let mut state = TIMER.state.lock();
    if !state.has_thread {
        start_thread("lazuli-timer", || TIMER.work())?;
        state.has_thread = true;
    }
    let key = (time, state.next);
    state.next += 1;
    state.jobs.insert(key, Box::new(job));
    drop(state);
    TIMER.changed.notify_one();
    Ok(Pending(key))
}

/// For models: the thread ends that has nothing to do, now or later.
#[cfg(all(loom, test))]
pub(crate) fn expire_idle() {
    TIMER.changed.expire(&TIMER.state);
}

/// For models: no job is left, and no thread.
#[cfg(all(loom, test))]
pub(crate) fn assert_at_rest() {
    let state = TIMER.state.lock();
    assert!(state.jobs.is_empty(), "a job is left");
    assert!(!state.has_thread, "the thread is there");
}

impl Timer {
    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            let now = now();
            let first = state.jobs.first_key_value().map(|(&(time, _), _)| time);
            if first.is_some_and(|time| time <= now) {
                state = self.run_first(state);
                continue;
            }
            let nap = first.map_or(IDLE_LIFETIME, |time| time - now);
            let (guard, timed_out) = self.changed.wait_for(state, nap);
            state = guard;
            if timed_out && state.jobs.is_empty() {
                state.has_thread = false;
                return;
            }
        }
    }

    fn run_first<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let first = state.jobs.pop_first();
        drop(state);
        if let Some((_, job)) = first {
            // What a job holds is dropped with it, and may panic.
            let _ = error::caught(job);
        }
        self.state.lock()
    }
}
