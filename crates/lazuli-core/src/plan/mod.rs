//! The plan: the graph below the requested outputs, frozen in the order it will run.
//!
//! lower (`lower`: requests become tasks, together) → cull (`walk`: depth-first from the outputs, so what
//! nothing needs is never met) → deduplicate (`dedupe`: equal pure tasks become one) → freeze (`shape`:
//! flat arrays of numbers) → order (`order`: so that few results are held at once).
//! Beside these: where a plan can be cut (`cut`, `part`), what it takes (`memory`), what it looks like from outside (`task`, `ids`), what
//! each step made of the graph (`explain`), and which requests share a pass (`passes`).

mod borrowed;
#[cfg(feature = "portable")]
pub(crate) mod cut;
mod dedupe;
mod explain;
mod ids;
mod lower;
mod memory;
mod order;
#[cfg(feature = "portable")]
mod part;
mod passes;
mod roots;
mod shape;
mod task;
mod walk;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use explain::Explanation;
pub use ids::TaskKey;
pub(crate) use memory::Peak;
pub use passes::Pass;
pub(crate) use shape::{Edge, Shape, TaskId};
pub use task::PlannedTask;

use crate::base::error::{self, Result};
use crate::base::lane::Lane;
use crate::base::value::Value;
#[cfg(any(feature = "async", all(loom, test)))]
use crate::graph::Run;
use crate::graph::node::Pending;
use crate::graph::{AnyDelayed, Label, Node, Role};
use borrowed::BorrowedNodes;
use roots::Roots;
use shape::Leaves;
use walk::Walked;

/// A frozen graph, ready to run.
///
/// Behind the last task stands the *answer*: it depends on every output, so that handing results to
/// the caller is one more use of their values and needs no rule of its own.
pub struct Plan {
    /// The tasks, then the values that the graph holds already.
    nodes: BorrowedNodes<Roots>,
    shape: Shape,
    /// Whether any task has many outputs.
    has_outputs: bool,
    ids: OnceLock<Vec<TaskKey>>,
}

impl Plan {
    /// Plans the computation of these outputs. O(tasks and edges below them).
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer; and that a layer or a key panicked.
    pub(crate) fn new(outputs: Vec<AnyDelayed>) -> Result<Self> {
        error::caught(|| Self::make(outputs))?
    }

    fn make(outputs: Vec<AnyDelayed>) -> Result<Self> {
        let lowered = lower::lower(outputs)?;
        let (nodes, (shape, has_outputs)) = BorrowedNodes::pick(Roots::Graph(lowered), |roots| {
            let mut walked = walk::walk(roots.lowered());
            dedupe::dedupe(&mut walked);
            let Walked {
                tasks: mut nodes, held, edges, edge_starts, leaves, sized, outputs, ..
            } = walked;
            let mut shape = Shape::new(edges, edge_starts, leaves, sized);
            if let Some(order) = order::order(&shape) {
                nodes = order.iter().map(|task| nodes[task.0 as usize]).collect();
                shape = shape.in_order(&order);
            }
            nodes.extend(held);
            (nodes, (shape, outputs))
        });
        Ok(Self { nodes, shape, has_outputs, ids: OnceLock::new() })
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    fn node(&self, task: TaskId) -> &Node {
        debug_assert!(task < self.shape.answer());
        self.nodes.get(task.0 as usize)
    }

    pub(crate) fn label(&self, task: TaskId) -> &Label {
        &self.node(task).label
    }

    /// Whether the task runs on the pool.
    pub(crate) fn is_cpu(&self, task: TaskId) -> bool {
        self.label(task).lane() == Lane::Cpu && self.awaited(task).is_none()
    }

    /// What the task does: run, or wait for another run.
    pub(crate) fn role(&self, task: TaskId) -> Role<'_> {
        self.node(task).body.role()
    }

    /// What runs for a task that waits for no other run.
    #[cfg(any(feature = "async", all(loom, test)))]
    pub(crate) fn body(&self, task: TaskId) -> &dyn Run {
        match self.role(task) {
            Role::Task(run) => run,
            _ => unreachable!("what another run brings, and what does not run, is not run here"),
        }
    }

    /// What the task waits for, when it is another run.
    pub(crate) fn awaited(&self, task: TaskId) -> Option<&dyn Pending> {
        match self.role(task) {
            Role::Awaited(awaited) => Some(awaited),
            _ => None,
        }
    }

    /// Which of the values that the task below it yields this is, when it is no task of its own.
    pub(crate) fn output_of(&self, task: TaskId) -> Option<u32> {
        if !self.has_outputs {
            return None;
        }
        match self.role(task) {
            Role::Output(index) => Some(index),
            _ => None,
        }
    }

    /// Whether the task yields many values.
    pub(crate) fn has_many_outputs(&self, task: TaskId) -> bool {
        self.has_outputs
            && self.shape.dependents(task).first().is_some_and(|&dependent| {
                dependent != self.shape.answer() && self.output_of(dependent).is_some()
            })
    }

    /// How many tasks run. (The values of tasks with many are numbered as well.)
    #[must_use]
    pub fn runs(&self) -> usize {
        if !self.has_outputs {
            return self.shape.len();
        }
        self.shape.tasks().filter(|&task| self.output_of(task).is_none()).count()
    }

    fn held_node(&self, edge: Edge) -> &Node {
        self.nodes.get(self.shape.len() + edge.held_index())
    }

    /// The value behind an edge that leads to no task.
    pub(crate) fn held(&self, edge: Edge) -> &Value {
        match self.held_node(edge).body.role() {
            Role::Held(shared) => shared.value(),
            _ => unreachable!("held edges lead to held values"),
        }
    }

    /// The output of this number, or what it was lowered to.
    pub(crate) fn output(&self, index: usize) -> &AnyDelayed {
        let lowered = self.nodes.owner().lowered();
        lowered.resolve(&lowered.outputs[index])
    }

    /// Whether any task says how many bytes it takes.
    #[must_use]
    pub fn is_sized(&self) -> bool {
        self.shape.sized
    }

    /// The tasks of the plan in order, as data.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = PlannedTask<'_>> + '_ {
        (0..self.shape.len() as u32).map(|index| PlannedTask::new(self, TaskId(index)))
    }

    /// The numbers of the tasks whose results are asked for, in the order in which they were; values that
    /// are there already are left out.
    pub fn outputs(&self) -> impl Iterator<Item = usize> + '_ {
        self.shape.task_edges(self.shape.answer()).map(|task| task.0 as usize)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.tasks()).finish()
    }
}

/// The threads of one run share its plan.
pub(crate) type SharedPlan = Arc<Plan>;
