//! The plan: the graph below the requested outputs, frozen in the order it will run.
//!
//! lower (`lower`: requests become tasks, together) → cull and order (`visit`: depth-first from the
//! outputs, so what nothing needs is never met) → freeze (`Plan::new`: flat arrays of numbers).

mod lower;
mod visit;

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::lanes::Lane;
use crate::node::{AnyDelayed, Label, NodeRef, Role, Run};
use crate::value::Value;

/// The number of a task in its plan. Tasks are numbered in depth-first order, inputs before
/// dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskId(pub(crate) u32);

/// Where an input of a task comes from.
#[derive(Clone, Copy)]
pub(crate) enum Edge {
    /// The result of another task of the plan.
    Task(TaskId),
    /// A value that a node of the graph holds already: index into `Plan::held`.
    Held(u32),
}

/// A frozen graph, ready to run.
///
/// Behind the last task stands the *answer*: it depends on every output, so that handing results to
/// the caller is one more use of their values and needs no rule of its own.
pub struct Plan {
    nodes: Vec<NodeRef>,
    held: Vec<NodeRef>,
    edges: Vec<Edge>,
    /// Edges of task `t` are `edges[edge_starts[t]..edge_starts[t + 1]]`; the answer's come last.
    edge_starts: Vec<u32>,
    /// Tasks that wait for a task, found as edges are; the answer is `TaskId(nodes.len())`.
    dependents: Vec<TaskId>,
    dependent_starts: Vec<u32>,
    /// Tasks without inputs, in order: on the CPU lane, and on the lanes beside it.
    pub(crate) cpu_leaves: Vec<TaskId>,
    pub(crate) waiting_leaves: Vec<TaskId>,
}

impl Plan {
    /// Plans the computation of these outputs. O(tasks and edges below them).
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    pub(crate) fn new(outputs: &[AnyDelayed]) -> Result<Self> {
        let outputs = lower::lower(outputs)?;
        Ok(visit::visit(&outputs))
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn answer(&self) -> TaskId {
        TaskId(self.nodes.len() as u32)
    }

    pub(crate) fn edges(&self, task: TaskId) -> &[Edge] {
        range(&self.edges, &self.edge_starts, task)
    }

    pub(crate) fn dependents(&self, task: TaskId) -> &[TaskId] {
        range(&self.dependents, &self.dependent_starts, task)
    }

    pub(crate) fn label(&self, task: TaskId) -> &Label {
        &self.nodes[task.0 as usize].label
    }

    pub(crate) fn is_cpu(&self, task: TaskId) -> bool {
        task == self.answer() || self.label(task).lane == Lane::Cpu
    }

    pub(crate) fn body(&self, task: TaskId) -> &dyn Run {
        match self.nodes[task.0 as usize].body.role() {
            Role::Task(run) => run,
            Role::Held(_) | Role::Layer(_) => unreachable!("a plan numbers tasks only"),
        }
    }

    pub(crate) fn held(&self, index: u32) -> &Value {
        match self.held[index as usize].body.role() {
            Role::Held(value) => value,
            Role::Task(_) | Role::Layer(_) => unreachable!("held edges lead to held values"),
        }
    }

    /// Edges between tasks of the plan, values held by the graph left out.
    fn task_edges(&self, task: TaskId) -> impl Iterator<Item = TaskId> + '_ {
        self.edges(task).iter().filter_map(|edge| match edge {
            Edge::Task(input) => Some(*input),
            Edge::Held(_) => None,
        })
    }

    /// How many tasks must end before this one may start.
    pub(crate) fn dependency_count(&self, task: TaskId) -> u32 {
        self.task_edges(task).count() as u32
    }

    /// The tasks of the plan in order, as data.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = PlannedTask<'_>> + '_ {
        (0..self.nodes.len() as u32).map(|index| PlannedTask { plan: self, id: TaskId(index) })
    }
}

fn range<'a, T>(items: &'a [T], starts: &[u32], task: TaskId) -> &'a [T] {
    let task = task.0 as usize;
    &items[starts[task] as usize..starts[task + 1] as usize]
}

/// One task of a [`Plan`].
#[derive(Clone, Copy)]
pub struct PlannedTask<'a> {
    plan: &'a Plan,
    id: TaskId,
}

impl<'a> PlannedTask<'a> {
    /// Its number: its place in the order.
    #[must_use]
    pub fn index(&self) -> usize {
        self.id.0 as usize
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.plan.label(self.id).name
    }

    /// The block, file or partition it works on.
    #[must_use]
    pub fn part(&self) -> Option<&'a str> {
        self.plan.label(self.id).part.as_deref()
    }

    /// The lane it runs on.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.plan.label(self.id).lane
    }

    /// The numbers of the tasks whose results it takes, in the order of its inputs.
    pub fn dependencies(&self) -> impl Iterator<Item = usize> + 'a {
        self.plan.task_edges(self.id).map(|input| input.0 as usize)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.tasks()).finish()
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

/// The threads of one run share its plan.
pub(crate) type SharedPlan = Arc<Plan>;
