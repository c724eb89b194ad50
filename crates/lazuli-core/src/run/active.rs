//! A task that runs: its inputs, and what its function may ask of the run.

use std::fmt;

use crate::base::value::Value;
use crate::graph::Label;
use crate::graph::context::RunningTask;
use crate::plan::{Edge, TaskId};
use crate::run::gate::Over;
use crate::run::observer::{Event, Observer, TaskInfo};
use crate::run::state::{Leases, State};

/// A task that runs, with a lease of each of its inputs.
pub(crate) struct ActiveTask<'run> {
    task: TaskId,
    leases: Leases<'run>,
    scope: Option<TaskScope<'run>>,
}

/// What is around a task.
#[derive(Clone, Copy)]
pub(crate) struct TaskScope<'run> {
    pub(crate) label: &'run Label,
    pub(crate) observer: Option<&'run dyn Observer>,
    pub(crate) over: &'run Over,
}

impl<'run> ActiveTask<'run> {
    pub(super) fn new(state: &'run State, task: TaskId, edges: &'run [Edge]) -> Self {
        Self { task, leases: Leases::new(state, edges), scope: None }
    }

    #[cfg(feature = "async")]
    pub(super) fn leases_mut(&mut self) -> &mut Leases<'run> {
        &mut self.leases
    }

    pub(super) fn introduce(&mut self, scope: TaskScope<'run>) {
        self.scope = Some(scope);
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

    pub(super) fn task(&self) -> TaskId {
        self.task
    }
}

impl RunningTask for ActiveTask<'_> {
    fn get(&self, edge: u32) -> &Value {
        self.leases.get(edge)
    }

    fn take_last(&mut self, edge: u32) -> Option<Value> {
        self.leases.take_last(edge)
    }

    fn spend(&mut self, edge: u32) {
        self.leases.spend(edge);
    }

    fn part(&self) -> Option<&str> {
        self.scope.and_then(|scope| scope.label.part())
    }

    fn is_over(&self) -> bool {
        self.scope.is_some_and(|scope| scope.over.is_set())
    }

    fn loaded(&self, source: &dyn fmt::Display, bytes: u64) {
        if let Some(TaskScope { label, observer: Some(observer), .. }) = self.scope {
            observer.event(&Event::Loaded {
                task: TaskInfo::new(self.task.0 as usize, label),
                source: &source.to_string(),
                bytes,
            });
        }
    }
}
