//! One order, found step by step.
//!
//! A task that lets go of a result, because it is the last that takes it, holds no more afterwards than
//! before: whatever the rest of the order, running it at once costs nothing. So such tasks always come
//! first. The choice is among the others, each of which adds a result:
//!
//! - There is a *goal*, and what it still misses runs first, below that what this misses, and so on; of
//!   several inputs, the one that needs most.
//! - Before anything runs that adds a result, a *bargain* is looked for: a task near at hand that needs
//!   nothing loaded, and after which (and after what it misses) no more is held than before.
//! - Where the goal is reached, the next one is chosen. How is a matter of style: what takes the results
//!   that are held, and misses least; or what takes the latest; or the next output.
//!
//! No style is best for all graphs, so there are a few. What is *loaded* is a task without inputs; a task
//! is *near* when all that is to be loaded for it has been.

mod bargain;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::Graph;

/// How choices are made.
pub(super) struct Style {
    next: Next,
    /// Outputs that no task takes run as soon as they can.
    eager: bool,
    /// The outputs that need most are goals first, else those that need least.
    large_first: bool,
}

/// What becomes the next goal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The task that misses least, of those that have some of their inputs.
    Nearest,
    /// The one that takes the latest result.
    Latest,
    /// The next output.
    Output,
}

/// Large first suits trees that share little; small first, outputs that build on each other.
pub(super) const STYLES: [Style; 3] = [
    Style { next: Next::Nearest, eager: true, large_first: true },
    Style { next: Next::Output, eager: false, large_first: true },
    Style { next: Next::Latest, eager: true, large_first: false },
];

/// The tasks in the order of this style.
pub(super) fn order(graph: &Graph, style: &Style) -> Vec<u32> {
    let mut search = Search::new(graph, style);
    search.run_all();
    search.order
}

struct Search<'g> {
    graph: &'g Graph,
    style: &'g Style,
    order: Vec<u32>,
    states: Vec<State>,
    /// Tasks that let go of a result and can run.
    free: Vec<u32>,
    /// Tasks that may have become bargains.
    offers: Vec<u32>,
    /// Goals that stand next: those that miss least, or the latest on top. Some have run meanwhile.
    nearest: BinaryHeap<Reverse<u64>>,
    latest: Vec<u32>,
    /// Emptied after each use.
    scratch: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct State {
    done: bool,
    /// Inputs that have not run.
    missing: u32,
    /// Inputs that are not near.
    far: u32,
    /// Users that have not run; the caller, who takes an output, is one that never does.
    uses: u32,
    /// These users, each in exclusive or with the others: when one is left, this is its number.
    users: u32,
    /// Inputs whose only user left is this task.
    frees: u32,
}

/// A task on the way to the goal, and which of its inputs comes next.
struct Step {
    task: u32,
    next: usize,
    /// Near inputs come second: they add results, and nothing is lost by waiting with them.
    near: bool,
}

