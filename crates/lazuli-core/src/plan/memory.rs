//! How much a plan holds at once, as far as its tasks say how many bytes they take.
//!
//! This is counted for tasks that run in plan order on one thread. Admission by bytes (see
//! `run::admission`) never holds more than its limit if that much fits.

use smallvec::SmallVec;

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

    /// Whether the value can be put into a scratch file while no task uses it.
    pub(crate) fn may_spill(&self, value: TaskId) -> bool {
        self.label(value).codec().is_some() && self.output_bytes(value) > 0
    }

    /// The values that a task takes and that can be put into a scratch file, each once.
    pub(crate) fn spillable_inputs(&self, task: TaskId) -> SmallVec<[TaskId; 4]> {
        let inputs = self.shape.task_edges(task).filter(|&input| self.may_spill(input));
        let mut inputs: SmallVec<[TaskId; 4]> = inputs.collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    /// None where there are no tasks. O(tasks and edges).
    pub(crate) fn peak(&self) -> Option<Peak> {
        self.peak_where(false)
    }

    /// The same when each value that may is in a scratch file while no task uses it. What takes the answer is
    /// no task: it takes all outputs at once, and they are the caller's.
    pub(crate) fn least_peak(&self) -> Option<Peak> {
        self.peak_where(true)
    }

    fn peak_where(&self, spilling: bool) -> Option<Peak> {
        let shape = &self.shape;
        let stays = |value: TaskId| !spilling || !self.may_spill(value);
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
            let mut bytes = held.saturating_add(own);
            if spilling {
                let inputs = self.spillable_inputs(task);
                let read = inputs.iter().map(|&input| self.output_bytes(input));
                bytes = read.fold(bytes, u64::saturating_add);
            }
            let many = self.has_many_outputs(task);
            results += if many { shape.dependents(task).len() } else { 1 };
            let most = peak.map_or(0, |peak| peak.results).max(results);
            match &mut peak {
                Some(peak) if peak.bytes >= bytes => peak.results = most,
                _ => peak = Some(Peak { bytes, task, own, results: most }),
            }
            let values = if many { shape.dependents(task) } else { &[task] };
            for &value in values.iter().filter(|&&value| stays(value)) {
                held = held.saturating_add(self.output_bytes(value));
            }
            for input in shape.task_edges(task) {
                let left = &mut uses[input.0 as usize];
                *left -= 1;
                if *left == 0 {
                    results -= 1;
                    if stays(input) {
                        held = held.saturating_sub(self.output_bytes(input));
                    }
                }
            }
        }
        peak
    }
}
