//! One task of a run, from its token to its value or its error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::context::TaskContext;
use super::state::{Ready, State};
use crate::error::Error;
use crate::node::Failure;
use crate::observer::{Event, Observer, TaskInfo};
use crate::plan::TaskId;
use crate::value::Value;

/// A task that failed.
pub(super) struct Failed {
    pub(super) task: TaskId,
    pub(super) error: Error,
}

/// Runs the task and releases its inputs; its value goes back into the state with [`State::finish`].
pub(super) fn run_task<'run>(
    state: &'run State,
    ready: Ready,
    observer: Option<&'run dyn Observer>,
) -> Result<(TaskContext<'run>, Value), Failed> {
    let task = ready.task();
    let label = state.plan().label(task);
    let info = TaskInfo::new(task.0 as usize, label);
    let tell = |event: Event<'_>| {
        if let Some(observer) = observer {
            observer.event(&event);
        }
    };
    let mut context = state.start(ready);
    context.introduce(label, observer);
    let body = state.plan().body(task);
    // All code that is not ours is called in here: the function, the destructors of what it took, the
    // observer. If it panics, nothing of the run is left half-done: the task has no value, and its
    // inputs are released. What the user's own shared state looks like is theirs to know.
    let result = catch_unwind(AssertUnwindSafe(|| {
        tell(Event::Started(info));
        let value = body.run(&mut context)?;
        context.release_inputs();
        tell(Event::Finished(info));
        Ok(value)
    }));
    let failure = match result {
        Ok(Ok(value)) => return Ok((context, value)),
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::Panicked(payload),
    };
    let error = Error::of_task(label, failure);
    // The task has failed already: what panics now adds nothing to that.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        context.release_inputs();
        tell(Event::Failed(info, &error));
    }));
    Err(Failed { task, error })
}
