//! The sync executor: the calling thread runs every task, whatever its lane, in plan order.

use std::sync::Arc;
use std::time::Instant;

use crate::base::cancel::Reason;
use crate::base::error::{Error, Result};
#[cfg(feature = "async")]
use crate::base::lane::Lane;
use crate::exec::job::Answered;
use crate::exec::promise::run_behind;
use crate::exec::scope::Scope;
use crate::exec::waits::Wait;
use crate::run::state::{Initial, Ready};
use crate::run::step::{Ended, Failed, TaskRunner};
#[cfg(feature = "async")]
use crate::threads::asynchronous;
use crate::threads::{off_pool, waiting};

pub(super) fn run(runner: TaskRunner, initial: Initial, scope: &Arc<Scope>) -> Result<Answered> {
    let ready = off_pool::while_working(|| scope.enter(|| run_all(&runner, initial, scope)))?;
    Ok(Answered { state: runner.state, ready })
}

fn run_all(runner: &TaskRunner, initial: Initial, scope: &Scope) -> Result<Ready> {
    let state = &runner.state;
    let tasks = state.plan().shape().len();
    let mut ready: Vec<Option<Ready>> = Vec::new();
    ready.resize_with(tasks + 1, || None);
    for token in initial.off_pool.into_iter().chain(std::iter::from_fn(|| state.next_leaf())) {
        keep(&mut ready, token);
    }
    for task in state.plan().shape().tasks() {
        if state.plan().output_of(task).is_some() {
            continue;
        }
        let task = task.0 as usize;
        let mut token = ready[task].take().expect("inputs come before their dependents");
        let (started, value) = loop {
            if runner.is_over() {
                return Err(stopped(scope));
            }
            token = match runner.make_room(token) {
                Ok(token) => token,
                Err(_) if runner.is_over() => return Err(stopped(scope)),
                Err(failed) => return Err(failed.error),
            };
            match run_one(runner, token, scope) {
                Ended::Done(started, value) => break (started, value),
                Ended::Failed(failed) if !runner.is_over() => return Err(failed.error),
                Ended::Failed(failed) => {
                    let others = usize::from(!failed.error.is_stop());
                    return Err(stopped(scope).with_others(others));
                }
                Ended::Again(again, delay) => {
                    token = again;
                    // A delay beyond what the clock can tell ends with the run.
                    let time = Instant::now().checked_add(delay);
                    waiting::listen_until(&scope.control.latch, time, || runner.is_over());
                }
            }
        };
        state.finish(started, value, |token| keep(&mut ready, token));
    }
    // It may have been stopped during the last task, whose value is then not to be trusted.
    if runner.is_over() {
        return Err(stopped(scope));
    }
    Ok(ready.pop().flatten().expect("the answer waits for tasks of the plan only"))
}

/// Runs one task to its end, whatever it waits for.
fn run_one(runner: &TaskRunner, ready: Ready, scope: &Scope) -> Ended {
    let plan = runner.state.plan();
    let task = ready.task();
    if let Some(pending) = plan.awaited(task)
        && pending.outcome().is_none()
    {
        match Wait::new(&scope.control, run_behind(pending)) {
            Ok(_wait) => {
                let control = Arc::clone(&scope.control);
                pending.then(Box::new(move || control.latch.ring()));
                let done = || pending.outcome().is_some() || runner.is_over();
                waiting::listen_until(&scope.control.latch, None, done);
            }
            Err(circle) => {
                let error = Error::deadlock(circle);
                return Ended::Failed(Failed::new(task, error));
            }
        }
    }
    #[cfg(feature = "async")]
    if plan.label(task).lane() == Lane::Async {
        return match runner.begin(ready) {
            Ok((begun, future)) => {
                let (future, place) = scope.drive(future);
                let result = asynchronous::block_on(future, place, || runner.is_over());
                runner.settle(begun, result)
            }
            Err(ended) => ended,
        };
    }
    runner.run(ready)
}

fn keep(ready: &mut [Option<Ready>], token: Ready) {
    let place = token.task().0 as usize;
    ready[place] = Some(token);
}

fn stopped(scope: &Scope) -> Error {
    Error::stopped(scope.control.stopped.get().copied().unwrap_or(Reason::Cancelled))
}
