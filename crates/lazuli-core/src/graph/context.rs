//! What a running task's function sees of its run: its inputs, the observer, and whether the run is to
//! end.
//!
//! The graph knows no run: what is behind all this is whoever runs the task.

use std::fmt;

use crate::base::value::Value;

/// A task that runs, as those see it who run it.
pub(crate) trait RunningTask: Send + Sync {
    /// The value behind an edge.
    fn get(&self, edge: u32) -> &Value;
    /// The value behind an edge, when this is its last use.
    fn take_last(&mut self, edge: u32) -> Option<Value>;
    /// Goes without a value from now on: it was cloned, or is not wanted.
    fn spend(&mut self, edge: u32);
    fn part(&self) -> Option<&str>;
    fn is_over(&self) -> bool;
    fn loaded(&self, source: &dyn fmt::Display, bytes: u64);
}

/// The running task, as its function may see it.
pub struct TaskContext<'run> {
    run: &'run mut dyn RunningTask,
}

impl<'run> TaskContext<'run> {
    pub(crate) fn new(run: &'run mut dyn RunningTask) -> Self {
        Self { run }
    }

    /// The same for a shorter time, as what is lent of it asks for.
    pub(crate) fn for_now(&mut self) -> TaskContext<'_> {
        TaskContext { run: &mut *self.run }
    }

    pub(crate) fn get<T: 'static>(&self, edge: u32) -> &T {
        self.run.get(edge).get()
    }

    pub(crate) fn take<T: Clone + 'static>(&mut self, edge: u32) -> T {
        self.take_or(edge, T::clone)
    }

    /// Takes a value that has no other use; see `task::by_move`.
    pub(crate) fn take_only<T: 'static>(&mut self, edge: u32) -> T {
        self.take_or(edge, |_| unreachable!("a value that is moved has one use"))
    }

    /// Takes a value if nobody else holds it.
    pub(crate) fn take_sole<T: 'static>(&mut self, edge: u32) -> Option<T> {
        self.run.take_last(edge)?.into_sole()
    }

    /// The value behind an edge, moved out when this is its last use, else cloned.
    fn take_or<T: 'static>(&mut self, edge: u32, clone: impl FnOnce(&T) -> T) -> T {
        match self.run.take_last(edge) {
            Some(value) => value.into_inner(clone),
            None => {
                let value = clone(self.get(edge));
                self.run.spend(edge);
                value
            }
        }
    }

    /// The block, file or partition that the task works on.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.run.part()
    }

    /// Whether the compute is to end: it was cancelled, its deadline has passed, or another task has
    /// failed. A task that runs for long may look, and return early with any error, which is never the one that is
    /// reported.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.run.is_over()
    }

    /// Tells the observer, if there is one, that this task loaded data from `source`.
    pub fn loaded(&self, source: impl fmt::Display, bytes: u64) {
        self.run.loaded(&source, bytes);
    }
}
