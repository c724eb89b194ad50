//! Turns on a pool: computes that want its threads get them one after another.
//!
//! A job that a pool's own thread spawns runs before any that came from outside, so workers that sent
//! for themselves would keep the pool from everybody else. Here each job serves whoever waits longest,
//! not the one who sent for it.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::error;

thread_local! {
    /// What is on this thread's stack: turns, and waits that lend the thread.
    static ENGAGED: Cell<u32> = const { Cell::new(0) };
}

/// How much of this thread's stack is turns, and waits that lend the thread.
pub(crate) fn engaged() -> u32 {
    ENGAGED.get()
}

/// Does something that others must not be put on top of: a turn, or a wait.
pub(crate) fn engage<R>(function: impl FnOnce() -> R) -> R {
    struct Engaged;
    impl Drop for Engaged {
        fn drop(&mut self) {
            ENGAGED.set(ENGAGED.get() - 1);
        }
    }
    ENGAGED.set(ENGAGED.get() + 1);
    let _engaged = Engaged;
    function()
}

/// What takes turns.
pub(crate) trait Turn: Send + Sync {
    /// Works for a while on the calling thread.
    fn take_turn(self: Arc<Self>);
}

/// Who waits.
enum Waiting {
    /// A run; it may be over by then, and must not be kept for its turn.
    Run(Weak<dyn Turn>),
    /// Something that is done in one turn.
    Job(Box<dyn FnOnce() + Send>),
}

#[derive(Default)]
pub(crate) struct Turnstile {
    queue: Mutex<VecDeque<Waiting>>,
    waiting: AtomicUsize,
}

impl Turnstile {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(&self, who: Weak<dyn Turn>) {
        self.add(Waiting::Run(who));
    }

    pub(super) fn join_once(&self, job: Box<dyn FnOnce() + Send>) {
        self.add(Waiting::Job(job));
    }

    fn add(&self, who: Waiting) {
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
        // Whoever holds a run last drops its values, which may panic; nobody waits here to hear of it.
        let _ = error::caught(|| {
            engage(|| match first {
                // Those that are over are gone by now.
                Some(Waiting::Run(who)) => who.upgrade().map_or((), Turn::take_turn),
                Some(Waiting::Job(job)) => job(),
                None => {}
            });
        });
    }

    pub(super) fn anyone_waits(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }
}
