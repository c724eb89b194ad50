//! How the tasks of a plan hang together: flat arrays of numbers, frozen.

use crate::base::pages;

/// The number of a task in its plan: its place in the order, inputs before dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaskId(pub(crate) u32);

impl TaskId {
    pub(super) fn new(index: usize) -> Self {
        assert!(index < HELD as usize, "a plan has fewer than 2^31 tasks");
        Self(index as u32)
    }
}

/// Where an input of a task comes from: a task of the plan, or a node that holds its value already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge(pub(super) u32);

/// Set where the number of an edge counts held values.
const HELD: u32 = 1 << 31;

impl Edge {
    pub(crate) fn task(task: TaskId) -> Self {
        Self(task.0)
    }

    pub(super) fn held(index: usize) -> Self {
        assert!(index < HELD as usize, "a plan has fewer than 2^31 held values");
        Self(index as u32 | HELD)
    }

    /// The task whose result this is.
    pub(crate) fn as_task(self) -> Option<TaskId> {
        (self.0 & HELD == 0).then_some(TaskId(self.0))
    }

    /// Else the number of the held value that it is.
    pub(crate) fn held_index(self) -> usize {
        (self.0 & !HELD) as usize
    }
}

/// Tasks that wait for no other, in order.
#[derive(Default)]
pub(crate) struct Leaves {
    /// On the CPU lane.
    pub(crate) cpu: Vec<TaskId>,
    /// Beside the pool: they start at once.
    pub(crate) off_pool: Vec<TaskId>,
}

impl Leaves {
    pub(super) fn add(&mut self, task: TaskId, cpu: bool) {
        if cpu { pages::push(&mut self.cpu, task) } else { self.off_pool.push(task) }
    }

    /// Gives each its new number, and drops those that have none.
    pub(super) fn renumber(&mut self, number: impl Fn(TaskId) -> Option<TaskId>) {
        for leaves in [&mut self.cpu, &mut self.off_pool] {
            leaves.retain_mut(|leaf| number(*leaf).map(|number| *leaf = number).is_some());
            leaves.sort_unstable();
        }
    }
}

pub(crate) struct Shape {
    edges: Vec<Edge>,
    /// Edges of task `t` are `edges[edge_starts[t]..edge_starts[t + 1]]`; the answer's come last.
    edge_starts: Vec<u32>,
    /// Tasks that wait for a task, found as edges are; the answer comes behind the last task.
    dependents: Vec<TaskId>,
    dependent_starts: Vec<u32>,
    pub(crate) leaves: Leaves,
    /// Whether any task says how many bytes it takes.
    pub(crate) sized: bool,
}

impl Shape {
    pub(super) fn new(
        edges: Vec<Edge>,
        edge_starts: Vec<u32>,
        leaves: Leaves,
        sized: bool,
    ) -> Self {
        let (dependents, dependent_starts) = dependents(&edges, &edge_starts);
        Self { edges, edge_starts, dependents, dependent_starts, leaves, sized }
    }

    /// The same tasks in another order, in which inputs come before dependents as well.
    pub(super) fn in_order(self, order: &[TaskId]) -> Self {
        let mut numbers = pages::with_capacity(order.len());
        numbers.resize(order.len(), TaskId(0));
        for (number, task) in order.iter().enumerate() {
            numbers[task.0 as usize] = TaskId(number as u32);
        }
        let mut edges = pages::with_capacity(self.edges.len());
        let mut edge_starts = pages::with_capacity(self.edge_starts.len());
        for task in order.iter().copied().chain([self.answer()]) {
            edge_starts.push(edges.len() as u32);
            edges.extend(self.edges(task).iter().map(|&edge| {
                edge.as_task().map_or(edge, |input| Edge::task(numbers[input.0 as usize]))
            }));
        }
        edge_starts.push(edges.len() as u32);
        let mut leaves = self.leaves;
        leaves.renumber(|task| Some(numbers[task.0 as usize]));
        Self::new(edges, edge_starts, leaves, self.sized)
    }

    /// The tasks, without the answer.
    pub(crate) fn len(&self) -> usize {
        self.edge_starts.len() - 2
    }

    /// The tasks in order, without the answer.
    pub(crate) fn tasks(&self) -> impl DoubleEndedIterator<Item = TaskId> + use<> {
        (0..self.len() as u32).map(TaskId)
    }

    /// Whether every task is taken once: by one other, or by the answer.
    pub(super) fn is_forest(&self) -> bool {
        self.dependents.len() == self.len()
    }

    /// What depends on every output: it stands behind the last task.
    pub(crate) fn answer(&self) -> TaskId {
        TaskId(self.len() as u32)
    }

    pub(crate) fn edges(&self, task: TaskId) -> &[Edge] {
        range(&self.edges, &self.edge_starts, task)
    }

    pub(crate) fn dependents(&self, task: TaskId) -> &[TaskId] {
        range(&self.dependents, &self.dependent_starts, task)
    }

    /// Edges between tasks of the plan, values held by the graph left out.
    pub(crate) fn task_edges(&self, task: TaskId) -> impl Iterator<Item = TaskId> + '_ {
        self.edges(task).iter().filter_map(|edge| edge.as_task())
    }
}

fn range<'a, T>(items: &'a [T], starts: &[u32], task: TaskId) -> &'a [T] {
    let task = task.0 as usize;
    &items[starts[task] as usize..starts[task + 1] as usize]
}

/// The edges the other way round: for each task, those that wait for it, in order.
fn dependents(edges: &[Edge], edge_starts: &[u32]) -> (Vec<TaskId>, Vec<u32>) {
    let tasks = edge_starts.len() - 2;
    let mut starts = pages::with_capacity(tasks + 2);
    starts.resize(tasks + 2, 0_u32);
    for input in edges.iter().filter_map(|edge| edge.as_task()) {
        starts[input.0 as usize + 2] += 1;
    }
    for task in 2..tasks + 2 {
        starts[task] += starts[task - 1];
    }
    let count = starts[tasks + 1] as usize;
    let mut dependents = pages::with_capacity(count);
    dependents.resize(count, TaskId(0));
    // While it fills up, the start of a task's range stands one place further on.
    for (task, bounds) in edge_starts.windows(2).enumerate() {
        for edge in &edges[bounds[0] as usize..bounds[1] as usize] {
            if let Some(input) = edge.as_task() {
                let place = &mut starts[input.0 as usize + 1];
                dependents[*place as usize] = TaskId(task as u32);
                *place += 1;
            }
        }
    }
    starts.pop();
    (dependents, starts)
}
