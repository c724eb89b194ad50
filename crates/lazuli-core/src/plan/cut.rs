//! Where a plan can be cut: at the values of *portable* tasks, those whose type says how it is written.
//!
//! ```text
//! load ─┐                 load ─┐
//! load ─┼─ combine ═══╗   ...   ┼─ combine ═══╗        ═══ a value that may travel
//! load ─┘             ╠══ combine ════════════╬══ finish ── answer
//! ```
//!
//! A cut node is a portable task with all that it needs down to the values of other cut nodes. A portable task
//! that depends on no other, and whose values go to one task alone, itself portable, is inside that one: so a
//! leaf runs with its first combine, and a node is worth the trip. What is needed by several nodes and is not
//! portable runs in each of them.

use std::collections::{BTreeMap, HashSet};

use super::{Plan, TaskId};
use crate::base::codec::Codec;
use crate::base::lane::Lane;
use crate::graph::Role;
use crate::graph::fingerprint::Fnv;

/// A node of a [`Cut`](crate::portable::Cut): what runs at once, in one process, from bytes to bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutNode {
    id: String,
    name: &'static str,
    part: Option<String>,
    lane: Lane,
    bytes: u64,
    tasks: usize,
    values: Vec<String>,
    dependencies: Vec<String>,
}

impl CutNode {
    /// Its id, the same in every process that has rebuilt the graph: the
    /// [`TaskKey`](crate::plan::TaskKey) of its portable task, as text.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its portable task.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The block, file or partition that this works on.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// The lane that it runs on. (What is inside keeps to lanes of its own.)
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// How many bytes its values have in memory, as far as the task says; else 0.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many tasks run in it.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// The ids of the values that it yields: its own, or one for each output of a task with many.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The ids of the values that it needs, each once.
    #[must_use]
    pub fn dependencies(&self) -> &[String] {
        &self.dependencies
    }
}

/// A cut plan.
pub(crate) struct Pieces {
    /// In plan order: what a node needs comes before it.
    pub(crate) nodes: Vec<CutNode>,
    /// Of each node.
    pub(crate) wires: Vec<Wires>,
    /// What the answer is computed from.
    pub(crate) outputs: Vec<TaskId>,
    pub(crate) output_ids: Vec<String>,
    pub(crate) fingerprint: u64,
}

/// The tasks behind the values of a cut node.
pub(crate) struct Wires {
    pub(crate) values: Vec<TaskId>,
    pub(crate) dependencies: Vec<TaskId>,
}

impl Plan {
    /// How the value of a task is written and read.
    pub(crate) fn codec(&self, task: TaskId) -> Option<&Codec> {
        self.label(task).codec()
    }

    /// The id of the value of a task.
    pub(crate) fn value_id(&self, task: TaskId) -> String {
        self.ids()[task.0 as usize].to_string()
    }

    /// Cuts the plan. O(tasks and edges), and once more for each node that shares what is not portable.
    pub(crate) fn cut(&self) -> Pieces {
        let boundary = Boundary::of(self);
        let (outputs, _) = boundary.frontier(self.shape.answer());
        let mut found: BTreeMap<TaskId, (CutNode, Wires)> = BTreeMap::new();
        let mut open: Vec<TaskId> = outputs.iter().map(|&value| self.yielding(value)).collect();
        while let Some(task) = open.pop() {
            if found.contains_key(&task) {
                continue;
            }
            let (dependencies, tasks) = boundary.frontier(task);
            open.extend(dependencies.iter().map(|&value| self.yielding(value)));
            let wires = Wires { values: self.values_of(task), dependencies };
            found.insert(task, (self.cut_node(task, tasks, &wires), wires));
        }
        let (nodes, wires): (Vec<_>, Vec<_>) = found.into_values().unzip();
        let output_ids = self.value_ids(&outputs);
        let fingerprint = self.fingerprint_of(&nodes, &wires, &output_ids);
        Pieces { nodes, wires, outputs, output_ids, fingerprint }
    }

