//! Cull and order: a depth-first walk from the outputs numbers what they need.
//!
//! The walk keeps its place in the nodes themselves: a *mark* holds the serial number of the walk that
//! met the node last and the number it gave. One walk at a time owns the marks (a lock), which costs a
//! task a few nanoseconds where a hash map costs tens.
//!
//! Post-order numbers are the static priorities of the executor: whoever takes the lowest number first
//! finishes what is started before it begins something new.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use super::lower::Lowered;
use super::{Edge, Plan, TaskId};
use crate::node::{Node, NodeRef, Role};

/// Serial number of the latest walk. Holding the lock is owning every node's mark.
static WALKS: Mutex<u64> = Mutex::new(0);

/// Stands in a mark for "met, not numbered yet".
const OPEN: u32 = u32::MAX;
/// Set in a mark's index when it counts `Plan::held`.
const HELD: u32 = 1 << 31;

struct Walk {
    serial: u64,
}

impl Walk {
    /// Marks the node as met; false when it was met before.
    fn enter(&self, node: &Node) -> bool {
        if node.mark.plan.load(Relaxed) == self.serial {
            return false;
        }
        node.mark.plan.store(self.serial, Relaxed);
        node.mark.index.store(OPEN, Relaxed);
        true
    }

    fn number(&self, node: &Node, index: u32) {
        node.mark.index.store(index, Relaxed);
    }

    fn is_numbered(&self, node: &Node) -> bool {
        node.mark.plan.load(Relaxed) == self.serial && node.mark.index.load(Relaxed) != OPEN
    }

    fn edge(&self, node: &Node) -> Edge {
        let index = node.mark.index.load(Relaxed);
        if index & HELD == 0 { Edge::Task(TaskId(index)) } else { Edge::Held(index & !HELD) }
    }
}

fn with_walk<R>(walk: impl FnOnce(Walk) -> R) -> R {
    // A panic inside a walk leaves marks of a serial number that no later walk has.
    let mut serial = WALKS.lock().unwrap_or_else(PoisonError::into_inner);
    *serial += 1;
    walk(Walk { serial: *serial })
}

/// Numbers the tasks below the outputs and freezes them. Requests must be lowered before.
pub(super) fn visit(lowered: &Lowered) -> Plan {
    with_walk(|walk| {
        let mut plan = Builder::default();
        let mut stack: Vec<(&NodeRef, usize)> = Vec::new();
        for output in &lowered.outputs {
            stack.push((lowered.resolve(&output.0), 0));
            while let Some((node, next_input)) = stack.last_mut() {
                let node: &NodeRef = node;
                if *next_input == 0 && !walk.enter(node) {
                    stack.pop();
                    continue;
                }
                if let Some(input) = node.inputs.get(*next_input) {
                    *next_input += 1;
                    let input = lowered.resolve(&input.0);
                    if !walk.is_numbered(input) {
                        stack.push((input, 0));
                    }
                    continue;
                }
                plan.add(&walk, lowered, node);
                stack.pop();
            }
        }
        plan.finish(&walk, lowered)
    })
}

#[derive(Default)]
struct Builder {
    nodes: Vec<NodeRef>,
    held: Vec<NodeRef>,
    edges: Vec<Edge>,
    edge_starts: Vec<u32>,
    cpu_leaves: Vec<TaskId>,
    waiting_leaves: Vec<TaskId>,
}

impl Builder {
    fn add(&mut self, walk: &Walk, lowered: &Lowered, node: &NodeRef) {
        if let Role::Held(_) = node.body.role() {
            walk.number(node, self.held.len() as u32 | HELD);
            self.held.push(Arc::clone(node));
            return;
        }
        let task = TaskId(self.nodes.len() as u32);
        assert!(task.0 < HELD, "a plan has fewer than 2^31 tasks");
        walk.number(node, task.0);
        self.edge_starts.push(self.edges.len() as u32);
        let mut is_leaf = true;
        for input in &node.inputs {
            let edge = walk.edge(lowered.resolve(&input.0));
            is_leaf &= matches!(edge, Edge::Held(_));
            self.edges.push(edge);
        }
        self.nodes.push(Arc::clone(node));
        if is_leaf && node.label.lane == crate::Lane::Cpu {
            self.cpu_leaves.push(task);
        } else if is_leaf {
            self.waiting_leaves.push(task);
        }
    }

    fn finish(mut self, walk: &Walk, lowered: &Lowered) -> Plan {
        self.edge_starts.push(self.edges.len() as u32);
        for output in &lowered.outputs {
            self.edges.push(walk.edge(lowered.resolve(&output.0)));
        }
        self.edge_starts.push(u32::try_from(self.edges.len()).expect("fewer than 2^32 edges"));
        let (dependents, dependent_starts) = dependents(&self.edges, &self.edge_starts);
        Plan {
            nodes: self.nodes,
            held: self.held,
            edges: self.edges,
            edge_starts: self.edge_starts,
            dependents,
            dependent_starts,
            cpu_leaves: self.cpu_leaves,
            waiting_leaves: self.waiting_leaves,
        }
    }
}

/// The edges the other way round: for each task, those that wait for it, in order.
fn dependents(edges: &[Edge], edge_starts: &[u32]) -> (Vec<TaskId>, Vec<u32>) {
    let tasks = edge_starts.len() - 2;
    let mut starts = vec![0_u32; tasks + 1];
    for edge in edges {
        if let Edge::Task(input) = edge {
            starts[input.0 as usize + 1] += 1;
        }
    }
    for task in 0..tasks {
        starts[task + 1] += starts[task];
    }
    let mut dependents = vec![TaskId(0); starts[tasks] as usize];
    let mut next = starts.clone();
    for (task, bounds) in edge_starts.windows(2).enumerate() {
        for edge in &edges[bounds[0] as usize..bounds[1] as usize] {
            if let Edge::Task(input) = edge {
                let place = &mut next[input.0 as usize];
                dependents[*place as usize] = TaskId(task as u32);
                *place += 1;
            }
        }
    }
    (dependents, starts)
}
