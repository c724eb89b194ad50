//! The graph as the search for an order sees it: tasks only, each edge once, numbered by structure.
//!
//! The numbers of the plan come from a walk that takes the outputs as they are listed. Here the outputs
//! are sorted by what hangs below and around them, and a walk from them numbers the tasks anew; so where
//! the search has nothing else to go by than the number, the list has no say in it. Of the inputs of a
//! task, the one that needs most comes first, then the one at the end of the longest path.

use std::cmp::Reverse;

use super::super::{Shape, TaskId};
use super::forest;

pub(super) struct Graph {
    inputs: Lists,
    /// The other way round: the answer is not among them.
    users: Lists,
    /// Those whose results stay to the end, first the ones that need most.
    outputs: Vec<u32>,
    is_output: Vec<bool>,
    /// What the task and all below it would hold at most, were it a tree.
    needs: Vec<u32>,
    /// The task in the plan.
    originals: Vec<TaskId>,
}

/// A list for each task, in one array.
struct Lists {
    items: Vec<u32>,
    starts: Vec<u32>,
}

impl Lists {
    fn of(&self, task: u32) -> &[u32] {
        let task = task as usize;
        &self.items[self.starts[task] as usize..self.starts[task + 1] as usize]
    }

    /// For each task, those in whose lists it is, in order.
    fn turned(&self) -> Self {
        let len = self.starts.len() - 1;
        let mut starts = vec![0_u32; len + 2];
        for &item in &self.items {
            starts[item as usize + 2] += 1;
        }
        for task in 2..len + 2 {
            starts[task] += starts[task - 1];
        }
        let mut items = vec![0; self.items.len()];
        for task in 0..len as u32 {
            for &item in self.of(task) {
                let place = &mut starts[item as usize + 1];
                items[*place as usize] = task;
                *place += 1;
            }
        }
        starts.pop();
        Self { items, starts }
    }
}

impl Graph {
    pub(super) fn new(shape: &Shape) -> Self {
        let sketch = Sketch::new(shape);
        let outputs = sketch.outputs(shape);
        let (originals, numbers) = walk(shape, &outputs);
        let mut inputs = Lists { items: Vec::new(), starts: vec![0] };
        for &task in &originals {
            let start = inputs.items.len();
            let below = shape.task_edges(task).map(|input| numbers[input.0 as usize]);
            inputs.items.extend(below);
            let by_need = |&input: &u32| {
                let original = originals[input as usize];
                (Reverse(sketch.rank(original)), input)
            };
            inputs.items[start..].sort_unstable_by_key(by_need);
            let mut end = start;
            for at in start..inputs.items.len() {
                if at == start || inputs.items[at] != inputs.items[at - 1] {
                    inputs.items[end] = inputs.items[at];
                    end += 1;
                }
            }
            inputs.items.truncate(end);
            inputs.starts.push(end as u32);
        }
        let users = inputs.turned();
        let outputs: Vec<u32> = outputs.iter().map(|task| numbers[task.0 as usize]).collect();
        let mut is_output = vec![false; originals.len()];
        outputs.iter().for_each(|&output| is_output[output as usize] = true);
        let needs = originals.iter().map(|task| sketch.needs[task.0 as usize]).collect();
        Self { inputs, users, outputs, is_output, needs, originals }
    }

    pub(super) fn len(&self) -> usize {
        self.originals.len()
    }

    pub(super) fn inputs(&self, task: u32) -> &[u32] {
        self.inputs.of(task)
    }

    pub(super) fn users(&self, task: u32) -> &[u32] {
        self.users.of(task)
    }

    pub(super) fn outputs(&self) -> &[u32] {
        &self.outputs
    }

    pub(super) fn is_output(&self, task: u32) -> bool {
        self.is_output[task as usize]
    }

    pub(super) fn need(&self, task: u32) -> u32 {
        self.needs[task as usize]
    }

    pub(super) fn original(&self, task: u32) -> TaskId {
        self.originals[task as usize]
    }
}

