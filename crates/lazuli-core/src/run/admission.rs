//! Admission by bytes: with a memory limit, what may start now.
//!
//! Tasks that say how many bytes they take are admitted in plan order, each when it fits beside what is
//! held. A plan is refused before it runs unless it fits when its tasks run one after another. Then a
//! run never holds more than the limit, and never stands still: when nothing runs, every task before
//! the next to be admitted is done, so no more is held than in the sequential run at that place, and
//! there it fits. Tasks that take nothing are not held up.

use std::collections::HashMap;

use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::base::sync::{Mutex, MutexGuard};
use crate::plan::{Peak, Plan, TaskId};
use crate::run::state::Ready;

pub(crate) struct Admission {
    limit: u64,
    queue: Mutex<Queue>,
}

struct Queue {
    /// Tasks that take bytes, in plan order, with how many.
    order: Vec<(TaskId, u64)>,
    /// Of these, how many are admitted.
    admitted: usize,
    /// Bytes that admitted tasks and their results hold.
    used: u64,
    /// Tasks that are ready and not admitted.
    parked: HashMap<TaskId, Ready>,
    /// Tasks that were parked and may start now.
    released: Vec<Ready>,
}

/// A plan that cannot fit.
#[derive(Debug, ThisError)]
#[error(
    "the plan holds {} at once when its tasks run one after another, {} of them for task `{task}`{part} \
     (defined at {site}); the memory limit is {}",
    Bytes(.peak.bytes), Bytes(.peak.own), Bytes(*.limit)
)]
struct TooLarge {
    peak: Peak,
    limit: u64,
    task: &'static str,
    part: String,
    site: &'static std::panic::Location<'static>,
}

/// `1536 bytes (1.5 KiB)`.
struct Bytes(u64);

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

/// Refuses a plan that does not fit.
pub(crate) fn check(plan: &Plan, limit: u64) -> Result<()> {
    let Some(peak) = plan.peak().filter(|peak| peak.bytes > limit) else { return Ok(()) };
    let label = plan.label(peak.task);
    let part = label.part().map_or_else(String::new, |part| format!(" on {part}"));
    Err(Error::memory(TooLarge { peak, limit, task: label.name, part, site: label.site }))
}

impl Admission {
    /// For a run of a plan that [fits](check). None where there is nothing to choose.
    pub(crate) fn of(plan: &Plan, limit: u64) -> Option<Self> {
        if !plan.shape().sized {
            return None;
        }
        let sized = plan.shape().tasks().filter_map(|task| {
            let (output, working) = plan.label(task).bytes();
            let bytes = output.saturating_add(working);
            (bytes > 0 && plan.output_of(task).is_none()).then_some((task, bytes))
        });
        let queue = Queue {
            order: sized.collect(),
            admitted: 0,
            used: 0,
            parked: HashMap::new(),
            released: Vec::new(),
        };
        Some(Self { limit, queue: Mutex::new(queue) })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock()
    }

    /// Gives the token back if the task may start, else keeps it until it may.
    pub(crate) fn admit(&self, ready: Ready) -> Option<Ready> {
        let task = ready.task();
        let mut queue = self.queue();
        match queue.order.binary_search_by_key(&task, |&(task, _)| task) {
            Err(_) => Some(ready),
            Ok(place) if place < queue.admitted => Some(ready),
            Ok(_) => {
                queue.parked.insert(task, ready);
                queue.advance(self.limit);
                let place = queue.released.iter().position(|released| released.task() == task);
                place.map(|place| queue.released.swap_remove(place))
            }
        }
    }

    /// These bytes are held no longer.
    pub(crate) fn free(&self, bytes: u64) {
        if bytes > 0 {
            let mut queue = self.queue();
            queue.used = queue.used.saturating_sub(bytes);
            queue.advance(self.limit);
        }
    }

    /// Tasks that were held up and may start now.
    pub(crate) fn take_released(&self) -> Vec<Ready> {
        std::mem::take(&mut self.queue().released)
    }
}

impl Queue {
    fn advance(&mut self, limit: u64) {
        while let Some(&(task, bytes)) = self.order.get(self.admitted)
            && self.used.saturating_add(bytes) <= limit
            && let Some(ready) = self.parked.remove(&task)
        {
            self.used += bytes;
            self.admitted += 1;
            self.released.push(ready);
        }
    }
}
