//! Admission by bytes: with a memory limit, what may start now.
//!
//! Tasks that say how many bytes they take are admitted in plan order, each when it fits beside what is
//! held. A plan is refused before it runs unless it fits when its tasks run one after another. Then a
//! run never holds more than the limit, and never stands still: when nothing runs, every task before
//! the next to be admitted is done, so no more is held than in the sequential run at that place, and
//! there it fits. Tasks that take nothing are not held up.
//!
//! A plan that fits only when results are written to a scratch file meanwhile is run that way: see `spilling`,
//! and `order` for what then begins before its turn.

mod order;
mod spilling;

use std::collections::HashMap;

use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::base::scratch::{Extent, Scratch};
use crate::base::sync::{Mutex, MutexGuard};
use crate::plan::{Peak, Plan, SharedPlan, TaskId};
use crate::run::state::Ready;
use order::Order;
use spilling::Spilling;
pub(crate) use spilling::{Missing, Victim};

pub(crate) struct Admission {
    limit: u64,
    queue: Mutex<Queue>,
    /// Where results are put that do not fit, when there may be some.
    scratch: Option<Scratch>,
}

struct Queue {
    order: Order,
    /// Bytes that admitted tasks and their results hold.
    used: u64,
    /// Tasks that are ready and not admitted.
    parked: HashMap<TaskId, Ready>,
    /// Tasks that were parked and may start now.
    released: Vec<Ready>,
    spilling: Option<Spilling>,
}

/// A plan that cannot fit.
#[derive(Debug, ThisError)]
#[error(
    "the plan holds {} at once when its tasks run one after another{}, {} of them for task `{task}`{part} \
     (defined at {site}); the memory limit is {}",
    Bytes(.peak.bytes), .with_scratch, Bytes(.peak.own), Bytes(*.limit)
)]
struct TooLarge {
    peak: Peak,
    with_scratch: &'static str,
    limit: u64,
    task: &'static str,
    part: String,
    site: &'static std::panic::Location<'static>,
}

/// `1536 bytes (1.5 KiB)`.
pub(in crate::run) struct Bytes(pub(in crate::run) u64);

impl std::fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        write!(formatter, "{} bytes", self.0)?;
        let power = (self.0.max(1).ilog2() / 10) as usize;
        match power.checked_sub(1) {
            Some(unit) => {
                let scaled = self.0 as f64 / (1_u64 << (10 * power)) as f64;
                write!(formatter, " ({scaled:.1} {})", UNITS[unit])
            }
            None => Ok(()),
        }
    }
}

#[cold]
fn too_large(plan: &Plan, peak: Peak, limit: u64, with_scratch: &'static str) -> Error {
    let label = plan.label(peak.task);
    let part = label.part().map_or_else(String::new, |part| format!(" on {part}"));
    Error::memory(TooLarge { peak, with_scratch, limit, task: label.name, part, site: label.site })
}

impl Admission {
    /// For a run of the plan by one worker, or by many. None where there is nothing to choose.
    ///
    /// # Errors
    /// When the plan does not fit.
    pub(crate) fn of(plan: &SharedPlan, limit: u64, one_worker: bool) -> Result<Option<Self>> {
        if !plan.shape().sized {
            return Ok(None);
        }
        let Some(peak) = plan.peak().filter(|peak| peak.bytes > limit) else {
            // One task after another, in plan order, fits without choosing.
            return Ok((!one_worker).then(|| Self::new(limit, Order::of(plan, false), None)));
        };
        match plan.least_peak() {
            Some(least) if least.bytes > limit => {
                let spilling = plan.shape().tasks().any(|task| plan.may_spill(task));
                let with_scratch = if spilling {
                    " and results wait in a scratch file where they may"
                } else {
                    ""
                };
                Err(too_large(plan, if spilling { least } else { peak }, limit, with_scratch))
            }
            _ => Ok(Some(Self::new(limit, Order::of(plan, true), Some(Spilling::of(plan))))),
        }
    }

    fn new(limit: u64, order: Order, spilling: Option<Spilling>) -> Self {
        let scratch = spilling.is_some().then(Scratch::new);
        let (parked, released) = (HashMap::new(), Vec::new());
        let queue = Queue { order, used: 0, parked, released, spilling };
        Self { limit, queue: Mutex::new(queue), scratch }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock()
    }

