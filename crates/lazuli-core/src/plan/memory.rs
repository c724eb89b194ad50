//! How much a plan holds at once, as far as its tasks say how many bytes they take.
//!
//! This is counted for tasks that run in plan order on one thread. Admission by bytes (see
//! `run::admission`) never holds more than its limit if that much fits.

use super::{Plan, TaskId};

/// The most that a plan holds when its tasks run one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peak {
    pub(crate) bytes: u64,
    /// The task during which that is held.
    pub(crate) task: TaskId,
    /// What it adds to that itself.
    pub(crate) own: u64,
    /// Most results held at once, counted.
    pub(crate) results: usize,
}

impl Plan {
    /// Bytes of the value that a task, or one output of a task with many, holds.
    pub(crate) fn output_bytes(&self, task: TaskId) -> u64 {
        self.label(task).bytes().0
    }

    /// Bytes of the outputs of a task that nobody takes.
    pub(crate) fn unused_bytes(&self, task: TaskId) -> u64 {
        if !self.has_many_outputs(task) {
            return 0;
        }
        let outputs = self.shape.dependents(task).iter();
        let used = outputs.map(|&output| self.output_bytes(output)).fold(0, u64::saturating_add);
        self.output_bytes(task).saturating_sub(used)
    }

    /// None where there are no tasks. O(tasks and edges).
    pub(crate) fn peak(&self) -> Option<Peak> {
        let shape = &self.shape;
        let mut uses: Vec<usize> = shape.tasks().map(|task| shape.dependents(task).len()).collect();
        let mut peak: Option<Peak> = None;
        let (mut held, mut results) = (0_u64, 0_usize);
        for task in shape.tasks() {
            if self.output_of(task).is_some() {
                // Counted with its task.
                continue;
            }
            let (output, working) = self.label(task).bytes();
            let own = output.saturating_add(working);
            let bytes = held.saturating_add(own);
            results += if self.has_many_outputs(task) { shape.dependents(task).len() } else { 1 };
            let most = peak.map_or(0, |peak| peak.results).max(results);
            match &mut peak {
                Some(peak) if peak.bytes >= bytes => peak.results = most,
                _ => peak = Some(Peak { bytes, task, own, results: most }),
            }
            held = held.saturating_add(output).saturating_sub(self.unused_bytes(task));
            for input in shape.task_edges(task) {
                let left = &mut uses[input.0 as usize];
                *left -= 1;
                if *left == 0 {
                    held = held.saturating_sub(self.output_bytes(input));
                    results -= 1;
                }
            }
        }
        peak
    }
}
