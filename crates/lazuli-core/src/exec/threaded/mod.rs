//! The threaded executor: workers on a rayon pool, waiting tasks beside it.
//!
//! A run is a state machine, a gate and an outcome. `worker` runs its tasks on the pool, `off_pool` those
//! that wait. The caller waits for the run, or is told of its end when it does not.
//!
//! Two protocols keep the run from hanging and from outliving its caller:
//! - *No lost work*: who adds a task looks at the number of workers afterwards; a worker that ends
//!   lowers the number first and then looks for tasks once more. Both are sequentially consistent, so
//!   one of the two sees the other.
//! - *The gate* counts who is inside the run ([`Gate`]). It can be closed only when nobody is and the
//!   run is over, and then nobody enters any more: a job that the pool starts later finds it closed.

mod off_pool;
mod queues;
mod window;
mod worker;
pub(super) mod workers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::cancel::{CancelToken, Reason, Stop};
use crate::base::error::{self, Error, Result};
use crate::exec::current::Current;
use crate::exec::promise::Promise;
use crate::plan::TaskId;
use crate::run::gate::Gate;
use crate::run::observer::Observer;
use crate::run::progress::Counter;
use crate::run::state::{Initial, Ready, State};
use crate::run::step::{Attempts, Failed, TaskRunner};
use crate::threads::latch::Latch;
use crate::threads::pool::Pool;
use crate::threads::timer::Pending;
use queues::Queues;
use window::Window;
use workers::Workers;

/// What is told of the end of a run that nobody waits for.
type OnEnd = Box<dyn FnOnce(Arc<State>, Result<Ready>) + Send>;

/// What a run needs that has no caller to keep it and to wait for it.
struct Background {
    _itself: Arc<Run>,
    on_end: OnEnd,
}

pub(super) struct Run {
    state: Arc<State>,
    pool: Pool,
    observer: Option<Arc<dyn Observer>>,
    counter: Option<Arc<Counter>>,
    attempts: Attempts,
    /// What computes inside the run's tasks run on, and are stopped by.
    current: Arc<Current>,
    workers: Workers,
    queues: Queues,
    gate: Gate,
    outcome: Mutex<Outcome>,
    closed: Latch,
    /// For a run that nobody waits for.
    background: Mutex<Option<Background>>,
    window: Window,
    /// Tasks that wait for their next try.
    later: Mutex<HashMap<TaskId, Pending>>,
    #[cfg(feature = "async")]
    futures: off_pool::Futures,
}

#[derive(Default)]
struct Outcome {
    answer: Option<Ready>,
    failures: Vec<Failed>,
    stopped: Option<Reason>,
}

/// A run in the making.
pub(super) struct Setup<'a> {
    pub(super) state: Arc<State>,
    pub(super) initial: Initial,
    pub(super) pool: Pool,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) counter: Option<Arc<Counter>>,
    pub(super) current: Arc<Current>,
    pub(super) tokens: &'a [CancelToken],
}

/// How many workers a run on the pool may have at once, with the caller.
pub(super) fn workers(pool: &Pool) -> usize {
    pool.current_num_threads() + 1
}

impl Setup<'_> {
    /// Runs the plan to its answer or its first failure.
    pub(super) fn run(self) -> Result<Ready> {
        let caller_works = self.pool.current_thread_index().is_some();
        let mut run = self.start(usize::from(caller_works));
        if caller_works {
            run.work_as_caller();
        }
        run.leave();
        run.closed.wait();
        let answer = run.result();
        // Whoever was inside lets go of the run within moments. Then what is left of its values is
        // dropped here, before the caller goes on, and not some time later on another thread.
        while let Err(still_shared) = Arc::try_unwrap(run) {
            run = still_shared;
            std::thread::yield_now();
        }
        answer
    }

    /// Has the plan run, and tells of its end.
    pub(super) fn run_in_background(self, on_end: OnEnd) {
        let run = self.start(0);
        *run.background() = Some(Background { _itself: Arc::clone(&run), on_end });
        run.leave();
    }

    /// Starts the run, with the caller inside, so that nobody closes the gate before.
    fn start(self, workers_there: usize) -> Arc<Run> {
        // Those that wait for another run hold nothing up.
        let is_awaited = |ready: &Ready| self.state.plan().awaited(ready.task()).is_some();
        let (awaited, leaves): (Vec<_>, Vec<_>) =
            self.initial.off_pool.into_iter().partition(is_awaited);
        let run = Arc::new(Run {
            window: Window::new(leaves),
            workers: Workers::at_most(self.pool.current_num_threads()),
            queues: Queues::new(workers(&self.pool)),
            state: self.state,
            pool: self.pool,
            observer: self.observer,
            counter: self.counter,
            attempts: Attempts::default(),
            current: self.current,
            gate: Gate::entered(),
            outcome: Mutex::default(),
            closed: Latch::default(),
            background: Mutex::default(),
            later: Mutex::default(),
            #[cfg(feature = "async")]
            futures: off_pool::Futures::default(),
        });
        let weak = Arc::downgrade(&run);
        // Set once, here.
        let _ = run.current.run.set(Weak::clone(&weak));
        let stop: Weak<dyn Stop> = weak;
        self.tokens.iter().for_each(|token| token.watch(&stop));
        for ready in awaited {
            run.offer(ready, |run, ready| run.start_off_pool(ready));
        }
        run.start_off_pool_leaves();
        for _ in workers_there..run.workers.limit().min(run.state.plan().shape().leaves.cpu.len()) {
            run.send_for_worker();
        }
        run
    }
}

