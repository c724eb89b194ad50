//! The time that a worker has a thread for: computes that share a pool take turns.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::latch::Latch;
use super::pool::Pool;
use super::scheduler::Scheduler;
use crate::base::sync::now;

/// How long a worker keeps its thread while other computes wait for one.
pub(crate) const SLICE: Duration = Duration::from_millis(2);
/// How often the clock is read while nobody waits: rayon's own work comes after at most so many tasks.
const CLOCK_EVERY: u32 = 16;

pub(crate) struct Slice<'a> {
    scheduler: &'a Scheduler,
    began: Instant,
    tasks: Cell<u32>,
    /// For a thread that helps while it waits: the slice ends with its wait.
    waits_for: Option<&'a Latch>,
}

impl<'a> Slice<'a> {
    pub(super) fn new(scheduler: &'a Scheduler) -> Self {
        Self { scheduler, began: now(), tasks: Cell::new(0), waits_for: None }
    }

    pub(super) fn helping(pool: &'a Pool, waits_for: &'a Latch) -> Self {
        Self { waits_for: Some(waits_for), ..Self::new(pool.scheduler()) }
    }

    /// After each task: whether the thread should be given to others.
    pub(crate) fn is_up(&self) -> bool {
        if self.waits_for.is_some_and(Latch::is_open) {
            return true;
        }
        if self.scheduler.recalls() {
            return true;
        }
        let tasks = self.tasks.get().wrapping_add(1);
        self.tasks.set(tasks);
        (tasks.is_multiple_of(CLOCK_EVERY) || self.scheduler.anyone_waits())
            && now() - self.began >= SLICE
    }
}
