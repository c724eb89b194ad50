//! The threaded executor: workers on a pool, waiting tasks beside it.
//!
//! `worker` runs a run's tasks on the pool, `off_pool` those that wait. The caller waits for the run, or is
//! told of its end when it does not. Who may touch a run, and for how long, is said in `exec::control`.

mod off_pool;
mod queues;
mod window;
mod worker;
pub(super) mod workers;

use std::collections::HashMap;
use std::sync::Arc;

use super::control::Control;
use super::job::Answered;
use super::scope::Scope;
use crate::base::cancel::Reason;
use crate::base::error::{self, Error, Result};
use crate::base::sync::{Mutex, MutexGuard};
use crate::plan::TaskId;
use crate::run::state::{Initial, Ready};
use crate::run::step::{Failed, TaskRunner};
use crate::threads::pool::Pool;
use crate::threads::timer::Pending;
use crate::threads::waiting;
use queues::Queues;
use window::Window;
use workers::Workers;

pub(crate) struct Run {
    runner: TaskRunner,
    pool: Pool,
    /// What computes inside the run's tasks belong to.
    scope: Arc<Scope>,
    workers: Workers,
    queues: Queues,
    window: Window,
    outcome: Mutex<Outcome>,
    /// Tasks that wait for their next try.
    retries: Mutex<HashMap<TaskId, Pending>>,
    #[cfg(feature = "async")]
    futures: off_pool::Futures,
}

#[derive(Default)]
struct Outcome {
    answer: Option<Ready>,
    failures: Vec<Failed>,
    stopped: Option<Reason>,
}

/// How many workers a run on the pool may have at once, with the caller.
pub(super) fn workers(pool: &Pool) -> usize {
    pool.num_threads() + 1
}

/// Runs it to its answer or its first failure, while the caller waits.
pub(super) fn run(run: Arc<Run>, initial: Initial) -> Result<Answered> {
    let control = run.begin(initial);
    control.leave();
    waiting::wait(&control);
    alone(run).into_result()
}

/// Has it run, and tells of its end.
pub(super) fn start(
    run: Arc<Run>,
    initial: Initial,
    on_end: impl FnOnce(Result<Answered>) + Send + 'static,
) {
    let owned = Arc::clone(&run);
    let control = run.begin(initial);
    drop(run);
    control.when_closed(Box::new(move || on_end(alone(owned).into_result())));
    control.leave();
}

/// The run, once nobody can enter it any more.
fn alone(run: Arc<Run>) -> Run {
    Arc::into_inner(run).unwrap_or_else(|| unreachable!("who is not its owner is inside"))
}

impl Run {
    /// A run whose control block the maker is inside of.
    pub(super) fn new(runner: TaskRunner, pool: Pool, scope: Arc<Scope>) -> Arc<Self> {
        Arc::new(Self {
            workers: Workers::at_most(pool.num_threads()),
            queues: Queues::new(workers(&pool)),
            runner,
            pool,
            scope,
            window: Window::default(),
            outcome: Mutex::default(),
            retries: Mutex::default(),
            #[cfg(feature = "async")]
            futures: off_pool::Futures::default(),
        })
    }

    fn control(&self) -> &Arc<Control> {
        &self.scope.control
    }

    /// Starts what waits for nothing.
    fn begin(self: &Arc<Self>, initial: Initial) -> Arc<Control> {
        let control = Arc::clone(self.control());
        control.control(self);
        let plan = self.runner.state.plan();
        // Those that wait for another run hold nothing up.
        let (awaited, leaves): (Vec<_>, Vec<_>) = initial
            .off_pool
            .into_iter()
            .partition(|ready: &Ready| plan.awaited(ready.task()).is_some());
        self.window.fill(leaves);
        if let Some(&reason) = control.stopped.get() {
            self.end(|outcome| outcome.stopped = Some(reason));
            return control;
        }
        for ready in awaited {
            self.start_off_pool(ready);
        }
        self.start_leaves_off_pool();
        for _ in 0..self.workers.limit().min(plan.shape().leaves.cpu.len()) {
            self.send_for_worker();
        }
        control
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock()
    }

    fn is_over(&self) -> bool {
        self.runner.is_over()
    }

    /// Ends the run: what is noted is what came of it. By one who is inside.
    fn end(&self, note: impl FnOnce(&mut Outcome)) {
        note(&mut self.outcome());
        self.runner.gate.over().set();
        #[cfg(feature = "async")]
        self.futures.abort();
    }

    /// Ends the run before its answer is there.
    pub(super) fn stop(&self) {
        let reason = self.control().stopped.get().copied();
        if !self.is_over() {
            self.end(|outcome| outcome.stopped = reason);
        }
    }

    /// Does work of the run, by one who is inside. What panics in it beyond any task ends the run.
    fn guarded<R: Default>(&self, work: impl FnOnce() -> R) -> R {
        error::caught(work).unwrap_or_else(|error| {
            let task = self.runner.state.plan().shape().answer();
            self.end(|outcome| outcome.failures.push(Failed::new(task, error)));
            R::default()
        })
    }

    /// What came of it. What is left of its values is dropped here.
    fn into_result(self) -> Result<Answered> {
        let Outcome { answer, mut failures, stopped } = self.outcome.into_inner();
        let state = self.runner.state;
        failures.sort_by_key(|failed| (failed.gave_up, failed.task));
        if let Some(reason) = stopped {
            // Computes inside tasks that were stopped along have not failed.
            let others = failures.iter().filter(|failed| !failed.error.is_stop()).count();
            failures.into_iter().for_each(error::discard);
            return Err(Error::stopped(reason).with_others(others));
        }
        let others = failures.len().saturating_sub(1);
        let mut failures = failures.into_iter();
        let first = failures.next();
        failures.for_each(error::discard);
        match (first, answer) {
            (Some(first), _) => Err(first.error.with_others(others)),
            (None, Some(ready)) => Ok(Answered { state, ready }),
            (None, None) => unreachable!("a run ends on an answer, a failure or a stop"),
        }
    }
}
