//! How far a run is, for those who started it and do not wait.

use std::fmt;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// How many tasks of a run are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Tasks that have ended well.
    pub done: usize,
    /// Tasks of the plan; None before it is made.
    pub total: Option<usize>,
}

/// `37 of 100 tasks`.
impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(formatter, "{} of {total} tasks", self.done),
            None => formatter.write_str("planning"),
        }
    }
}

/// Counts the tasks of a run.
#[derive(Default)]
pub(crate) struct Counter {
    done: AtomicUsize,
    /// One more than the number of tasks; 0 before the plan is made.
    planned: AtomicUsize,
}

impl Counter {
    pub(crate) fn plan(&self, tasks: usize) {
        self.planned.store(tasks + 1, Relaxed);
    }

    pub(crate) fn count(&self) {
        self.done.fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> Progress {
        let total = self.planned.load(Relaxed).checked_sub(1);
        Progress { done: self.done.load(Relaxed), total }
    }
}