impl Step {
    fn new(task: u32) -> Self {
        Self { task, next: 0, near: false }
    }
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, style: &'g Style) -> Self {
        let caller = graph.len() as u32;
        let mut states = vec![State::default(); graph.len() + 1];
        // The caller has a state as well, as it may be the last user of a result. It never runs.
        states[graph.len()] = State { missing: 1, far: 1, ..State::default() };
        for task in 0..caller {
            let state = &mut states[task as usize];
            state.missing = graph.inputs(task).len() as u32;
            state.far = state.missing;
            let users = graph.users(task);
            (state.uses, state.users) = (users.len() as u32, users.iter().fold(0, |all, user| all ^ user));
            if graph.is_output(task) {
                state.uses += 1;
                state.users ^= caller;
            }
            if state.uses == 1 {
                let user = state.users;
                states[user as usize].frees += 1;
            }
        }
        Self {
            graph,
            style,
            order: Vec::with_capacity(graph.len()),
            states,
            free: Vec::new(),
            offers: Vec::new(),
            nearest: BinaryHeap::new(),
            latest: Vec::new(),
            scratch: Vec::new(),
        }
    }

    fn state(&self, task: u32) -> &State {
        &self.states[task as usize]
    }

    fn run_all(&mut self) {
        let mut outputs = self.graph.outputs().to_vec();
        if !self.style.large_first {
            outputs.sort_by_key(|&output| self.graph.need(output));
        }
        let mut outputs = outputs.into_iter();
        let mut steps: Vec<Step> = Vec::new();
        loop {
            while let Some(task) = self.free.pop() {
                self.run(task);
            }
            let Some(step) = steps.last_mut() else {
                let Some(goal) = self.next_goal(&mut outputs) else { return };
                steps.push(Step::new(goal));
                continue;
            };
            let task = step.task;
            let state = &self.states[task as usize];
            if state.done {
                steps.pop();
            } else if state.missing > 0 {
                let input = next_input(self.graph, &self.states, step);
                steps.push(Step::new(input));
            } else if let Some(bargain) = self.next_bargain() {
                steps.push(Step::new(bargain));
            } else {
                self.run(task);
            }
        }
    }

    fn next_goal(&mut self, outputs: &mut impl Iterator<Item = u32>) -> Option<u32> {
        while let Some(Reverse(key)) = self.nearest.pop() {
            let task = key as u32;
            // It has an entry for each of its states, and the last is the true one.
            if !self.state(task).done && key == self.nearness(task) {
                return Some(task);
            }
        }
        while let Some(task) = self.latest.pop() {
            if !self.state(task).done {
                return Some(task);
            }
        }
        outputs.find(|&output| !self.state(output).done)
    }

    /// Lower for a task that is nearer to running: by what it misses, then what it would hold.
    fn nearness(&self, task: u32) -> u64 {
        let state = self.state(task);
        let [far, missing] = [state.far, state.missing].map(|count| u64::from(count.min(255)));
        let need = u64::from(self.graph.need(task).min(65_535));
        far << 56 | missing << 48 | need << 32 | u64::from(task)
    }

    /// Something about the task has changed that may make it worth running, or the next goal.
    fn touch(&mut self, task: u32) {
        if self.state(task).far == 0 {
            self.offers.push(task);
        }
        match self.style.next {
            Next::Nearest => self.nearest.push(Reverse(self.nearness(task))),
            Next::Latest => self.latest.push(task),
            Next::Output => {}
        }
    }

    /// Whether the task can run and adds nothing to what is held.
    fn is_free(&self, task: u32) -> bool {
        let state = self.state(task);
        state.missing == 0 && (state.frees > 0 || self.style.eager && self.is_end(task))
    }

    /// An output that no task takes.
    fn is_end(&self, task: u32) -> bool {
        self.graph.is_output(task) && self.graph.users(task).is_empty()
    }

    fn run(&mut self, task: u32) {
        let graph = self.graph;
        if std::mem::replace(&mut self.states[task as usize].done, true) {
            return;
        }
        self.order.push(task);
        for &input in graph.inputs(task) {
            let state = &mut self.states[input as usize];
            state.uses -= 1;
            state.users ^= task;
            if state.uses == 1 {
                let user = state.users;
                self.states[user as usize].frees += 1;
                if self.is_free(user) {
                    self.free.push(user);
                } else if self.state(user).far == 0 {
                    self.offers.push(user);
                }
            }
        }
        if graph.inputs(task).is_empty() {
            self.came_near(task);
        }
        // Last in, first out: the first is pushed last.
        for &user in graph.users(task).iter().rev() {
            self.states[user as usize].missing -= 1;
            if self.is_free(user) {
                self.free.push(user);
            } else {
                self.touch(user);
            }
        }
    }

    /// Something was loaded: what needs no more than that is near.
    fn came_near(&mut self, loaded: u32) {
        let mut near = std::mem::take(&mut self.scratch);
        near.push(loaded);
        while let Some(task) = near.pop() {
            for &user in self.graph.users(task) {
                let far = &mut self.states[user as usize].far;
                *far -= 1;
                if *far == 0 {
                    near.push(user);
                }
                self.touch(user);
            }
        }
        self.scratch = near;
    }
}

/// The next input that has not run, of a task that misses some.
fn next_input(graph: &Graph, states: &[State], step: &mut Step) -> u32 {
    let inputs = graph.inputs(step.task);
    loop {
        let Some(&input) = inputs.get(step.next) else {
            (step.next, step.near) = (0, true);
            continue;
        };
        step.next += 1;
        let state = &states[input as usize];
        let is_near = state.far == 0 && !graph.inputs(input).is_empty();
        if !state.done && (step.near || !is_near) {
            return input;
        }
    }
}
