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
    /// None where there are no tasks. O(tasks and edges).
    pub(crate) fn peak(&self) -> Option<Peak> {
        let shape = &self.shape;
        let mut uses: Vec<usize> =
            (0..shape.len() as u32).map(|task| shape.dependents(TaskId(task)).len()).collect();
        let mut peak: Option<Peak> = None;
        let (mut held, mut results) = (0_u64, 0_usize);
        for task in (0..shape.len() as u32).map(TaskId) {
            let (holds, needs) = self.label(task).bytes();
            let own = holds.saturating_add(needs);
            let bytes = held.saturating_add(own);
            results += 1;
            let most = peak.map_or(0, |peak| peak.results).max(results);
            match &mut peak {
                Some(peak) if peak.bytes >= bytes => peak.results = most,
                _ => peak = Some(Peak { bytes, task, own, results: most }),
            }
            held = held.saturating_add(holds);
            for input in shape.task_edges(task) {
                let left = &mut uses[input.0 as usize];
                *left -= 1;
                if *left == 0 {
                    held = held.saturating_sub(self.label(input).bytes().0);
                    results -= 1;
                }
            }
        }
        peak
    }
}
