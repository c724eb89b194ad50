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

/// Runs the task; its value and its inputs go back into the state with [`State::finish`].
pub(super) fn run_task<'run>(
    state: &'run State,
    ready: Ready,
    observer: Option<&'run dyn Observer>,
) -> Result<(TaskContext<'run>, Value), Failed> {
    let task = ready.task();
    let mut context = state.start(ready);
    let label = state.plan().label(task);
    context.introduce(label, observer);
    if let Some(observer) = observer {
        observer.event(&Event::Started(TaskInfo::new(task.0 as usize, label)));
    }
    let body = state.plan().body(task);
    // A closure that panics leaves nothing of the run half-done: the task has no value, and its inputs
    // are released. What the user's own shared state looks like is theirs to know.
    let result = catch_unwind(AssertUnwindSafe(|| body.run(&mut context)))
        .unwrap_or_else(|payload| Err(Failure::Panicked(payload)));
    match result {
        Ok(value) => {
            if let Some(observer) = observer {
                observer.event(&Event::Finished(TaskInfo::new(task.0 as usize, label)));
            }
            Ok((context, value))
        }
        Err(failure) => {
            let error = Error::of_task(label, failure);
            if let Some(observer) = observer {
                observer.event(&Event::Failed(TaskInfo::new(task.0 as usize, label), &error));
            }
            Err(Failed { task, error })
        }
    }
}
