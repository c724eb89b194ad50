//! The number of a run's workers, by which no task is lost.
//!
//! Who adds a task looks at the number afterwards; a worker that ends lowers it first and then looks for
//! tasks once more. Both are sequentially consistent, so one of the two sees the other.

use crate::base::sync::atomic::Ordering::{Relaxed, SeqCst};
use crate::base::sync::atomic::{AtomicUsize, fence};

/// How many workers a run has.
pub(in crate::exec) struct Workers {
    limit: usize,
    /// Sent for, and not ended.
    there: AtomicUsize,
}

impl Workers {
    pub(in crate::exec) fn at_most(limit: usize) -> Self {
        Self { limit, there: AtomicUsize::new(0) }
    }

    pub(in crate::exec) fn limit(&self) -> usize {
        self.limit
    }

    /// One more, unless there are as many as there may be beside those that wait.
    pub(in crate::exec) fn one_more(&self, waiting: usize) -> bool {
        let more = |there| (there < self.limit + waiting).then(|| there + 1);
        self.there.fetch_update(SeqCst, Relaxed, more).is_ok()
    }

    pub(in crate::exec) fn one_less(&self) {
        self.there.fetch_sub(1, SeqCst);
        fence(SeqCst);
    }

    pub(in crate::exec) fn are_too_few(&self, waiting: usize) -> bool {
        fence(SeqCst);
        self.there.load(Relaxed) < self.limit + waiting
    }
}
