//! Tasks beside the pool: they wait, for a call, for a future, for another run, or for their next try.
//!
//! A blocking task counts as inside the run from when it begins, an async one from when its future is
//! made. One that waits for a thread, for another run or for its next try does not: nothing of it is under
//! way, and if the run is over by then its token is dropped.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::Run;
use crate::base::error;
use crate::base::lane::Lane;
use crate::run::state::Ready;
use crate::threads::{blocking, timer};

impl Run {
    pub(super) fn start_off_pool(self: &Arc<Self>, ready: Ready) {
        if self.is_over() {
            return;
        }
        let plan = self.state.plan();
        if let Some(awaited) = plan.awaited(ready.task()) {
            let run = Arc::downgrade(self);
            awaited.then(Box::new(move || {
                if let Some(run) = run.upgrade() {
                    run.enter_with(ready);
                }
            }));
            return;
        }
        match plan.label(ready.task()).lane() {
            #[cfg(feature = "async")]
            Lane::Async => self.start_async(ready),
            Lane::Blocking | Lane::Cpu => self.start_blocking(ready),
        }
    }

    /// Hands a task to the workers, from outside the run.
    fn enter_with(self: &Arc<Self>, ready: Ready) {
        if self.gate.enter() {
            self.inject(ready);
            self.leave();
        }
    }

    fn start_blocking(self: &Arc<Self>, ready: Ready) {
        let run = Arc::downgrade(self);
        blocking::spawn(Box::new(move || {
            let Some(run) = run.upgrade() else { return };
            if run.gate.enter() {
                if !run.is_over() {
                    run.guarded(|| {
                        run.current.scope(|| run.run_one(ready, |ready| run.inject(ready)));
                    });
                }
                run.leave();
            }
            // As on the pool: a run's last holder drops its values.
            error::discard(run);
        }));
    }

    /// The next try of a task that has failed.
    pub(super) fn start_later(self: &Arc<Self>, ready: Ready, delay: Duration) {
        if delay.is_zero() {
            self.start_again(ready);
            return;
        }
        let run = Arc::downgrade(self);
        // A delay beyond what the clock can tell never ends.
        let Some(time) = Instant::now().checked_add(delay) else { return };
        let task = ready.task();
        let again = timer::at(time, move || {
            if let Some(run) = run.upgrade() {
                // What makes a future is not the timer's to call.
                let pool = run.pool.clone();
                pool.spawn_in_turn(move || {
                    if run.gate.enter() {
                        run.guarded(|| run.start_again(ready));
                        run.leave();
                    }
                });
            }
        });
        // Taken back when the run is over.
        let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        error::discard(later.insert(task, again));
    }

    fn start_again(self: &Arc<Self>, ready: Ready) {
        if self.state.plan().is_cpu(ready.task()) {
            self.inject(ready);
        } else {
            self.start_off_pool(ready);
        }
    }
}

#[cfg(feature = "async")]
pub(super) use asynchronous::Futures;

#[cfg(feature = "async")]
mod asynchronous {
    //! Async tasks: their futures are driven by the embedded runtime, and dropped when the run ends.

    use std::sync::{Arc, Mutex, PoisonError};

    use tokio::task::AbortHandle;

    use super::Run;
    use crate::run::state::Ready;
    use crate::run::step::Failed;
    use crate::threads::asynchronous;

    /// The futures of a run, for when it ends before them.
    #[derive(Default)]
    pub(in crate::exec::threaded) struct Futures(Mutex<Vec<AbortHandle>>);

    impl Futures {
        fn keep(&self, future: AbortHandle) {
            let mut futures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Forgets those that are done each time as many have come as there were.
            if futures.len() == futures.capacity() {
                futures.retain(|future| !future.is_finished());
                let live = futures.len();
                futures.reserve(live.max(4));
            }
            futures.push(future);
        }

        pub(in crate::exec::threaded) fn abort(&self) {
            let futures =
                std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            futures.iter().for_each(AbortHandle::abort);
        }
    }

    /// Leaves the run when the future is done or dropped.
    struct Inside(Arc<Run>);

    impl Drop for Inside {
        fn drop(&mut self) {
            self.0.leave();
        }
    }

    impl Run {
        pub(super) fn start_async(self: &Arc<Self>, ready: Ready) {
            let task = ready.task();
            let begun = self.current.scope(|| self.runner().begin(ready));
            let (begun, future) = match begun {
                Ok(begun) => begun,
                Err(ended) => return self.ended(ended, |ready| self.inject(ready)),
            };
            let (future, place) = self.current.drive(future);
            self.gate.enter_from_inside();
            let inside = Inside(Arc::clone(self));
            let driven = async move {
                let result = asynchronous::caught(future).await;
                let run = &inside.0;
                if !run.is_over() {
                    let ended = run.runner().settle(begun, result);
                    run.ended(ended, |ready| run.inject(ready));
                }
            };
            match asynchronous::spawn(driven, place) {
                Ok(future) => {
                    self.futures.keep(future);
                    if self.is_over() {
                        self.futures.abort();
                    }
                }
                Err(error) => self.end(|outcome| outcome.failures.push(Failed { task, error })),
            }
        }
    }
}
