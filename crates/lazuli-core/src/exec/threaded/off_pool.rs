//! Tasks beside the pool: they wait, for a call, for a future, for another run, or for their next try.
//!
//! A blocking task counts as inside the run from when it begins, an async one from when its future is
//! made. One that waits for a thread, for another run or for its next try does not: nothing of it is under
//! way, and if the run is over by then its token is dropped.

use std::sync::Arc;
use std::time::Duration;

use super::Run;
use crate::base::error::{self, Error};
use crate::base::lane::Lane;
use crate::base::sync::now;
use crate::exec::promise::run_behind;
use crate::exec::waits::Wait;
use crate::graph::node::Pending;
use crate::plan::TaskId;
use crate::run::state::Ready;
use crate::run::step::Failed;
use crate::threads::{blocking, timer};

impl Run {
    pub(super) fn start_off_pool(&self, ready: Ready) {
        if self.is_over() {
            return;
        }
        let plan = self.runner.state.plan();
        if let Some(pending) = plan.awaited(ready.task()) {
            return self.start_awaited(ready, pending);
        }
        match plan.label(ready.task()).lane() {
            #[cfg(feature = "async")]
            Lane::Async => self.start_async(ready),
            Lane::Blocking | Lane::Cpu => self.start_blocking(ready),
        }
    }

    /// A task that hands on what another run brings.
    fn start_awaited(&self, ready: Ready, pending: &dyn Pending) {
        let control = Arc::clone(self.control());
        let wait = match Wait::new(&control, run_behind(pending)) {
            Ok(wait) => wait,
            Err(circle) => return self.fail(ready.task(), Error::deadlock(circle)),
        };
        pending.then(Box::new(move || {
            drop(wait);
            if let Some(run) = control.enter() {
                run.in_passing().inject(ready);
            }
        }));
    }

    fn start_blocking(&self, ready: Ready) {
        let control = Arc::clone(self.control());
        blocking::spawn(Box::new(move || {
            if let Some(run) = control.enter()
                && !run.is_over()
            {
                let work = || run.run_one(ready, |ready| run.inject(ready));
                run.guarded(|| run.scope.enter(work));
            }
        }));
    }

    /// The next try of a task that has failed.
    pub(super) fn start_later(&self, ready: Ready, delay: Duration) {
        if delay.is_zero() {
            return self.inject(ready);
        }
        let task = ready.task();
        let control = Arc::clone(self.control());
        // A delay beyond what the clock can tell never ends.
        let Some(time) = now().checked_add(delay) else { return };
        // Taken back when the run is over. The lock is held from before the timer knows of the try, so that
        // the entry of the try after it cannot be overwritten by this one's.
        let mut retries = self.retries.lock();
        let pending = timer::at(time, move || {
            if let Some(run) = control.enter() {
                run.in_passing().inject(ready);
            }
        });
        let before = match pending {
            Ok(pending) => retries.insert(task, pending),
            Err(error) => return self.fail(task, Error::setup(error)),
        };
        drop(retries);
        error::discard(before);
    }

    fn fail(&self, task: TaskId, error: Error) {
        self.end(|outcome| outcome.failures.push(Failed::new(task, error)));
    }
}

#[cfg(feature = "async")]
pub(super) use asynchronous::Futures;

#[cfg(feature = "async")]
mod asynchronous {
    //! Async tasks: their futures are driven by the embedded runtime, and dropped when the run ends.

    use tokio::task::AbortHandle;

    use super::Run;
    use crate::base::sync::Mutex;
    use crate::run::state::Ready;
    use crate::threads::asynchronous;

    /// The futures of a run, for when it ends before them.
    #[derive(Default)]
    pub(in crate::exec::threaded) struct Futures(Mutex<Vec<AbortHandle>>);

    impl Futures {
        fn keep(&self, future: AbortHandle) {
            let mut futures = self.0.lock();
            // Forgets those that are done each time as many have come as there were.
            if futures.len() == futures.capacity() {
                futures.retain(|future| !future.is_finished());
                let live = futures.len();
                futures.reserve(live.max(4));
            }
            futures.push(future);
        }

        pub(in crate::exec::threaded) fn abort(&self) {
            let futures = std::mem::take(&mut *self.0.lock());
            futures.iter().for_each(AbortHandle::abort);
        }
    }

    impl Run {
        pub(super) fn start_async(&self, ready: Ready) {
            let task = ready.task();
            let begun = self.scope.enter(|| self.runner.begin(ready));
            let (begun, future) = match begun {
                Ok(begun) => begun,
                Err(ended) => return self.ended(ended, |ready| self.inject(ready)),
            };
            // Its inputs are used, which may have made room.
            self.make_room();
            let (future, place) = self.scope.drive(future);
            let Some(inside) = self.control().enter() else {
                unreachable!("who starts a task is inside")
            };
            let inside = inside.in_passing();
            // Where this is dropped half-way, the future goes first.
            let driven = async move {
                let result = asynchronous::caught(future).await;
                if !inside.is_over() {
                    let ended = inside.runner.settle(begun, result);
                    inside.ended(ended, |ready| inside.inject(ready));
                }
            };
            match asynchronous::spawn(driven, place) {
                Ok(future) => {
                    self.futures.keep(future);
                    if self.is_over() {
                        self.futures.abort();
                    }
                }
                Err(error) => self.fail(task, error),
            }
        }
    }
}
