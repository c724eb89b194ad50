//! What a running task sees of its run: its inputs, and the observer.

use std::fmt;

use crate::executor::state::{Leases, State};
use crate::node::Label;
use crate::observer::{Event, Observer, TaskInfo};
use crate::plan::{Edge, TaskId};

/// The running task, as its function may see it.
pub struct TaskContext<'run> {
    task: TaskId,
    leases: Leases<'run>,
    label: Option<&'run Label>,
    observer: Option<&'run dyn Observer>,
}

impl<'run> TaskContext<'run> {
    pub(super) fn new(state: &'run State, task: TaskId, edges: &'run [Edge]) -> Self {
        Self { task, leases: Leases::new(state, edges), label: None, observer: None }
    }

    pub(super) fn introduce(&mut self, label: &'run Label, observer: Option<&'run dyn Observer>) {
        self.label = Some(label);
        self.observer = observer;
    }

    pub(super) fn release_inputs(&mut self) {
        self.leases.release_all();
    }

    pub(crate) fn task(&self) -> TaskId {
        self.task
    }

    pub(crate) fn get<T: 'static>(&self, edge: u32) -> &T {
        self.leases.get(edge).get()
    }

    pub(crate) fn take<T: Clone + 'static>(&mut self, edge: u32) -> T {
        self.leases.take(edge, T::clone)
    }

    /// Takes a value that has no other use; see `task::by_move`.
    pub(crate) fn take_only<T: 'static>(&mut self, edge: u32) -> T {
        self.leases.take(edge, |_| unreachable!("a value that is moved has one use"))
    }

    /// The block, file or partition that the task works on.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.label.and_then(|label| label.part.as_deref())
    }

    /// Tells the observer, if there is one, that this task loaded data from `source`.
    pub fn loaded(&self, source: impl fmt::Display, bytes: u64) {
        if let (Some(label), Some(observer)) = (self.label, self.observer) {
            observer.event(&Event::Loaded {
                task: TaskInfo::new(self.task.0 as usize, label),
                source: &source.to_string(),
                bytes,
            });
        }
    }
}
