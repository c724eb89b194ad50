//! Turns on a pool: computes that want its threads get them one after another.
//!
//! A job that a pool's own thread spawns runs before any that came from outside, so workers that sent
//! for themselves would keep the pool from everybody else. Here each job serves whoever waits longest,
//! not the one who sent for it.

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::error;

/// What takes turns.
pub(crate) trait Turn: Send + Sync {
    /// Works for a while on the calling thread.
    fn take_turn(self: Arc<Self>);
}

#[derive(Default)]
pub(crate) struct Turnstile {
    queue: Mutex<VecDeque<Weak<dyn Turn>>>,
    waiting: AtomicUsize,
}

impl Turnstile {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Weak<dyn Turn>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(&self, who: Weak<dyn Turn>) {
        let mut queue = self.queue();
        queue.push_back(who);
        self.waiting.store(queue.len(), Relaxed);
    }

    /// Gives the one who waits longest a turn. Called once for each that joined.
    pub(super) fn serve(&self) {
        let mut queue = self.queue();
        let first = queue.pop_front();
        self.waiting.store(queue.len(), Relaxed);
        drop(queue);
        // Those that are over are gone by now.
        if let Some(turn) = first.and_then(|who| who.upgrade()) {
            // Whoever holds a run last drops its values, which may panic; nobody waits here to hear of it.
            let _ = error::caught(|| turn.take_turn());
        }
    }

    pub(super) fn anyone_waits(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }
}