impl Run {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn background(&self) -> MutexGuard<'_, Option<Background>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runner(&self) -> TaskRunner<'_> {
        TaskRunner {
            state: &self.state,
            observer: self.observer.as_deref(),
            over: self.gate.over(),
            attempts: &self.attempts,
            counter: self.counter.as_deref(),
        }
    }

    fn is_over(&self) -> bool {
        self.gate.over().is_set()
    }

    /// Ends the run: what is noted is what came of it. By one who is inside.
    fn end(&self, note: impl FnOnce(&mut Outcome)) {
        note(&mut self.outcome());
        self.gate.over().set();
        #[cfg(feature = "async")]
        self.futures.abort();
    }

    /// Does not end before this promise is kept.
    pub(super) fn outlast(self: Arc<Self>, promise: &Promise) {
        if self.gate.enter() {
            promise.then(Box::new(move || {
                self.leave();
                error::discard(self);
            }));
        }
    }

    /// Does work of the run, by one who is inside. What panics in it beyond any task ends the run.
    fn guarded(&self, work: impl FnOnce()) {
        if let Err(error) = error::caught(work) {
            let task = self.state.plan().shape().answer();
            self.end(|outcome| outcome.failures.push(Failed { task, error }));
        }
    }

    /// Leaves the gate; the one who closes it tells of the end.
    fn leave(&self) {
        if self.gate.leave() {
            self.close(self.background().take());
        }
    }

    fn close(&self, background: Option<Background>) {
        if let Some(Background { _itself, on_end }) = background {
            // An observer that panics, or a value that does when it is dropped, has no caller to
            // unwind to.
            let _ = error::caught(|| on_end(Arc::clone(&self.state), self.result()));
        }
        self.closed.open();
    }

    /// What came of the run, once the gate is closed.
    fn result(&self) -> Result<Ready> {
        let mut outcome = self.outcome();
        let mut failures = std::mem::take(&mut outcome.failures);
        failures.sort_by_key(|failed| failed.task);
        if let Some(reason) = outcome.stopped {
            // Computes inside tasks that were stopped along have not failed.
            let others = failures.iter().filter(|failed| !failed.error.is_stop()).count();
            failures.into_iter().for_each(error::discard);
            return Err(Error::stopped(reason).with_others(others));
        }
        let others = failures.len().saturating_sub(1);
        let mut failures = failures.into_iter();
        let first = failures.next();
        failures.for_each(error::discard);
        match (first, outcome.answer.take()) {
            (Some(first), _) => Err(first.error.with_others(others)),
            (None, Some(answer)) => Ok(answer),
            (None, None) => unreachable!("the gate closes on an answer, a failure or a stop"),
        }
    }
}

impl Stop for Run {
    /// Whoever stops a run (a timer, a caller of `cancel`) has no time for what is done at its end, nor for
    /// the destructors of its values: its pool does that.
    fn stop(self: Arc<Self>, reason: Reason) {
        let pool = self.pool.clone();
        if self.gate.enter() {
            if !self.is_over() {
                self.end(|outcome| outcome.stopped = Some(reason));
            }
            if self.gate.leave() {
                match self.background().take() {
                    None => self.close(None),
                    background => {
                        let run = Arc::clone(&self);
                        pool.spawn_in_turn(move || run.close(background));
                    }
                }
            }
        }
        if let Some(run) = Arc::into_inner(self) {
            pool.spawn_in_turn(move || drop(run));
        }
    }
}
