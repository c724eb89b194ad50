//! The sync executor: the calling thread runs every task, whatever its lane, in plan order.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::base::cancel::{CancelToken, Reason, Stop};
use crate::base::error::{Error, Result};
#[cfg(feature = "async")]
use crate::base::lane::Lane;
use crate::exec::current::Current;
use crate::run::gate::Over;
use crate::run::observer::Observer;
use crate::run::progress::Counter;
use crate::run::state::{Initial, Ready, State};
use crate::run::step::{Attempts, Ended, TaskRunner};
use crate::threads;
#[cfg(feature = "async")]
use crate::threads::asynchronous;
use crate::threads::latch::Latch;

/// How often a thread that waits for another run looks whether it still should.
const GLANCE: Duration = Duration::from_millis(10);

/// Who the tokens of a run on this executor stop.
struct Stopper {
    over: Over,
    reason: Mutex<Option<Reason>>,
    stopped: Latch,
}

impl Stop for Stopper {
    fn stop(self: Arc<Self>, reason: Reason) {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
        self.over.set();
        self.stopped.open();
    }
}

pub(super) fn run(
    state: &State,
    initial: Initial,
    observer: Option<&dyn Observer>,
    counter: Option<&Counter>,
    current: &Arc<Current>,
    tokens: &[CancelToken],
) -> Result<Ready> {
    let stopper = Arc::new(Stopper {
        over: Over::new(),
        reason: Mutex::new(None),
        stopped: Latch::default(),
    });
    let weak = Arc::downgrade(&stopper);
    let stop: Weak<dyn Stop> = weak;
    tokens.iter().for_each(|token| token.watch(&stop));
    let attempts = Attempts::default();
    let runner = TaskRunner { state, observer, over: &stopper.over, attempts: &attempts, counter };
    let run = || {
        let mut ready: Vec<Option<Ready>> = Vec::new();
        ready.resize_with(state.plan().shape().len() + 1, || None);
        for token in initial.off_pool.into_iter().chain(std::iter::from_fn(|| state.next_leaf())) {
            keep(&mut ready, token);
        }
        for task in 0..state.plan().shape().len() {
            let mut token = ready[task].take().expect("inputs come before their dependents");
            let (started, value) = loop {
                if stopper.over.is_set() {
                    return Err(stopper.error());
                }
                wait_for_other_run(&runner, &token);
                match run_one(&runner, token, current) {
                    Ended::Done(started, value) => break (started, value),
                    Ended::Failed(failed) if !stopper.over.is_set() => return Err(failed.error),
                    Ended::Failed(failed) => {
                        let others = usize::from(!failed.error.is_stop());
                        return Err(stopper.error().with_others(others));
                    }
                    Ended::Again(again, delay) => {
                        token = again;
                        let begin = Instant::now();
                        while let Some(left) = delay.checked_sub(begin.elapsed())
                            && !left.is_zero()
                            && !stopper.stopped.wait_for(left)
                        {}
                    }
                }
            };
            state.finish(started, value, |token| keep(&mut ready, token));
        }
        // It may have been stopped during the last task, whose value is then not to be trusted.
        if stopper.over.is_set() {
            return Err(stopper.error());
        }
        Ok(ready.pop().flatten().expect("the answer waits for tasks of the plan only"))
    };
    threads::while_working(|| current.scope(run))
}

/// Waits for what another run brings, where the task is that.
fn wait_for_other_run(runner: &TaskRunner<'_>, ready: &Ready) {
    if let Some(pending) = runner.state.plan().awaited(ready.task()) {
        while pending.outcome().is_none() && !runner.over.is_set() {
            pending.wait_for(GLANCE);
        }
    }
}

#[cfg(not(feature = "async"))]
fn run_one(runner: &TaskRunner<'_>, ready: Ready, _: &Current) -> Ended {
    runner.run(ready)
}

/// Runs one task; the thread waits for the future of one on the async lane.
#[cfg(feature = "async")]
fn run_one(runner: &TaskRunner<'_>, ready: Ready, current: &Current) -> Ended {
    if runner.state.plan().label(ready.task()).lane() != Lane::Async {
        return runner.run(ready);
    }
    match runner.begin(ready) {
        Ok((begun, future)) => {
            let (future, place) = current.drive(future);
            let result = asynchronous::block_on(future, place, || runner.over.is_set());
            runner.settle(begun, result)
        }
        Err(ended) => ended,
    }
}

fn keep(ready: &mut [Option<Ready>], token: Ready) {
    let place = token.task().0 as usize;
    ready[place] = Some(token);
}

impl Stopper {
    fn error(&self) -> Error {
        let reason = *self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        Error::stopped(reason.unwrap_or(Reason::Cancelled))
    }
}
