//! Graphs of tasks that do nothing, their plans, and what an order of them holds.

use lazuli_core::plan::Plan;
use lazuli_core::{Delayed, Executor, task};

/// The inputs of each task, which come before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) inputs: Vec<Vec<usize>>,
}

/// The most results held at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) all: usize,
    /// Without outputs that no task takes.
    pub(crate) inner: usize,
}

impl Graph {
    pub(crate) fn task(&mut self, inputs: impl IntoIterator<Item = usize>) -> usize {
        self.inputs.push(inputs.into_iter().collect());
        self.inputs.len() - 1
    }

    pub(crate) fn load(&mut self) -> usize {
        self.task([])
    }

    /// A task above another, and so on; the last of so many.
    pub(crate) fn chain(&mut self, of: usize, len: usize) -> usize {
        (0..len).fold(of, |below, _| self.task([below]))
    }

    /// Meets so many at a time until one is left.
    pub(crate) fn tree(&mut self, mut row: Vec<usize>, split_every: usize) -> usize {
        while row.len() > 1 {
            row = row.chunks(split_every).map(|some| self.task(some.iter().copied())).collect();
        }
        row[0]
    }

    /// The tasks that no other takes.
    pub(crate) fn ends(&self) -> Vec<usize> {
        let mut taken = vec![false; self.inputs.len()];
        self.inputs.iter().flatten().for_each(|&input| taken[input] = true);
        (0..taken.len()).filter(|&task| !taken[task]).collect()
    }

    pub(crate) fn plan(&self, outputs: &[usize]) -> Plan {
        let mut nodes: Vec<Delayed<()>> = Vec::new();
        for inputs in &self.inputs {
            let inputs: Vec<_> = inputs.iter().map(|&input| nodes[input].clone()).collect();
            nodes.push(task("task").call(inputs, |_: Vec<()>| ()));
        }
        let outputs: Vec<_> = outputs.iter().map(|&output| nodes[output].clone()).collect();
        Executor::shared().plan(&outputs).expect("no requests")
    }

    /// The tasks depth first, first inputs first.
    pub(crate) fn walk(&self, outputs: &[usize]) -> Vec<usize> {
        let mut met = vec![false; self.inputs.len()];
        let mut order = Vec::new();
        let mut stack: Vec<_> = outputs.iter().rev().map(|&output| (output, false)).collect();
        while let Some((task, inputs_done)) = stack.pop() {
            if inputs_done {
                order.push(task);
            } else if !std::mem::replace(&mut met[task], true) {
                stack.push((task, true));
                stack.extend(self.inputs[task].iter().rev().map(|&input| (input, false)));
            }
        }
        order
    }
}

/// What a plan holds. Its tasks must come after their inputs.
pub(crate) fn held_by(plan: &Plan) -> Held {
    let inputs: Vec<Vec<usize>> = plan.tasks().map(|task| task.dependencies().collect()).collect();
    let outputs: Vec<usize> = plan.outputs().collect();
    let order: Vec<usize> = (0..inputs.len()).collect();
    held(&Graph { inputs }, &outputs, &order)
}

pub(crate) fn held(graph: &Graph, outputs: &[usize], order: &[usize]) -> Held {
    let mut is_output = vec![false; graph.inputs.len()];
    outputs.iter().for_each(|&output| is_output[output] = true);
    let mut uses = vec![0; graph.inputs.len()];
    order.iter().flat_map(|&task| &graph.inputs[task]).for_each(|&input| uses[input] += 1);
    let is_end: Vec<bool> =
        (0..uses.len()).map(|task| is_output[task] && uses[task] == 0).collect();
    let mut done = vec![false; graph.inputs.len()];
    let (mut all, mut inner) = (0, 0);
    let mut most = Held { all: 0, inner: 0 };
    for &task in order {
        assert!(graph.inputs[task].iter().all(|&input| done[input]), "{task} before an input");
        assert!(!std::mem::replace(&mut done[task], true), "{task} twice");
        all += 1;
        inner += usize::from(!is_end[task]);
        most.all = most.all.max(all);
        most.inner = most.inner.max(inner + usize::from(is_end[task]));
        for &input in &graph.inputs[task] {
            uses[input] -= 1;
            if uses[input] == 0 && !is_output[input] {
                all -= 1;
                inner -= 1;
            }
        }
    }
    most
}

/// Numbers that look random, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % bound as u64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
