//! Which requests share a pass: what they are answered from, as the user knows it.
//!
//! Going down from the answer of a request, the first tasks that work on a part (a block, a file) are the ones that
//! it is answered from. Requests with the same such tasks share a pass over their data.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::Location;

use super::{Plan, TaskId};
use crate::graph::{AnyDelayed, Role};

/// More steps than this are not gone: a plan with so many requests and tasks is explained by its counts.
const MOST_STEPS: usize = 4_000_000;

/// Requests that are answered by one pass over their data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pass {
    /// What was asked, and where in the program.
    pub requests: Vec<(&'static str, &'static Location<'static>)>,
    /// The name of the tasks that work on a part each.
    pub task: &'static str,
    /// How many of them there are.
    pub count: usize,
    /// The parts of the first and the last.
    pub parts: (String, String),
}

impl Plan {
    /// The passes, in the order in which the requests were met. Empty when there are no requests, or too many to
    /// follow.
    pub(super) fn passes(&self) -> Vec<Pass> {
        let requests = self.described_requests();
        if requests.len().saturating_mul(self.shape.len()) > MOST_STEPS || requests.is_empty() {
            return Vec::new();
        }
        let tasks: HashMap<*const (), TaskId> = self
            .shape
            .tasks()
            .map(|task| (std::ptr::from_ref(self.node(task)).cast(), task))
            .collect();
        let mut passes: Vec<Pass> = Vec::new();
        let mut known: HashMap<Vec<TaskId>, usize> = HashMap::new();
        for request in requests {
            let answers = self.nodes.owner().lowered().each(request);
            let roots = answers.iter().filter_map(|node| tasks.get(&node.address()).copied());
            let parts = self.nearest_parts(roots.collect());
            let (Some(&first), Some(&last)) = (parts.first(), parts.last()) else { continue };
            let label = &request.node().label;
            let place = *known.entry(parts.clone()).or_insert(passes.len());
            if place == passes.len() {
                let part = |task: TaskId| self.label(task).part().unwrap_or_default().to_owned();
                passes.push(Pass {
                    requests: Vec::new(),
                    task: self.label(first).name,
                    count: parts.len(),
                    parts: (part(first), part(last)),
                });
            }
            passes[place].requests.push((label.name, label.site));
        }
        passes
    }

    /// The requests of the graph as it was described.
    fn described_requests(&self) -> Vec<&AnyDelayed> {
        let (mut met, mut requests) = (HashSet::new(), Vec::new());
        let mut stack: Vec<&AnyDelayed> =
            self.nodes.owner().lowered().outputs.iter().rev().collect();
        while let Some(handle) = stack.pop() {
            if met.insert(handle.address()) {
                if matches!(handle.node().body.role(), Role::Layer(_)) {
                    requests.push(handle);
                }
                stack.extend(handle.node().inputs().into_iter().rev());
            }
        }
        requests
    }

    /// The first tasks with a part on each way down, in plan order.
    fn nearest_parts(&self, roots: Vec<TaskId>) -> Vec<TaskId> {
        let (mut met, mut parts, mut stack) = (HashSet::new(), Vec::new(), roots);
        while let Some(task) = stack.pop() {
            if !met.insert(task) {
                continue;
            }
            if self.label(task).part().is_some() {
                parts.push(task);
            } else {
                stack.extend(self.shape.task_edges(task));
            }
        }
        parts.sort_unstable();
        parts
    }
}

/// `4 x block, [0:10] .. [30:40]: mean, 2 x std`.
impl fmt::Display for Pass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, task, count, parts: (first, last) } = self;
        write!(formatter, "{count} x {task}, {}", Short(first))?;
        if *count > 1 {
            write!(formatter, " .. {}", Short(last))?;
        }
        let mut names: Vec<(&str, usize)> = Vec::new();
        for (name, _) in requests {
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, times)) => *times += 1,
                None => names.push((name, 1)),
            }
        }
        for (place, (name, times)) in names.iter().enumerate() {
            formatter.write_str(if place == 0 { ": " } else { ", " })?;
            if *times > 1 {
                write!(formatter, "{times} x ")?;
            }
            formatter.write_str(name)?;
        }
        Ok(())
    }
}

/// The end of a part, which tells more than its beginning, on one line.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let harmless = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
        let count = self.0.chars().count();
        if count > 48 {
            formatter.write_str("\u{2026}")?;
        }
        let letters = self.0.chars().skip(count.saturating_sub(47 + usize::from(count == 48)));
        letters.map(harmless).try_for_each(|letter| write!(formatter, "{letter}"))
    }
}
