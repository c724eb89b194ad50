//! Who works: the queue of a pool, its workers, and the spare threads that work while workers wait.
//!
//! This is the bookkeeping alone, under one lock; `pool` starts the threads, `waiting` says who waits. See
//! the [prose](super) for why nothing here waits for itself.
//!
//! A pool has as many *places* as threads, and who runs CPU tasks has one. A thread that must wait inside a
//! task for long gives its place up (it is *absent*). Work that is queued while a place is free gets a
//! thread: one of the pool's own that has nothing of ours on its stack, or else a *spare* one. Absent threads
//! that return come before any of these.

mod places;
mod state;

use std::sync::Arc;
use std::time::Duration;

use crate::base::sync::atomic::Ordering::Relaxed;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize};
use crate::base::sync::{Condvar, Mutex};
use state::State;

/// How long a spare thread that has nothing to do is kept.
const IDLE_LIFETIME: Duration = Duration::from_secs(10);

/// How many workers are refused, one after another, before one works beyond the places.
const MOST_REFUSED: usize = 4;

/// What wants a worker: a run with tasks that are ready, or one that is to be planned.
///
/// A queue may hold it for as long as it likes: it holds no task and no value.
pub(crate) trait Work: Send + Sync {
    /// Works for a while on the calling thread. Must not unwind.
    fn work(self: Arc<Self>, slice: &super::Slice);
    /// Whether it is this run, or one that a task of it waits for.
    fn is_within(&self, run: u64) -> bool;
}

/// Which of a pool's threads a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// One of the pool's own.
    Own,
    /// One that works while others wait.
    Spare,
}

/// What the caller must do after a change: start a thread, which the lock must not be held for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Need {
    Nothing,
    /// One more worker on the pool's own threads.
    Worker,
    /// One more spare thread.
    Spare,
    /// A look at what the pool's own threads do, since all places are taken.
    Look,
}

pub(crate) struct Scheduler {
    state: Mutex<State>,
    /// Length of the queue, to be looked at between tasks.
    queued: AtomicUsize,
    /// Whether workers are to make room at the end of their task, since absent threads return.
    recall: AtomicBool,
    /// Absent threads, to be looked at without the lock.
    absent: AtomicUsize,
    /// Spare threads without work sleep here.
    hired: Condvar,
    /// Absent threads that return sleep here.
    place_free: Condvar,
}

