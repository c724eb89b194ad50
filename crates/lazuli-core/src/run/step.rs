//! One task of a run, from its token to its value or its error.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::cancel::Reason;
use crate::base::error::{self, Error, ErrorKind};
use crate::base::failure::Failure;
use crate::base::sync::Mutex;
use crate::base::value::Value;
use crate::graph::{Label, Role, TaskContext};
use crate::plan::TaskId;
use crate::run::active::ActiveTask;
use crate::run::environment::Environment;
use crate::run::gate::Gate;
use crate::run::observer::{Event, Span, TaskInfo};
use crate::run::state::{Ready, Started, State};
#[cfg(feature = "async")]
use crate::threads::asynchronous::TaskFuture;

/// A task that failed.
pub(crate) struct Failed {
    pub(crate) task: TaskId,
    pub(crate) error: Error,
    /// It heard that the run is over, and returned early: that is not what has ended the run.
    pub(crate) gave_up: bool,
}

impl Failed {
    pub(crate) fn new(task: TaskId, error: Error) -> Self {
        Self { task, error, gave_up: false }
    }
}

/// How a task ended.
pub(crate) enum Ended {
    /// With a value, which goes back into the state with [`State::finish`].
    Done(Started, Value),
    /// It runs again after a delay.
    Again(Ready, Duration),
    Failed(Failed),
}

/// Runs the tasks of one run: its state, and what is around them.
pub(crate) struct TaskRunner {
    pub(crate) state: State,
    pub(crate) environment: Environment,
    pub(crate) gate: Arc<Gate>,
    attempts: Attempts,
}

/// How often tasks that may run again have failed.
#[derive(Default)]
struct Attempts(Mutex<HashMap<TaskId, u32>>);

impl Attempts {
    /// The delay before the next attempt, if there is one left.
    fn next(&self, task: TaskId, label: &Label) -> Option<Duration> {
        let retry = label.retry()?;
        let mut attempts = self.0.lock();
        let failed = attempts.entry(task).or_default();
        *failed += 1;
        (*failed <= retry.times).then_some(retry.delay)
    }
}

impl TaskRunner {
    pub(crate) fn new(state: State, environment: Environment, gate: Arc<Gate>) -> Self {
        Self { state, environment, gate, attempts: Attempts::default() }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.gate.over().is_set()
    }

    fn tell<'e>(&self, event: impl FnOnce() -> Event<'e>) -> Result<(), Failure> {
        self.environment.tell(event).map_err(Failure::Nested)
    }

    fn tell_closely<'e>(&self, event: impl FnOnce() -> Event<'e>) -> Result<(), Failure> {
        self.environment.tell_closely(event).map_err(Failure::Nested)
    }

    fn now(&self) -> Option<Instant> {
        self.environment.closely.then(Instant::now)
    }

    pub(crate) fn label(&self, task: TaskId) -> &Label {
        self.state.plan().label(task)
    }

    pub(crate) fn info(&self, task: TaskId) -> TaskInfo<'_> {
        TaskInfo::new(task.0 as usize, self.label(task))
    }

    /// Lends the task its inputs.
    fn open(&self, ready: Ready) -> ActiveTask<'_> {
        let task = ready.task();
        let mut active = self.state.start(ready);
        active.introduce(self);
        if self.label(task).retry().is_some() {
            active.keep_inputs();
        }
        active
    }

    /// Runs the task and releases its inputs.
    pub(crate) fn run(&self, ready: Ready) -> Ended {
        let task = ready.task();
        let begun = self.now();
        let mut active = self.open(ready);
        let role = self.state.plan().role(task);
        // All code that is not ours is called in here: the function, the destructors of what it took, the
        // observer. If it panics, nothing of the run is left half-done: the task has no value, and its
        // inputs are released. What the user's own shared state looks like is theirs to know.
        // The value is kept outside: dropped while another panic unwinds, one whose destructor panics, too,
        // would end the process.
        let mut value = None;
        let result = catch_unwind(AssertUnwindSafe(|| {
            self.tell_closely(|| Event::Started(self.info(task)))?;
            value = Some(match role {
                Role::Task(run) => run.run(&mut TaskContext::new(&mut active))?,
                Role::Awaited(pending) => match pending.outcome() {
                    Some(outcome) => outcome.map_err(Failure::Nested)?,
                    // Nobody starts it before, unless the run is over.
                    None => return Err(Failure::Nested(Error::stopped(Reason::Cancelled))),
                },
                _ => unreachable!("nothing else runs"),
            });
            active.release_inputs();
            self.tell_closely(|| Event::Finished(self.info(task), Span::since(begun)))
        }));
        match (result, value) {
            (Ok(Ok(())), Some(value)) => self.done(self.state.end(active), value),
            (Ok(Ok(())), None) => unreachable!("a task that has run has its value"),
            (Ok(Err(failure)), value) => {
                error::discard(value);
                self.failed(active, failure, begun)
            }
            (Err(payload), value) => {
                error::discard(value);
                self.failed(active, Failure::Panicked(payload), begun)
            }
        }
    }

    fn done(&self, started: Started, value: Value) -> Ended {
        if let Some(admission) = self.state.admission() {
            admission.ended(started.task(), self.label(started.task()).bytes().1);
        }
        if let Some(counter) = &self.environment.counter {
            counter.count();
        }
        Ended::Done(started, value)
    }

    fn failed(
        &self,
        mut active: ActiveTask<'_>,
        failure: Failure,
        begun: Option<Instant>,
    ) -> Ended {
        let task = active.task();
        let label = self.label(task);
        let error = Error::of_task(label.task_name(), failure);
        let gave_up = error.kind() == ErrorKind::Task && active.has_heard_of_end();
        // A compute inside the task that was stopped along with this one would be stopped again.
        let stopped = match error.kind() {
            ErrorKind::Cancelled => true,
            ErrorKind::Deadline => self.is_over(),
            _ => false,
        };
        let again = if stopped || gave_up || !active.has_all_inputs() {
            None
        } else {
            self.attempts.next(task, label)
        };
        // The task has failed already: what panics now adds nothing to that.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let span = Span::since(begun);
            let _ = self.tell(|| match again {
                Some(_) => Event::Retried(self.info(task), &error, span),
                None => Event::Failed(self.info(task), &error, span),
            });
            if again.is_none() {
                active.release_inputs();
            }
        }));
        match again {
            Some(delay) => {
                error::discard(error);
                Ended::Again(self.state.suspend(active), delay)
            }
            None => Ended::Failed(Failed { task, error, gave_up }),
        }
    }
}

