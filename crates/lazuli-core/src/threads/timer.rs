//! The timer: what is to happen later, on one thread that starts when it is needed.
//!
//! It runs the delays between the attempts of a task, and deadlines. Jobs must be quick; most hand
//! something on to a run that may be over by then.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::base::error;

type Job = Box<dyn FnOnce() + Send>;

const IDLE_LIFETIME: Duration = Duration::from_secs(10);

static TIMER: Timer = Timer {
    state: Mutex::new(State { jobs: BTreeMap::new(), next: 0, has_thread: false }),
    changed: Condvar::new(),
};

struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

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
        let job = TIMER.lock().jobs.remove(&self.0);
        // What the job holds is dropped when the lock is free again.
        drop(job);
    }
}

/// Runs the job at that time, unless what is returned is dropped before.
pub(crate) fn at(time: Instant, job: impl FnOnce() + Send + 'static) -> Pending {
    let mut state = TIMER.lock();
    let key = (time, state.next);
    state.next += 1;
    state.jobs.insert(key, Box::new(job));
    if !state.has_thread {
        let thread = std::thread::Builder::new().name("lazuli-timer".into());
        state.has_thread = thread.spawn(|| TIMER.work()).is_ok();
    }
    TIMER.changed.notify_one();
    Pending(key)
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a poisoned lock still guards a sound state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let first = state.jobs.first_key_value().map(|(&(time, _), _)| time);
            if first.is_some_and(|time| time <= now) {
                if let Some((_, job)) = state.jobs.pop_first() {
                    drop(state);
                    // What a job holds is dropped with it, and may panic.
                    let _ = error::caught(job);
                    state = self.lock();
                }
                continue;
            }
            let nap = first.map_or(IDLE_LIFETIME, |time| time - now);
            let waited = self.changed.wait_timeout(state, nap);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = guard;
            if timeout.timed_out() && state.jobs.is_empty() {
                state.has_thread = false;
                return;
            }
        }
    }
}
