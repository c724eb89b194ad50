//! Deduplicate: pure tasks that are equal become one, the first of them.
//!
//! Tasks are equal when name, key and type of the result are, and their inputs are the same or have become
//! one. So one pass in the order of the walk, inputs before dependents, finds them all. Keys are hashed
//! and compared by code of the user, which may take its time and compute something itself.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;

use smallvec::SmallVec;

use super::walk::Walked;
use super::{Edge, TaskId};
use crate::graph::Node;

/// Keeps one of each lot of equal pure tasks, and numbers the tasks without gaps again.
pub(super) fn dedupe(walked: &mut Walked<'_>) {
    if !walked.pure {
        return;
    }
    let found = walked.tasks.len();
    let mut tasks: Vec<&Node> = Vec::with_capacity(found);
    let mut starts: Vec<u32> = Vec::with_capacity(found + 2);
    let mut numbers: Vec<TaskId> = Vec::with_capacity(found);
    let mut pure = Pure::default();
    // The edges move up within their array, never past those still to be read.
    let mut end = 0;
    for task in 0..=found {
        let start = end;
        for at in walked.edge_starts[task] as usize..walked.edge_starts[task + 1] as usize {
            let edge = walked.edges[at];
            let number = |task: TaskId| Edge::task(numbers[task.0 as usize]);
            walked.edges[end] = edge.as_task().map_or(edge, number);
            end += 1;
        }
        let Some(&node) = walked.tasks.get(task) else {
            starts.push(start as u32);
            continue;
        };
        let number = TaskId::new(tasks.len());
        let equal = pure.equal(node, number, &walked.edges[start..end], |other| {
            let other = other.0 as usize;
            let other_end = starts.get(other + 1).map_or(start, |&end| end as usize);
            (tasks[other], &walked.edges[starts[other] as usize..other_end])
        });
        if let Some(equal) = equal {
            numbers.push(equal);
            end = start;
        } else {
            numbers.push(number);
            starts.push(start as u32);
            tasks.push(node);
        }
    }
    starts.push(end as u32);
    walked.edges.truncate(end);
    // A task that was kept has a greater number than every one kept before it.
    let mut kept = 0;
    let mut is_kept = vec![false; found];
    for (task, &number) in numbers.iter().enumerate() {
        is_kept[task] = number.0 == kept;
        kept += u32::from(is_kept[task]);
    }
    walked.leaves.renumber(|task| is_kept[task.0 as usize].then(|| numbers[task.0 as usize]));
    (walked.tasks, walked.edge_starts) = (tasks, starts);
}

/// Pure tasks by their hash.
#[derive(Default)]
struct Pure(HashMap<u64, SmallVec<[TaskId; 2]>>);

impl Pure {
    /// The task that does the same as this pure one, if there is one; else remembers this one.
    fn equal<'a>(
        &mut self,
        node: &Node,
        task: TaskId,
        edges: &[Edge],
        get: impl Fn(TaskId) -> (&'a Node, &'a [Edge]),
    ) -> Option<TaskId> {
        let extra = node.label.extra.as_ref()?;
        let key = extra.pure.as_deref()?;
        let mut hasher = DefaultHasher::new();
        hasher.write(node.label.name.as_bytes());
        key.hash(&mut hasher);
        for edge in edges {
            hasher.write_u32(edge.0);
        }
        let same_hash = self.0.entry(hasher.finish()).or_default();
        let equal = same_hash.iter().copied().find(|&other| {
            let (other, other_edges) = get(other);
            other.label.name == node.label.name
                && other_edges == edges
                && other.label.extra.as_ref().is_some_and(|other| {
                    other.yields == extra.yields
                        && other.pure.as_deref().is_some_and(|other| key.equals(other))
                })
        });
        if equal.is_none() {
            same_hash.push(task);
        }
        equal
    }
}
