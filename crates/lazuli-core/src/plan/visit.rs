//! Cull, deduplicate and order: a depth-first walk from the outputs numbers what they need.
//!
//! The walk keeps its place in the nodes themselves: a *mark* holds the serial number of the walk that
//! met the node last and the number it gave. One walk at a time owns the marks (a lock), which costs a
//! task a few nanoseconds where a hash map costs tens. Pure tasks that are equal get one number.
//!
//! Post-order numbers are the static priorities of the executor: whoever takes the lowest number first
//! finishes what is started before it begins something new.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use smallvec::SmallVec;

use super::lower::Lowered;
use super::{Edge, Leaves, Shape, TaskId};
use crate::base::lane::Lane;
use crate::base::pages;
use crate::graph::{AnyDelayed, Node, Role};

/// Serial number of the latest walk. Holding the lock is owning every node's mark.
static WALKS: Mutex<u64> = Mutex::new(0);

/// The nodes that a walk met, in order, and how they hang together.
pub(super) struct Visited<'g> {
    pub(super) tasks: Vec<&'g Node>,
    pub(super) held: Vec<&'g Node>,
    pub(super) shape: Shape,
}

struct Walk<'g> {
    serial: u64,
    lowered: &'g Lowered,
}

impl<'g> Walk<'g> {
    /// Marks the node as met; false when it was met before.
    fn enter(&self, node: &Node) -> bool {
        if node.mark.walk.load(Relaxed) == self.serial {
            return false;
        }
        node.mark.walk.store(self.serial, Relaxed);
        true
    }

    fn edge(&self, node: &'g AnyDelayed) -> Edge {
        Edge(self.lowered.resolve(node).node().mark.index.load(Relaxed))
    }
}

/// Numbers the tasks below the outputs and freezes them. Requests must be lowered before.
pub(super) fn visit(lowered: &Lowered) -> Visited<'_> {
    // A panic inside a walk leaves marks of a serial number that no later walk has.
    let mut serial = WALKS.lock().unwrap_or_else(PoisonError::into_inner);
    *serial += 1;
    let walk = Walk { serial: *serial, lowered };
    let mut numbers = Numbers::default();
    // Nodes to enter, and nodes whose inputs all have their numbers when they come up again.
    let mut stack: Vec<(&AnyDelayed, bool)> = Vec::new();
    for output in &lowered.outputs {
        stack.push((lowered.resolve(output), false));
        while let Some((handle, inputs_done)) = stack.pop() {
            let node = handle.node();
            if inputs_done {
                numbers.add(&walk, node);
                continue;
            }
            if !walk.enter(node) {
                continue;
            }
            let place = stack.len();
            stack.push((handle, true));
            node.body.inputs(&mut |input| {
                let input = lowered.resolve(input);
                if input.node().mark.walk.load(Relaxed) != walk.serial {
                    stack.push((input, false));
                }
            });
            if stack.len() == place + 1 {
                stack.pop();
                numbers.add(&walk, node);
            } else {
                // The first input comes up first.
                stack[place + 1..].reverse();
            }
        }
    }
    numbers.finish(&walk)
}

#[derive(Default)]
struct Numbers<'g> {
    tasks: Vec<&'g Node>,
    held: Vec<&'g Node>,
    edges: Vec<Edge>,
    edge_starts: Vec<u32>,
    leaves: Leaves,
    sized: bool,
    /// Pure tasks by their hash; most graphs have none.
    pure: HashMap<u64, SmallVec<[TaskId; 2]>>,
}

impl<'g> Numbers<'g> {
    fn add(&mut self, walk: &Walk<'g>, node: &'g Node) {
        let role = node.body.role();
        if let Role::Held(_) = role {
            node.mark.index.store(Edge::held(self.held.len()).0, Relaxed);
            pages::push(&mut self.held, node);
            return;
        }
        let task = TaskId::new(self.tasks.len());
        let first_edge = self.edges.len();
        node.body.inputs(&mut |input| pages::push(&mut self.edges, walk.edge(input)));
        if let Some(extra) = &node.label.extra {
            self.sized |= extra.output_bytes.saturating_add(extra.working_bytes) > 0;
            if extra.pure.is_some()
                && let Some(equal) = self.equal(node, task, first_edge)
            {
                node.mark.index.store(Edge::task(equal).0, Relaxed);
                self.edges.truncate(first_edge);
                return;
            }
        }
        node.mark.index.store(Edge::task(task).0, Relaxed);
        pages::push(&mut self.edge_starts, first_edge as u32);
        pages::push(&mut self.tasks, node);
        if self.edges[first_edge..].iter().all(|edge| edge.as_task().is_none()) {
            let awaited = matches!(role, Role::Awaited(_));
            self.leaves.add(task, node.label.lane() == Lane::Cpu && !awaited);
        }
    }

    /// The task that does the same as this pure one, if there is one; else remembers this one.
    fn equal(&mut self, node: &'g Node, task: TaskId, first_edge: usize) -> Option<TaskId> {
        let extra = node.label.extra.as_ref()?;
        let key = extra.pure.as_deref()?;
        let mut hasher = DefaultHasher::new();
        hasher.write(node.label.name.as_bytes());
        key.hash(&mut hasher);
        for edge in &self.edges[first_edge..] {
            hasher.write_u32(edge.0);
        }
        let same_hash = self.pure.entry(hasher.finish()).or_default();
        let equal = same_hash.iter().copied().find(|other| {
            let index = other.0 as usize;
            let start = self.edge_starts[index] as usize;
            let end = self.edge_starts.get(index + 1).map_or(first_edge, |&end| end as usize);
            let other = &self.tasks[index].label;
            other.name == node.label.name
                && self.edges[start..end] == self.edges[first_edge..]
                && other.extra.as_ref().is_some_and(|other| {
                    other.yields == extra.yields
                        && other.pure.as_deref().is_some_and(|other| key.equals(other))
                })
        });
        if equal.is_none() {
            same_hash.push(task);
        }
        equal
    }

    fn finish(mut self, walk: &Walk<'g>) -> Visited<'g> {
        self.edge_starts.push(self.edges.len() as u32);
        for output in &walk.lowered.outputs {
            self.edges.push(walk.edge(output));
        }
        self.edge_starts.push(u32::try_from(self.edges.len()).expect("fewer than 2^32 edges"));
        let shape = Shape::new(self.edges, self.edge_starts, self.leaves, self.sized);
        Visited { tasks: self.tasks, held: self.held, shape }
    }
}
