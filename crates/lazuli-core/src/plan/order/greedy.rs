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
    /// Tasks that may be the next goal.
    hull: Hull,
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

/// Tasks by level, the lowest level first, and in each the latest. A task may be in it more than once.
#[derive(Default)]
struct Hull {
    levels: [Vec<u32>; LEVELS],
    /// No lower level has tasks.
    lowest: usize,
}

const LEVELS: usize = 32;

impl State {
    fn level(&self) -> usize {
        (self.far as usize).min(LEVELS - 1)
    }
}

impl Hull {
    fn push(&mut self, level: usize, task: u32) {
        self.levels[level].push(task);
        self.lowest = self.lowest.min(level);
    }

    fn pop(&mut self) -> Option<(usize, u32)> {
        while let Some(level) = self.levels.get_mut(self.lowest) {
            if let Some(task) = level.pop() {
                return Some((self.lowest, task));
            }
            self.lowest += 1;
        }
        None
    }
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
            (state.uses, state.users) =
                (users.len() as u32, users.iter().fold(0, |all, user| all ^ user));
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
            hull: Hull::default(),
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
        let states = &self.states;
        while let Some((level, task)) = self.hull.pop() {
            let state = &states[task as usize];
            if !state.done && (self.style.next != Next::Nearest || level == state.level()) {
                return Some(task);
            }
        }
        outputs.find(|&output| !self.state(output).done)
    }

    /// Something about the task has changed that may make it worth running, or the next goal.
    fn touch(&mut self, task: u32) {
        if self.state(task).far == 0 {
            self.offers.push(task);
        }
        match self.style.next {
            Next::Nearest => self.hull.push(self.state(task).level(), task),
            Next::Latest => self.hull.push(0, task),
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
            for &user in self.graph.users(task).iter().rev() {
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