/// An async task under way: begun on one thread, ended on another.
#[cfg(feature = "async")]
pub(crate) struct Begun {
    token: Token,
    at: Option<Instant>,
}

#[cfg(feature = "async")]
enum Token {
    /// Its inputs are used; it holds this many bytes of them.
    Spent(Started, u64),
    /// Its inputs are kept, since it may run again.
    Whole(Ready),
}

#[cfg(feature = "async")]
impl TaskRunner {
    /// Has the task take its inputs and make its future.
    pub(crate) fn begin(&self, ready: Ready) -> Result<(Begun, TaskFuture), Ended> {
        let task = ready.task();
        let at = self.now();
        let mut active = self.open(ready);
        let body = self.state.plan().body(task);
        let runs_again = self.label(task).retry().is_some();
        let future = catch_unwind(AssertUnwindSafe(|| {
            self.tell_closely(|| Event::Started(self.info(task)))?;
            let future = body.begin(&mut TaskContext::new(&mut active));
            if !runs_again {
                active.release_inputs();
            }
            Ok(future)
        }));
        let future = future.unwrap_or_else(|payload| Err(Failure::Panicked(payload)));
        match future {
            Ok(future) if runs_again => {
                Ok((Begun { token: Token::Whole(self.state.suspend(active)), at }, future))
            }
            Ok(future) => {
                let held = active.leases_mut().hand_over_taken();
                let started = self.state.end(active);
                if let Some(admission) = self.state.admission() {
                    admission.spent(task);
                }
                Ok((Begun { token: Token::Spent(started, held), at }, future))
            }
            Err(failure) => Err(self.failed(active, failure, at)),
        }
    }

    /// Ends the task with what its future yielded.
    pub(crate) fn settle(&self, begun: Begun, result: Result<Value, Failure>) -> Ended {
        let Begun { token, at } = begun;
        let mut active = match token {
            Token::Spent(started, held) => self.state.resume(started, held),
            Token::Whole(ready) => self.open(ready),
        };
        let result = result.and_then(|value| {
            let told = catch_unwind(AssertUnwindSafe(|| {
                active.release_inputs();
                self.tell_closely(|| Event::Finished(self.info(active.task()), Span::since(at)))
            }));
            match told.unwrap_or_else(|payload| Err(Failure::Panicked(payload))) {
                Ok(()) => Ok(value),
                Err(failure) => {
                    error::discard(value);
                    Err(failure)
                }
            }
        });
        match result {
            Ok(value) => self.done(self.state.end(active), value),
            Err(failure) => self.failed(active, failure, at),
        }
    }
}
