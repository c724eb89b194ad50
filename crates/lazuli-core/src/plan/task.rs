//! One task of a plan, as data.

use std::fmt;

use super::{Plan, TaskId, TaskKey};
use crate::base::lane::Lane;

/// One task of a [`Plan`].
#[derive(Clone, Copy)]
pub struct PlannedTask<'a> {
    plan: &'a Plan,
    task: TaskId,
}

impl<'a> PlannedTask<'a> {
    pub(super) fn new(plan: &'a Plan, task: TaskId) -> Self {
        Self { plan, task }
    }

    /// Its number: its place in the order.
    #[must_use]
    pub fn index(&self) -> usize {
        self.task.0 as usize
    }

    /// What tells it from every other task of the plan, the same in every run of the same program.
    /// O(tasks) when it is first asked of a plan.
    #[must_use]
    pub fn id(&self) -> &'a TaskKey {
        &self.plan.ids()[self.index()]
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.plan.label(self.task).name
    }

    /// The block, file or partition it works on.
    #[must_use]
    pub fn part(&self) -> Option<&'a str> {
        self.plan.label(self.task).part()
    }

    /// Where it was defined.
    #[must_use]
    pub fn site(&self) -> &'static std::panic::Location<'static> {
        self.plan.label(self.task).site
    }

    /// The lane it runs on.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.plan.label(self.task).lane()
    }

    /// Whether it runs. (One value of a task with many is numbered like a task, and does not.)
    #[must_use]
    pub fn runs(&self) -> bool {
        self.plan.output_of(self.task).is_none()
    }

    /// Bytes of its result, as far as it says.
    #[must_use]
    pub fn output_bytes(&self) -> u64 {
        self.plan.label(self.task).bytes().0
    }

    /// Bytes that it needs beside its result while it runs, as far as it says.
    #[must_use]
    pub fn working_bytes(&self) -> u64 {
        self.plan.label(self.task).bytes().1
    }

    /// The numbers of the tasks whose results it takes, in the order of its inputs.
    pub fn dependencies(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.plan.shape.task_edges(self.task).map(|input| input.0 as usize)
    }
}

impl fmt::Debug for PlannedTask<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.index(), self.name())?;
        if let Some(part) = self.part() {
            write!(formatter, " on {part}")?;
        }
        write!(formatter, " <- {:?}", self.dependencies().collect::<Vec<_>>())
    }
}
