//! A part of a plan, as a plan: some of its tasks, with values given in place of others.
//!
//! The tasks keep their order. A value that is given is a task of its own that yields it once, so that those who
//! take it move it where they would have moved it in the whole plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::Plan;
use super::borrowed::BorrowedNodes;
use super::roots::Roots;
use super::shape::{Edge, Leaves, Shape, TaskId};
use crate::base::failure::Failure;
use crate::base::sync::Mutex;
use crate::base::value::Value;
use crate::graph::{AnyDelayed, Body, Node, Role, Run, TaskContext};

/// Yields a value that was there before the run.
struct Given(Mutex<Option<Value>>);

impl Run for Given {
    fn run(&self, _: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let value = self.0.lock().take();
        Ok(value.unwrap_or_else(|| unreachable!("a part of a plan runs once")))
    }
}

impl Body for Given {
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, _: &mut dyn FnMut(&'a AnyDelayed)) {}
}

impl Plan {
    /// What these edges lead to, with values in place of some tasks: neither those nor what only they
    /// need runs. O(tasks and edges of the part). The part is to run once.
    pub(crate) fn part(self: &Arc<Self>, ends: &[Edge], given: Vec<(TaskId, Value)>) -> Self {
        let mut places = BTreeMap::new();
        let mut handles = Vec::with_capacity(given.len());
        for (task, value) in given {
            places.insert(task, handles.len());
            handles.push(self.given(task, value));
        }
        let tasks = self.tasks_of_part(ends, &places);
        let mut held = Held::default();
        let mut number = |edge: Edge| match edge.as_task() {
            Some(task) => {
                let number = tasks.binary_search(&task);
                Edge::task(TaskId::new(number.expect("inputs of the part's tasks are in it")))
            }
            None => held.number(edge),
        };
        let (mut edges, mut edge_starts) = (Vec::new(), Vec::with_capacity(tasks.len() + 2));
        let mut leaves = Leaves::default();
        let mut has_outputs = false;
        for (index, &task) in tasks.iter().enumerate() {
            let first = edges.len();
            edge_starts.push(first as u32);
            let is_given = places.contains_key(&task);
            if !is_given {
                edges.extend(self.shape.edges(task).iter().map(|&edge| number(edge)));
                has_outputs |= self.output_of(task).is_some();
            }
            if edges[first..].iter().all(|edge| edge.as_task().is_none()) {
                leaves.add(TaskId::new(index), is_given || self.is_cpu(task));
            }
        }
        edge_starts.push(edges.len() as u32);
        edges.extend(ends.iter().map(|&edge| number(edge)));
        edge_starts
            .push(u32::try_from(edges.len()).expect("a part has no more edges than the plan"));
        let shape = Shape::new(edges, edge_starts, leaves, self.shape.sized);
        let ids: Vec<_> = tasks.iter().map(|task| self.ids()[task.0 as usize].clone()).collect();
        let roots = Roots::Part { whole: Arc::clone(self), given: handles };
        let (nodes, ()) = BorrowedNodes::pick(roots, |roots| {
            let Roots::Part { whole, given } = roots else { unreachable!("it was made just now") };
            let node = |task: &TaskId| match places.get(task) {
                Some(&place) => given[place].node(),
                None => whole.node(*task),
            };
            let mut nodes: Vec<&Node> = tasks.iter().map(node).collect();
            nodes.extend(held.edges.iter().map(|&edge| whole.held_node(edge)));
            (nodes, ())
        });
        Self { nodes, shape, has_outputs, ids: OnceLock::from(ids) }
    }

    /// The node of a value given in place of a task.
    fn given(&self, task: TaskId, value: Value) -> AnyDelayed {
        let mut label = self.label(task).of_result();
        let bytes = self.output_bytes(task);
        if bytes > 0 {
            label.extra_mut().output_bytes = bytes;
        }
        AnyDelayed::new(label, Given(Mutex::new(Some(value))))
    }

    /// The tasks that these edges lead to, in order. What is below a given one is left out.
    fn tasks_of_part(&self, ends: &[Edge], given: &BTreeMap<TaskId, usize>) -> Vec<TaskId> {
        let mut found = BTreeSet::new();
        let mut stack: Vec<TaskId> = ends.iter().filter_map(|edge| edge.as_task()).collect();
        while let Some(task) = stack.pop() {
            if found.insert(task) && !given.contains_key(&task) {
                stack.extend(self.shape.task_edges(task));
            }
        }
        found.into_iter().collect()
    }
}

/// The values held by the graph that a part takes, numbered without gaps.
#[derive(Default)]
struct Held {
    edges: Vec<Edge>,
    numbers: HashMap<usize, Edge>,
}

impl Held {
    fn number(&mut self, edge: Edge) -> Edge {
        *self.numbers.entry(edge.held_index()).or_insert_with(|| {
            self.edges.push(edge);
            Edge::held(self.edges.len() - 1)
        })
    }
}
