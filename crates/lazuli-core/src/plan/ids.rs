//! Ids of tasks that are the same in every run of the same program.

use std::collections::HashMap;
use std::fmt;

use super::{Plan, TaskId};

/// What tells a task from every other of its plan, the same in every run of the same program.
///
/// It is made of the task's name, its part and the same of all tasks below it; tasks that are alike in
/// all this are counted in the order of the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    name: &'static str,
    hash: u64,
    count: u32,
}

/// `square-7f71b1327f71b132`, or `square-7f71b1327f71b132.2` for the third of its kind.
impl fmt::Display for TaskKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:016x}", self.name, self.hash)?;
        match self.count {
            0 => Ok(()),
            count => write!(formatter, ".{count}"),
        }
    }
}

impl Plan {
    pub(super) fn ids(&self) -> &[TaskKey] {
        self.ids.get_or_init(|| self.make_ids())
    }

    fn make_ids(&self) -> Vec<TaskKey> {
        let mut hashes: Vec<u64> = Vec::with_capacity(self.shape.len());
        let mut alike: HashMap<u64, u32> = HashMap::new();
        let mut ids = Vec::with_capacity(self.shape.len());
        for index in 0..self.shape.len() {
            let task = TaskId(index as u32);
            let below = self.shape.edges(task).iter().map(|edge| match edge.as_task() {
                Some(input) => hashes[input.0 as usize],
                None => self.held_node(*edge).fingerprint(),
            });
            let hash = self.node(task).fingerprint_over(below);
            let count = alike.entry(hash).or_default();
            ids.push(TaskKey { name: self.label(task).name, hash, count: *count });
            *count += 1;
            hashes.push(hash);
        }
        ids
    }
}
