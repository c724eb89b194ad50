//! What each step of planning made of the graph, in figures.

use std::collections::HashSet;
use std::fmt;

use super::{Pass, Plan, TaskId};
use crate::graph::{AnyDelayed, Role};

/// What planning makes of a graph: counts before and after each step, and what running the plan takes.
///
/// Its `Display` is a small table:
///
/// ```
/// use lazuli_core::{Delayed, task};
///
/// let square = |x: i64| task("square").pure(x).call((), move |()| x * x);
/// let explained = (square(3) + square(3) + 1).explain()?.to_string();
/// assert!(explained.contains("deduplicate        4 tasks -> 3 tasks"), "{explained}");
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Nodes of the described graph: tasks, requests and values at hand.
    pub described: usize,
    /// Symbolic requests of collections among them.
    pub requests: usize,
    /// Tasks once every request is lowered, with those that no output needs.
    pub lowered: usize,
    /// Tasks that the outputs need.
    pub culled: usize,
    /// Tasks when equal pure ones are one: those that run.
    pub tasks: usize,
    /// Chains of those: a thread goes from a CPU task straight to the one that takes its result and waits for
    /// nothing else, with no queue between, when nobody else takes that result.
    pub chains: usize,
    /// Dependencies between tasks.
    pub edges: usize,
    /// Tasks that wait for no other.
    pub leaves: usize,
    /// Tasks on the longest path: no number of threads takes fewer steps.
    pub depth: usize,
    /// Most results held at once when the tasks run in order on one thread.
    pub peak_results: usize,
    /// Bytes held then, as far as tasks say how many they take.
    pub peak_bytes: u64,
    /// The same when results wait in a scratch file while no task uses them, where their type says how they
    /// are written: the least memory limit that the plan runs with.
    pub least_bytes: u64,
    /// Which requests share a pass over their data. Empty where there are too many to follow.
    pub passes: Vec<Pass>,
}

impl Plan {
    /// What each step of planning made of the graph. O(tasks and edges).
    #[must_use]
    pub fn explain(&self) -> Explanation {
        let lowered = self.nodes.owner().lowered();
        let mut described = Walked::default();
        described.walk(lowered.outputs.iter(), |node| node);
        // What the requests were described with, and what became of them.
        let mut all = Walked::default();
        all.walk(lowered.outputs.iter(), |node| lowered.resolve(node));
        let peak = self.peak();
        let leaves = &self.shape.leaves;
        Explanation {
            described: described.met.len(),
            requests: lowered.requests(),
            lowered: all.tasks.union(&described.tasks).count(),
            culled: all.tasks.len(),
            tasks: self.runs(),
            chains: self.chains(),
            edges: (0..self.shape.len() as u32)
                .map(|task| self.shape.task_edges(TaskId(task)).count())
                .sum(),
            leaves: leaves.cpu.len() + leaves.off_pool.len(),
            depth: self.depth(),
            peak_results: peak.map_or(0, |peak| peak.results),
            peak_bytes: peak.map_or(0, |peak| peak.bytes),
            least_bytes: self.least_peak().map_or(0, |least| least.bytes),
            passes: self.passes(),
        }
    }

    fn chains(&self) -> usize {
        let goes_on = |&task: &TaskId| {
            let mut inputs = self.shape.task_edges(task);
            let only = inputs.next().filter(|_| inputs.next().is_none());
            only.is_some_and(|input| {
                self.is_cpu(task) && self.is_cpu(input) && self.shape.dependents(input).len() == 1
            })
        };
        let runs = self.shape.tasks().filter(|&task| self.output_of(task).is_none());
        runs.filter(|task| !goes_on(task)).count()
    }

    fn depth(&self) -> usize {
        let mut depths: Vec<usize> = Vec::with_capacity(self.shape.len());
        for task in (0..self.shape.len() as u32).map(TaskId) {
            let below = self.shape.task_edges(task).map(|input| depths[input.0 as usize]);
            let own = usize::from(self.output_of(task).is_none());
            depths.push(below.max().unwrap_or(0) + own);
        }
        depths.into_iter().max().unwrap_or(0)
    }
}

#[derive(Default)]
struct Walked {
    met: HashSet<*const ()>,
    tasks: HashSet<*const ()>,
}

impl Walked {
    fn walk<'g>(
        &mut self,
        outputs: impl Iterator<Item = &'g AnyDelayed>,
        resolve: impl Fn(&'g AnyDelayed) -> &'g AnyDelayed,
    ) {
        let mut stack: Vec<&AnyDelayed> = outputs.collect();
        while let Some(handle) = stack.pop() {
            let handle = resolve(handle);
            if !self.met.insert(handle.address()) {
                continue;
            }
            let node = handle.node();
            if matches!(node.body.role(), Role::Task(_) | Role::Awaited(_)) {
                self.tasks.insert(handle.address());
            }
            stack.extend(node.inputs());
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, pass) in self.passes.iter().enumerate() {
            writeln!(formatter, "pass {:<7} {pass}", number + 1)?;
        }
        let Self { described, requests, lowered, culled, tasks, chains, .. } = *self;
        writeln!(formatter, "collect      {described:>7} nodes, {requests} of them requests")?;
        writeln!(formatter, "lower        {requests:>7} requests -> 0; {lowered} tasks now")?;
        writeln!(formatter, "cull         {lowered:>7} tasks -> {culled} tasks")?;
        writeln!(formatter, "deduplicate  {culled:>7} tasks -> {tasks} tasks")?;
        writeln!(formatter, "fuse         {tasks:>7} tasks -> {chains} chains")?;
        let Self { edges, leaves, depth, peak_results, peak_bytes, least_bytes, .. } = *self;
        write!(
            formatter,
            "order        {tasks:>7} tasks, {edges} dependencies, {leaves} leaves, {depth} deep; in order at \
             most {peak_results} results are held"
        )?;
        if peak_bytes > 0 {
            write!(formatter, " ({peak_bytes} bytes")?;
            if least_bytes < peak_bytes {
                write!(formatter, ", {least_bytes} with a scratch file")?;
            }
            write!(formatter, ")")?;
        }
        Ok(())
    }
}
