//! The gate of a run: who is inside, and when nobody will be any more.
//!
//! A run must not outlive the call that waits for it, and nobody may touch it once it is over. Workers
//! and tasks beside the pool *enter* before they touch the run and *leave* afterwards. Once the run is
//! over, the last to leave closes the gate: from then on nobody enters.

use crate::base::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};
use crate::base::sync::atomic::{AtomicBool, AtomicUsize};

/// Set in `Gate::inside` when the gate is closed.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Whether a run is over: the answer is there, a task has failed, or it was stopped. No further task
/// starts.
pub(crate) struct Over(AtomicBool);

impl Over {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    pub(crate) fn set(&self) {
        self.0.store(true, SeqCst);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Acquire)
    }
}

pub(crate) struct Gate {
    inside: AtomicUsize,
    over: Over,
}

impl Gate {
    /// A gate that whoever makes it has entered.
    pub(crate) fn entered() -> Self {
        Self { inside: AtomicUsize::new(1), over: Over::new() }
    }

    pub(crate) fn over(&self) -> &Over {
        &self.over
    }

    /// Enters, unless the gate is closed.
    #[must_use]
    pub(crate) fn enter(&self) -> bool {
        if self.inside.fetch_add(1, AcqRel) & CLOSED == 0 {
            return true;
        }
        self.inside.fetch_sub(1, AcqRel);
        false
    }

    /// Whether nobody enters any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.inside.load(Acquire) & CLOSED != 0
    }

    /// Leaves. True for the one who closes the gate by that.
    #[must_use]
    pub(crate) fn leave(&self) -> bool {
        self.inside.fetch_sub(1, AcqRel) == 1
            && self.over.is_set()
            && self.inside.compare_exchange(0, CLOSED, AcqRel, Relaxed).is_ok()
    }
}
