//! A task that runs: its inputs, and what its function may ask of the run.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use crate::base::value::Value;
use crate::graph::context::RunningTask;
use crate::plan::{Edge, TaskId};
use crate::run::observer::Event;
use crate::run::state::{Leases, State};
use crate::run::step::TaskRunner;

/// A task that runs, with a lease of each of its inputs.
pub(crate) struct ActiveTask<'run> {
    task: TaskId,
    leases: Leases<'run>,
    /// Who runs it: known as soon as it is not the answer of the run.
    runner: Option<&'run TaskRunner>,
    /// Whether its function has heard that the run is over.
    heard_of_end: AtomicBool,
}

impl<'run> ActiveTask<'run> {
    pub(super) fn new(state: &'run State, task: TaskId, edges: &'run [Edge]) -> Self {
        Self {
            task,
            leases: Leases::new(state, edges),
            runner: None,
            heard_of_end: AtomicBool::new(false),
        }
    }

    #[cfg(feature = "async")]
    pub(super) fn leases_mut(&mut self) -> &mut Leases<'run> {
        &mut self.leases
    }

    pub(super) fn introduce(&mut self, runner: &'run TaskRunner) {
        self.runner = Some(runner);
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

    /// Whether its function has heard that the run is over, and may have given up for that.
    pub(super) fn has_heard_of_end(&self) -> bool {
        self.heard_of_end.load(Relaxed)
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
        self.runner.and_then(|runner| runner.label(self.task).part())
    }

    fn is_over(&self) -> bool {
        let is_over = self.runner.is_some_and(TaskRunner::is_over);
        if is_over {
            self.heard_of_end.store(true, Relaxed);
        }
        is_over
    }

    fn loaded(&self, source: &dyn fmt::Display, bytes: u64) {
        if let Some(runner) = self.runner
            && let Some(observer) = &runner.environment.observer
        {
            observer.event(&Event::Loaded {
                task: runner.info(self.task),
                source: &source.to_string(),
                bytes,
            });
        }
    }
}