impl Scheduler {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            state: Mutex::new(State::of(threads)),
            queued: AtomicUsize::new(0),
            recall: AtomicBool::new(false),
            absent: AtomicUsize::new(0),
            hired: Condvar::default(),
            place_free: Condvar::default(),
        }
    }

    /// Puts work at the end of the queue.
    pub(crate) fn queue(&self, work: Arc<dyn Work>) -> Need {
        let mut state = self.state.lock();
        state.queue.push_back(work);
        self.settle(&mut state)
    }

    /// Whether anyone waits for a worker.
    pub(crate) fn anyone_waits(&self) -> bool {
        self.queued.load(Relaxed) > 0
    }

    /// Whether whoever has a place should give it up at the end of its task.
    pub(crate) fn recalls(&self) -> bool {
        self.recall.load(Relaxed)
    }

    /// How many threads wait inside a task and have given up their place.
    pub(crate) fn absent(&self) -> usize {
        self.absent.load(Relaxed)
    }

    /// A worker has come to a thread of the pool; false when there is no place for it, or no work.
    pub(crate) fn come(&self) -> bool {
        let mut state = self.state.lock();
        state.coming -= 1;
        let begins = !state.queue.is_empty() && state.busy + state.returning < state.threads;
        if begins {
            state.busy += 1;
            state.workers += 1;
        }
        self.note(&state);
        begins
    }

    /// The next work for a worker on a thread of the pool; without any, or when absent threads return, its
    /// place is given up.
    pub(crate) fn next(&self) -> Result<Arc<dyn Work>, Need> {
        let mut state = self.state.lock();
        if !state.is_crowded()
            && let Some(work) = state.pop()
        {
            self.note(&state);
            return Ok(work);
        }
        state.busy -= 1;
        state.workers -= 1;
        Err(self.settle(&mut state))
    }

    /// The next work for a spare thread. Without any, or when others can do it, its place is given up.
    pub(crate) fn next_for_spare(&self) -> Result<Arc<dyn Work>, Need> {
        let mut state = self.state.lock();
        if !state.is_crowded()
            && !state.has_idle_thread()
            && let Some(work) = state.pop()
        {
            self.note(&state);
            return Ok(work);
        }
        state.busy -= 1;
        Err(self.settle(&mut state))
    }

    /// The first work for a spare thread that was hired for it, whoever else could do it.
    pub(crate) fn first_for_spare(&self) -> Option<Arc<dyn Work>> {
        let mut state = self.state.lock();
        let work = if state.is_crowded() { None } else { state.pop() };
        self.note(&state);
        work
    }

    /// Work of this run, or of one that a task of it waits for.
    pub(crate) fn take_within(&self, run: u64) -> Option<Arc<dyn Work>> {
        if !self.anyone_waits() {
            return None;
        }
        let mut state = self.state.lock();
        let place = state.queue.iter().position(|work| work.is_within(run))?;
        let work = state.queue.remove(place);
        self.note(&state);
        work
    }

    /// Whether [`take_within`](Self::take_within) would find any.
    pub(crate) fn has_within(&self, run: u64) -> bool {
        self.anyone_waits() && self.state.lock().queue.iter().any(|work| work.is_within(run))
    }

    /// A worker has come to a thread that has something on its stack already, and does not begin: a spare
    /// thread works instead.
    ///
    /// That it could come there shows that the thread waits inside rayon, for what nobody knows: see
    /// [`looked`](Self::looked).
    ///
    /// # Errors
    /// What is to be tried again a little later.
    pub(crate) fn refuse(&self) -> Result<Need, Need> {
        let mut state = self.state.lock();
        state.coming -= 1;
        if state.queue.is_empty() {
            self.note(&state);
            return Ok(Need::Nothing);
        }
        state.refused += 1;
        let need = if state.has_room() || state.refused > MOST_REFUSED {
            state.refused = 0;
            Ok(self.hire(&mut state))
        } else {
            state.coming += 1;
            Err(Need::Worker)
        };
        self.note(&state);
        need
    }

    /// A look has come to a thread of the pool, which is stuck or not: it has a place and waits inside rayon, for
    /// what nobody knows. It may even be for what is queued here (a pool of the user's own, whose threads
    /// compute). So when all places are taken and nobody is served for a while, a spare thread works beyond
    /// the places. Says, too, whether to look again a little later.
    pub(crate) fn looked(&self, is_stuck: bool) -> (Need, bool) {
        let mut state = self.state.lock();
        state.looking = false;
        if state.queue.is_empty() || state.has_room() {
            return (self.settle(&mut state), false);
        }
        state.refused += usize::from(is_stuck);
        let mut need = Need::Nothing;
        if state.refused > MOST_REFUSED {
            state.refused = 0;
            need = self.hire(&mut state);
        }
        state.looking = true;
        self.note(&state);
        (need, true)
    }

    /// A spare thread without work sleeps until it has a place again: false when it is to end.
    pub(crate) fn park(&self) -> bool {
        let mut state = self.state.lock();
        state.parked += 1;
        loop {
            if state.wanted > 0 {
                state.wanted -= 1;
                state.parked -= 1;
                return true;
            }
            if state.closed {
                state.parked -= 1;
                return false;
            }
            let (guard, timed_out) = self.hired.wait_for(state, IDLE_LIFETIME);
            state = guard;
            if timed_out && state.wanted == 0 {
                state.parked -= 1;
                return false;
            }
        }
    }

    /// The pool is gone: spare threads that sleep end.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.hired.notify_all();
    }

    /// Spare threads that sleep find that their time is up.
    #[cfg(all(loom, test))]
    pub(super) fn expire_spares(&self) {
        self.hired.expire(&self.state);
    }

    /// Whether nothing is left, and nobody has a place, wants one or is on the way.
    #[cfg(all(loom, test))]
    pub(crate) fn is_at_rest(&self) -> bool {
        let state = self.state.lock();
        let at_work = [state.queue.len(), state.busy, state.workers, state.coming];
        let away = [state.absent, state.absent_spares, state.returning];
        at_work == [0; 4] && away == [0; 3]
    }

    /// After a change that may have left work without a thread.
    fn settle(&self, state: &mut State) -> Need {
        let need = if state.queue.is_empty() {
            Need::Nothing
        } else if state.has_room() && state.has_idle_thread() {
            state.coming += 1;
            Need::Worker
        } else if state.has_room() {
            self.hire(state)
        } else if std::mem::replace(&mut state.looking, true) {
            Need::Nothing
        } else {
            Need::Look
        };
        self.note(state);
        need
    }

    /// Gives a spare thread a place.
    fn hire(&self, state: &mut State) -> Need {
        state.busy += 1;
        if state.parked > state.wanted {
            state.wanted += 1;
            self.hired.notify_one();
            Need::Nothing
        } else {
            Need::Spare
        }
    }

    /// After each change: what is looked at without the lock, and who waits for a place.
    fn note(&self, state: &State) {
        if cfg!(any(loom, debug_assertions)) {
            state.check();
        }
        self.queued.store(state.queue.len(), Relaxed);
        self.absent.store(state.absent + state.absent_spares, Relaxed);
        self.recall.store(state.is_crowded(), Relaxed);
        if state.returning > 0 && state.busy < state.threads {
            self.place_free.notify_all();
        }
    }
}
