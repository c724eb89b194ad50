//! The order of a forest: every task has one dependent, or is an output and has none.
//!
//! The *need* of a task is the most that is held while all below it and it run. When the first of its
//! inputs has run, its result is held while the second's tree runs, and so on: so the input of the
//! greatest need comes first, which is the best of all orders (Sethi and Ullman 1970).
//!
//! The walk leaves each tree in one piece, its root last and the trees of the root's inputs before it.
//! So a tree moves as a whole, and moving it needs no more than its size.

use std::cmp::Reverse;

use super::super::{Shape, TaskId};
use crate::base::pages;

/// None when the tasks stand in this order already.
pub(super) fn order(shape: &Shape) -> Option<Vec<TaskId>> {
    if is_ordered(shape) { None } else { Some(Trees::new(shape).order(shape)) }
}

/// A tree below a task that no task so far has taken.
#[derive(Clone, Copy)]
struct Tree {
    root: TaskId,
    need: u32,
}

/// Whether every task finds the trees of its inputs right before it, in the order of their needs.
fn is_ordered(shape: &Shape) -> bool {
    let mut trees: Vec<Tree> = Vec::new();
    for task in shape.tasks() {
        let mut inputs = shape.task_edges(task);
        let need = match (inputs.next(), inputs.next(), inputs.next()) {
            (None, ..) => 1,
            (Some(only), None, _) => match trees.pop() {
                Some(tree) if tree.root == only => tree.need.max(2),
                _ => return false,
            },
            (Some(left), Some(right), None) => match (trees.pop(), trees.pop()) {
                (Some(second), Some(first))
                    if (first.root, second.root) == (left, right) && first.need >= second.need =>
                {
                    first.need.max(second.need + 1).max(3)
                }
                _ => return false,
            },
            _ => {
                let first = trees.len().saturating_sub(shape.task_edges(task).count());
                let below = &trees[first..];
                let met = below.iter().map(|tree| tree.root).eq(shape.task_edges(task));
                if !met || !below.is_sorted_by_key(|tree| Reverse(tree.need)) {
                    return false;
                }
                let need = need(below.iter().map(|tree| tree.need));
                trees.truncate(first);
                need
            }
        };
        trees.push(Tree { root: task, need });
    }
    trees.is_sorted_by_key(|tree| Reverse(tree.need))
}

/// What a task needs, from the needs of its inputs in the order in which they run.
pub(super) fn need(inputs: impl Iterator<Item = u32>) -> u32 {
    let (mut most, mut before) = (0, 0_u32);
    for need in inputs {
        most = most.max(need.saturating_add(before));
        before += 1;
    }
    most.max(before + 1)
}

struct Trees {
    needs: Vec<u32>,
    sizes: Vec<u32>,
}

impl Trees {
    fn new(shape: &Shape) -> Self {
        let mut needs: Vec<u32> = pages::with_capacity(shape.len());
        let mut sizes: Vec<u32> = pages::with_capacity(shape.len());
        let mut below = Vec::new();
        for task in shape.tasks() {
            below.clear();
            below.extend(shape.task_edges(task).map(|input| needs[input.0 as usize]));
            below.sort_unstable_by_key(|&need| Reverse(need));
            needs.push(need(below.iter().copied()));
            sizes
                .push(1 + shape.task_edges(task).map(|input| sizes[input.0 as usize]).sum::<u32>());
        }
        Self { needs, sizes }
    }

    /// From the outputs down, every tree gets its place among the trees beside it.
    fn order(&self, shape: &Shape) -> Vec<TaskId> {
        let mut order = pages::with_capacity(shape.len());
        order.resize(shape.len(), TaskId(0));
        // Where the tree of a task begins; set before the task comes up, as its dependent does first.
        let mut starts: Vec<u32> = pages::with_capacity(shape.len());
        starts.resize(shape.len(), 0);
        let mut below: Vec<TaskId> = shape.task_edges(shape.answer()).collect();
        below.sort_by_key(|task| {
            (Reverse(self.needs[task.0 as usize]), Reverse(self.sizes[task.0 as usize]))
        });
        self.place(&below, 0, &mut starts);
        for task in shape.tasks().rev() {
            let start = starts[task.0 as usize];
            order[(start + self.sizes[task.0 as usize]) as usize - 1] = task;
            below.clear();
            below.extend(shape.task_edges(task));
            below.sort_by_key(|task| Reverse(self.needs[task.0 as usize]));
            self.place(&below, start, &mut starts);
        }
        order
    }

    fn place(&self, trees: &[TaskId], mut start: u32, starts: &mut [u32]) {
        for tree in trees {
            starts[tree.0 as usize] = start;
            start += self.sizes[tree.0 as usize];
        }
    }
}