    /// The scratch file of the run, where there may be one.
    pub(crate) fn scratch(&self) -> Option<&Scratch> {
        self.scratch.as_ref()
    }

    /// Gives the token back if the task may start, else keeps it until it may.
    pub(crate) fn admit(&self, ready: Ready) -> Option<Ready> {
        let task = ready.task();
        let mut queue = self.queue();
        let Some(place) = queue.order.place(task) else { return Some(ready) };
        if queue.order.is_admitted(task) {
            return Some(ready);
        }
        queue.parked.insert(task, ready);
        if queue.adds_nothing(place) {
            queue.begin(place, 0);
        } else {
            queue.advance(self.limit);
        }
        let released = queue.released.iter().position(|released| released.task() == task);
        released.map(|place| queue.released.swap_remove(place))
    }

    /// These bytes are held no longer.
    pub(crate) fn free(&self, bytes: u64) {
        if bytes > 0 {
            self.queue().free(bytes, self.limit);
        }
    }

    /// Tasks that were held up and may start now.
    pub(crate) fn take_released(&self) -> Vec<Ready> {
        std::mem::take(&mut self.queue().released)
    }

    /// The value of a task is there, before any of its dependents can know.
    pub(crate) fn kept(&self, value: TaskId) {
        if self.scratch.is_some()
            && let Some(spilling) = &mut self.queue().spilling
        {
            spilling.kept(value);
        }
    }

    /// A task goes on that has used its inputs.
    #[cfg(feature = "async")]
    pub(crate) fn spent(&self, task: TaskId) {
        if let Some(scratch) = &self.scratch {
            let queue = &mut *self.queue();
            if let Some(spilling) = &mut queue.spilling {
                spilling.unpin(task, &queue.order, scratch);
                queue.advance(self.limit);
            }
        }
    }

    /// A task has ended and used its inputs; it needed so many bytes while it ran.
    pub(crate) fn ended(&self, task: TaskId, working: u64) {
        if let Some(scratch) = &self.scratch {
            let queue = &mut *self.queue();
            if let Some(spilling) = &mut queue.spilling {
                spilling.unpin(task, &queue.order, scratch);
                spilling.forget(task);
            }
            queue.free(working, self.limit);
        } else {
            self.free(working);
        }
    }

    /// The next value to be written out, when that makes room which nothing else will make. Whoever takes it
    /// writes it.
    pub(crate) fn victim(&self) -> Option<Victim> {
        self.scratch.as_ref()?;
        self.queue().victim(self.limit)
    }

    /// The value is in the scratch file, and no longer in memory.
    pub(crate) fn written(&self, victim: Victim, extent: Extent) {
        let queue = &mut *self.queue();
        if let Some(spilling) = &mut queue.spilling {
            let bytes = spilling.written(victim, extent);
            queue.free(bytes, self.limit);
        }
    }

    /// What an admitted task must read back before it begins.
    pub(crate) fn missing(&self, task: TaskId) -> Vec<Missing> {
        match (&self.scratch, &mut self.queue().spilling) {
            (Some(_), Some(spilling)) => spilling.missing(task),
            _ => Vec::new(),
        }
    }

    /// What the answer must read back; all tasks have ended.
    pub(crate) fn missing_of_answer(&self, answer: TaskId) -> Vec<Missing> {
        let queue = &mut *self.queue();
        if let Some(spilling) = &mut queue.spilling {
            spilling.pin(answer, &queue.order);
            return spilling.missing(answer);
        }
        Vec::new()
    }

    /// The value is in memory again.
    pub(crate) fn restored(&self, missing: Missing) {
        let queue = &mut *self.queue();
        if let (Some(spilling), Some(scratch)) = (&mut queue.spilling, &self.scratch) {
            spilling.restored(missing, &queue.order, scratch);
            queue.advance(self.limit);
        }
    }
}

impl Queue {
    fn free(&mut self, bytes: u64, limit: u64) {
        self.used = self.used.saturating_sub(bytes);
        self.advance(limit);
    }
}
