//! The bytes of results that a run holds, as its plan tells: a result is held from the end of its task to the
//! end of the last one that takes it.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU32};

use lazuli_core::plan::Plan;

use super::series::Series;
use crate::lock::Lock;

/// Larger plans are not followed: their dependencies would take more room than what is shown of them.
const MOST_TASKS: usize = 1 << 20;

/// What a run holds, followed task by task.
pub(crate) struct Held {
    /// Inputs of task `t` are `inputs[starts[t]..starts[t + 1]]`.
    inputs: Vec<u32>,
    starts: Vec<u32>,
    sizes: Vec<Sizes>,
    /// How many tasks will take the result still; results that are asked for are taken at the end.
    uses: Vec<AtomicU32>,
    now: AtomicI64,
    series: Lock<Series>,
}

/// The bytes of a task.
#[derive(Clone, Copy, Default)]
struct Sizes {
    /// It takes them while it runs.
    working: u64,
    /// They are held when it has ended: those of its result, or of its results if it has many.
    gained: u64,
    /// They are held no longer when this, as the result of a task or as one of many, is taken for the last time.
    released: u64,
}

impl Held {
    /// None when no task says how many bytes it takes, or there are too many of them.
    pub(crate) fn of(plan: &Plan) -> Option<Self> {
        let count = plan.tasks().len();
        if !plan.is_sized() || count > MOST_TASKS {
            return None;
        }
        let (mut inputs, mut starts) = (Vec::new(), vec![0]);
        let mut sizes = vec![Sizes::default(); count];
        let mut uses: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
        for task in plan.tasks() {
            for input in task.dependencies() {
                *uses[input].get_mut() += 1;
                inputs.push(input as u32);
            }
            starts.push(inputs.len() as u32);
            let (index, output) = (task.index(), task.output_bytes());
            if task.runs() {
                sizes[index] =
                    Sizes { working: task.working_bytes(), gained: output, released: output };
            } else if let Some(whole) = task.dependencies().next() {
                sizes[index].released = output;
                if sizes[whole].released > 0 {
                    (sizes[whole].gained, sizes[whole].released) = (0, 0);
                }
                sizes[whole].gained += output;
            }
        }
        plan.outputs().for_each(|output| *uses[output].get_mut() += 1);
        Some(Self { inputs, starts, sizes, uses, now: AtomicI64::new(0), series: Lock::default() })
    }

    /// The task begins, at `time` in ns.
    pub(crate) fn begun(&self, task: usize, time: u64) {
        self.add(self.sizes[task].working as i64, time);
    }

    /// The task has ended; with a result, unless it has failed.
    pub(crate) fn ended(&self, task: usize, time: u64, done: bool) {
        let Sizes { gained: output, working, .. } = self.sizes[task];
        let mut change = -(working as i64);
        if done {
            change += output as i64;
            let range = self.starts[task] as usize..self.starts[task + 1] as usize;
            for &input in &self.inputs[range] {
                if self.uses[input as usize].fetch_sub(1, Relaxed) == 1 {
                    change -= self.sizes[input as usize].released as i64;
                }
            }
        }
        self.add(change, time);
    }

    /// Bytes go to a scratch file, or come back.
    pub(crate) fn moved(&self, bytes: i64, time: u64) {
        self.add(bytes, time);
    }

    /// The bytes held over time, the most of each piece of time, and the most of all.
    pub(crate) fn series(&self) -> (Vec<(u64, u64)>, u64) {
        let series = self.series.lock();
        (series.points(), series.most())
    }

    fn add(&self, change: i64, time: u64) {
        if change != 0 {
            let now = self.now.fetch_add(change, Relaxed).saturating_add(change);
            self.series.lock().add(time, u64::try_from(now).unwrap_or(0));
        }
    }
}
