//! What a running task sees of its run: its inputs, the observer, and whether the run is to end.

use std::fmt;

use crate::executor::gate::Over;
use crate::executor::state::{Leases, State};
use crate::node::Label;
use crate::observer::{Event, Observer, TaskInfo};
use crate::plan::{Edge, TaskId};
use crate::value::Value;

/// The running task, as its function may see it.
pub struct TaskContext<'run> {
    task: TaskId,
    leases: Leases<'run>,
    surroundings: Option<Surroundings<'run>>,
}

#[derive(Clone, Copy)]
pub(super) struct Surroundings<'run> {
    pub(super) label: &'run Label,
    pub(super) observer: Option<&'run dyn Observer>,
    pub(super) over: &'run Over,
}

impl<'run> TaskContext<'run> {
    pub(super) fn new(state: &'run State, task: TaskId, edges: &'run [Edge]) -> Self {
        Self { task, leases: Leases::new(state, edges), surroundings: None }
    }

    #[cfg(feature = "async")]
    pub(super) fn leases_mut(&mut self) -> &mut Leases<'run> {
        &mut self.leases
    }

    pub(super) fn introduce(&mut self, surroundings: Surroundings<'run>) {
        self.surroundings = Some(surroundings);
    }

    pub(super) fn keep_inputs(&mut self) {
        self.leases.set_keeping();
    }

    pub(super) fn release_inputs(&mut self) {
        self.leases.release_all();
    }

    /// Whether no input has been released or taken, so that the task may run again.
    pub(super) fn has_all_inputs(&self) -> bool {
        self.leases.are_whole()
    }

    pub(super) fn into_leases(self) -> Leases<'run> {
        self.leases
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

    /// Takes a value whatever its type, when this is its last use.
    pub(super) fn take_last(&mut self, edge: u32) -> Option<Value> {
        self.leases.take_last(edge)
    }

    /// Goes without a value: it is another's last use, or this one's.
    pub(super) fn pass_by(&mut self, edge: u32) {
        self.leases.spend(edge);
    }

    /// The block, file or partition that the task works on.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.surroundings.and_then(|surroundings| surroundings.label.part())
    }

    /// Whether the compute is to end: it was cancelled, its deadline has passed, or another task has
    /// failed. A task that runs for long may look, and return early with any error.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.surroundings.is_some_and(|surroundings| surroundings.over.is_set())
    }

    /// Tells the observer, if there is one, that this task loaded data from `source`.
    pub fn loaded(&self, source: impl fmt::Display, bytes: u64) {
        if let Some(Surroundings { label, observer: Some(observer), .. }) = self.surroundings {
            observer.event(&Event::Loaded {
                task: TaskInfo::new(self.task.0 as usize, label),
                source: &source.to_string(),
                bytes,
            });
        }
    }
}
