//! Collect and cull: a depth-first walk from the outputs numbers the tasks that they need.
//!
//! The walk keeps its place in the nodes themselves: a *mark* holds the serial number of the walk that
//! met the node last and the number it gave. One walk at a time owns the marks (a lock), which costs a
//! task a few nanoseconds where a hash map costs tens. No code of a user runs under the lock: it might
//! plan a graph of its own.
//!
//! Inputs have lower numbers than dependents. What order the tasks run in is settled later (`order`), but
//! where every task has one dependent this is most often it.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use super::lower::Lowered;
use super::{Edge, Leaves, TaskId};
use crate::base::lane::Lane;
use crate::base::pages;
use crate::graph::{AnyDelayed, Node, Role};

/// Serial number of the latest walk. Holding the lock is owning every node's mark.
static WALKS: Mutex<u64> = Mutex::new(0);

/// The nodes that a walk met, in order, and how they hang together.
pub(super) struct Walked<'g> {
    pub(super) tasks: Vec<&'g Node>,
    pub(super) held: Vec<&'g Node>,
    pub(super) edges: Vec<Edge>,
    /// Edges of task `t` are `edges[edge_starts[t]..edge_starts[t + 1]]`; the answer's come last.
    pub(super) edge_starts: Vec<u32>,
    pub(super) leaves: Leaves,
    /// Whether any task says how many bytes it takes.
    pub(super) sized: bool,
    /// Whether any task is pure.
    pub(super) pure: bool,
    /// Whether any task has many outputs.
    pub(super) outputs: bool,
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

/// Numbers the tasks below the outputs. Requests must be lowered before.
pub(super) fn walk(lowered: &Lowered) -> Walked<'_> {
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
    pure: bool,
    outputs: bool,
}

impl<'g> Numbers<'g> {
    fn add(&mut self, walk: &Walk<'g>, node: &'g Node) {
        let role = node.body.role();
        if let Role::Held(_) = role {
            node.mark.index.store(Edge::held(self.held.len()).0, Relaxed);
            pages::push(&mut self.held, node);
            return;
        }
        assert!(
            !matches!(role, Role::Layer(_) | Role::Parts(_)),
            "a collection in parts stands for no value: `{}`",
            node.label.name
        );
        self.outputs |= matches!(role, Role::Output(_));
        let task = TaskId::new(self.tasks.len());
        let first_edge = self.edges.len();
        node.body.inputs(&mut |input| pages::push(&mut self.edges, walk.edge(input)));
        if let Some(extra) = &node.label.extra {
            self.sized |= extra.output_bytes.saturating_add(extra.working_bytes) > 0;
            self.pure |= extra.pure.is_some();
        }
        node.mark.index.store(Edge::task(task).0, Relaxed);
        pages::push(&mut self.edge_starts, first_edge as u32);
        pages::push(&mut self.tasks, node);
        if self.edges[first_edge..].iter().all(|edge| edge.as_task().is_none()) {
            let awaited = matches!(role, Role::Awaited(_));
            self.leaves.add(task, node.label.lane() == Lane::Cpu && !awaited);
        }
    }

    fn finish(mut self, walk: &Walk<'g>) -> Walked<'g> {
        self.edge_starts.push(self.edges.len() as u32);
        for output in &walk.lowered.outputs {
            self.edges.push(walk.edge(output));
        }
        self.edge_starts.push(u32::try_from(self.edges.len()).expect("fewer than 2^32 edges"));
        let Self { tasks, held, edges, edge_starts, leaves, sized, pure, outputs } = self;
        Walked { tasks, held, edges, edge_starts, leaves, sized, pure, outputs }
    }
}