/// The tasks depth first from these outputs, inputs before dependents, and the number of each.
fn walk(shape: &Shape, outputs: &[TaskId]) -> (Vec<TaskId>, Vec<u32>) {
    const NEW: u32 = u32::MAX;
    const ENTERED: u32 = u32::MAX - 1;
    let mut numbers = vec![NEW; shape.len()];
    let mut order = Vec::with_capacity(shape.len());
    let mut stack: Vec<TaskId> = Vec::new();
    for &output in outputs {
        stack.push(output);
        while let Some(&task) = stack.last() {
            let number = &mut numbers[task.0 as usize];
            if *number == NEW {
                *number = ENTERED;
                let place = stack.len();
                let new = |input: &TaskId| numbers[input.0 as usize] == NEW;
                stack.extend(shape.task_edges(task).filter(new));
                // The first input comes up first.
                stack[place..].reverse();
                continue;
            }
            stack.pop();
            if *number == ENTERED {
                *number = order.len() as u32;
                order.push(task);
            }
        }
    }
    (order, numbers)
}

/// What can be said of a task by its surroundings, whatever its number.
struct Sketch {
    needs: Vec<u32>,
    /// Tasks on the longest path up to it.
    heights: Vec<u32>,
    /// How many others take what is below it, counted along every path.
    shared: Vec<u32>,
    /// Equal for tasks that are alike in all that is below them and, mostly, around them; empty where
    /// there is nothing to sort.
    hashes: Vec<u64>,
}

impl Sketch {
    fn new(shape: &Shape) -> Self {
        let mut needs: Vec<u32> = Vec::with_capacity(shape.len());
        let mut heights: Vec<u32> = Vec::with_capacity(shape.len());
        let mut shared: Vec<u32> = Vec::with_capacity(shape.len());
        let mut below = Vec::new();
        for task in shape.tasks() {
            let others = |input: TaskId| shape.dependents(input).len() as u32 - 1;
            shared.push(shape.task_edges(task).fold(0_u32, |sum, input| {
                sum.saturating_add(shared[input.0 as usize]).saturating_add(others(input))
            }));
            below.clear();
            below.extend(shape.task_edges(task).map(|input| (needs[input.0 as usize], input)));
            below.sort_unstable_by_key(|&below| Reverse(below));
            below.dedup();
            needs.push(forest::need(below.iter().map(|&(need, _)| need)));
            let height = shape.task_edges(task).map(|input| heights[input.0 as usize]).max();
            heights.push(height.map_or(1, |height| height + 1));
        }
        let is_one = shape.edges(shape.answer()).len() == 1;
        let hashes = if is_one { Vec::new() } else { hashes(shape) };
        Self { needs, heights, shared, hashes }
    }

    fn rank(&self, task: TaskId) -> (u32, u32) {
        (self.needs[task.0 as usize], self.heights[task.0 as usize])
    }

    /// Each output once.
    fn outputs(&self, shape: &Shape) -> Vec<TaskId> {
        let mut outputs: Vec<TaskId> = Vec::new();
        let mut met = vec![false; shape.len()];
        for output in shape.task_edges(shape.answer()) {
            if !std::mem::replace(&mut met[output.0 as usize], true) {
                outputs.push(output);
            }
        }
        let hash = |task: TaskId| self.hashes.get(task.0 as usize);
        let shared = |task: TaskId| self.shared[task.0 as usize];
        outputs.sort_by_key(|&task| (Reverse(self.rank(task)), shared(task), hash(task)));
        outputs
    }
}

/// Down from the inputs, up from the dependents, then down again with what is known by then.
fn hashes(shape: &Shape) -> Vec<u64> {
    let mut below: Vec<u64> = Vec::with_capacity(shape.len());
    for task in shape.tasks() {
        let inputs = shape.task_edges(task);
        below.push(inputs.fold(1, |hash, input| mix(hash, below[input.0 as usize])));
    }
    let mut around = vec![0_u64; shape.len()];
    for output in shape.task_edges(shape.answer()) {
        around[output.0 as usize] = 1;
    }
    for task in shape.tasks().rev() {
        let own = mix(around[task.0 as usize], below[task.0 as usize]);
        for (place, input) in shape.task_edges(task).enumerate() {
            // Added up, as the dependents are in no order of their own.
            let sum = &mut around[input.0 as usize];
            *sum = sum.wrapping_add(mix(own, place as u64));
        }
    }
    for task in shape.tasks() {
        let inputs = shape.task_edges(task);
        let own = around[task.0 as usize];
        around[task.0 as usize] =
            inputs.fold(own, |hash, input| mix(hash, around[input.0 as usize]));
    }
    around
}

/// Both halves of a product: cheap, and the same on every machine.
fn mix(left: u64, right: u64) -> u64 {
    let left = u128::from(left ^ 0x9e37_79b9_7f4a_7c15);
    let product = left * u128::from(right ^ 0xd1b5_4a32_d192_ed03);
    product as u64 ^ (product >> 64) as u64
}