    fn cut_node(&self, task: TaskId, tasks: usize, wires: &Wires) -> CutNode {
        let label = self.label(task);
        CutNode {
            id: self.value_id(task),
            name: label.name,
            part: label.part().map(str::to_owned),
            lane: label.lane(),
            bytes: label.bytes().0,
            tasks,
            values: self.value_ids(&wires.values),
            dependencies: self.value_ids(&wires.dependencies),
        }
    }

    fn value_ids(&self, values: &[TaskId]) -> Vec<String> {
        values.iter().map(|&value| self.value_id(value)).collect()
    }

    /// The task that yields a value: itself, or the one whose output it is.
    fn yielding(&self, value: TaskId) -> TaskId {
        match self.output_of(value) {
            None => value,
            Some(_) => self.shape.task_edges(value).next().expect("an output has its task"),
        }
    }

    /// The values of a task: its own, or its outputs.
    fn values_of(&self, task: TaskId) -> Vec<TaskId> {
        match self.has_many_outputs(task) {
            false => vec![task],
            true => self.shape.dependents(task).to_vec(),
        }
    }

    /// A number that two processes share when they have cut the same graph.
    fn fingerprint_of(&self, nodes: &[CutNode], wires: &[Wires], outputs: &[String]) -> u64 {
        let mut hash = Fnv::default();
        let list = |hash: &mut Fnv, texts: &[String]| {
            hash.bytes(&(texts.len() as u64).to_le_bytes());
            texts.iter().for_each(|text| hash.text(text));
        };
        for (node, wires) in nodes.iter().zip(wires) {
            hash.text(&node.id);
            hash.text(&format!("{:?} {} {}", node.lane, node.bytes, node.tasks));
            list(&mut hash, &node.values);
            list(&mut hash, &node.dependencies);
            let codecs = wires.values.iter().filter_map(|&value| self.codec(value));
            codecs.for_each(|codec| hash.text(&codec.describe()));
        }
        list(&mut hash, outputs);
        let asked = self.shape.task_edges(self.shape.answer());
        asked.for_each(|task| hash.text(&self.value_id(task)));
        hash.finish()
    }
}

/// Which values of a plan may travel.
struct Boundary<'p> {
    plan: &'p Plan,
    /// By value.
    travels: Vec<bool>,
}

impl<'p> Boundary<'p> {
    fn of(plan: &'p Plan) -> Self {
        let shape = &plan.shape;
        let none = vec![false; shape.len()];
        let (mut portable, mut above, mut travels) = (none.clone(), none.clone(), none);
        for task in shape.tasks() {
            let at = task.0 as usize;
            let below = |input: TaskId| portable[input.0 as usize] || above[input.0 as usize];
            above[at] = shape.task_edges(task).any(below);
            let runs = matches!(plan.role(task), Role::Task(_));
            let mut values = plan.values_of(task).into_iter();
            portable[at] = runs && values.all(|value| plan.codec(value).is_some());
        }
        for task in shape.tasks().filter(|task| portable[task.0 as usize]) {
            let values = plan.values_of(task);
            let users: HashSet<TaskId> =
                values.iter().flat_map(|&value| shape.dependents(value)).copied().collect();
            let joins = |user: &TaskId| *user != shape.answer() && portable[user.0 as usize];
            let is_inside = !above[task.0 as usize] && users.len() == 1 && users.iter().all(joins);
            for value in values {
                travels[value.0 as usize] = !is_inside;
            }
        }
        Self { plan, travels }
    }

    /// The nearest values below a task (or the answer) that travel, in the order of its inputs, and how many
    /// tasks run to bring it about from those, itself included.
    fn frontier(&self, task: TaskId) -> (Vec<TaskId>, usize) {
        let shape = &self.plan.shape;
        let mut values = Vec::new();
        let mut met = HashSet::new();
        let mut tasks = usize::from(task != shape.answer());
        let mut stack: Vec<TaskId> = shape.task_edges(task).collect();
        stack.reverse();
        while let Some(input) = stack.pop() {
            if !met.insert(input) {
                continue;
            }
            if self.travels[input.0 as usize] {
                values.push(input);
                continue;
            }
            tasks += usize::from(self.plan.output_of(input).is_none());
            let first = stack.len();
            stack.extend(shape.task_edges(input));
            stack[first..].reverse();
        }
        (values, tasks)
    }
}
