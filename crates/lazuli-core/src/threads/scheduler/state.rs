//! What a scheduler knows of its threads: who has a place, wants one, or sleeps.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Work;

#[derive(Default)]
pub(super) struct State {
    pub(super) threads: usize,
    pub(super) queue: VecDeque<Arc<dyn Work>>,
    /// Places that are taken.
    pub(super) busy: usize,
    /// The pool's own threads with a worker on their stack, absent or not.
    pub(super) workers: usize,
    /// Workers that were sent for and have not come.
    pub(super) coming: usize,
    /// Absent threads: of the pool's own, and spare ones.
    pub(super) absent: usize,
    pub(super) absent_spares: usize,
    /// Those of them that want a place.
    pub(super) returning: usize,
    /// Spare threads that sleep, and how many of them are to wake and work.
    pub(super) parked: usize,
    pub(super) wanted: usize,
    pub(super) closed: bool,
    /// Workers that were refused, and looks that found a thread stuck, since anyone was served.
    pub(super) refused: usize,
    /// Whether a look is on its way.
    pub(super) looking: bool,
}

impl State {
    pub(super) fn of(threads: usize) -> Self {
        Self { threads, ..Self::default() }
    }

    pub(super) fn pop(&mut self) -> Option<Arc<dyn Work>> {
        self.refused = 0;
        self.queue.pop_front()
    }

    /// Whether a place is free that nobody is about to take.
    pub(super) fn has_room(&self) -> bool {
        self.busy + self.coming + self.returning < self.threads
    }

    /// Whether someone who returns waits for a place.
    pub(super) fn is_crowded(&self) -> bool {
        self.returning > 0 && self.busy >= self.threads
    }

    /// That no count has fallen below zero, and that they fit each other.
    pub(super) fn check(&self) {
        let most = usize::MAX / 2;
        assert!(self.busy < most, "a place was given up that nobody had");
        assert!(self.coming < most, "a worker has come that nobody has sent for");
        assert!(self.workers <= self.threads, "more workers than threads");
        assert!(self.absent < most, "a thread is back that was not absent");
        assert!(self.absent_spares < most, "a spare thread is back that was not absent");
        assert!(self.returning < most, "a thread has its place back that did not want it");
        assert!(self.wanted <= self.parked, "more spare threads are to wake than sleep");
    }

    /// Whether a thread of the pool's own has nothing of ours on its stack, as far as is known.
    pub(super) fn has_idle_thread(&self) -> bool {
        self.workers + self.coming < self.threads
    }
}
