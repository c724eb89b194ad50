//! Who works: the queue of a pool, its workers, and the spare threads that work while workers wait.
//!
//! This is the bookkeeping alone, under one lock; `pool` starts the threads, `waiting` says who waits. See
//! the [prose](super) for why nothing here waits for itself.
//!
//! A pool has as many *places* as threads, and who runs CPU tasks has one. A thread that must wait inside a
//! task for long gives its place up (it is *absent*), and a *spare* thread may work in it until the other
//! returns. So at any time `working spares <= absent threads`, and no more threads run tasks than there are
//! places.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::base::sync::atomic::Ordering::Relaxed;
use crate::base::sync::atomic::{AtomicBool, AtomicUsize};
use crate::base::sync::{Condvar, Mutex};

/// How long a spare thread that has nothing to do is kept.
const IDLE_LIFETIME: Duration = Duration::from_secs(10);

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
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Need {
    Nothing,
    /// One more worker on the pool's own threads.
    Worker,
    /// One more spare thread.
    Spare,
}

pub(crate) struct Scheduler {
    state: Mutex<State>,
    /// Length of the queue, to be looked at between tasks.
    waiting: AtomicUsize,
    /// Whether spare threads are to end with their task, since absent ones return.
    recall: AtomicBool,
    /// Threads that wait without a place, to be looked at without the lock.
    absent: AtomicUsize,
    /// Spare threads without work sleep here.
    hired: Condvar,
    /// Absent threads that return sleep here.
    place_free: Condvar,
}

struct State {
    threads: usize,
    queue: VecDeque<Arc<dyn Work>>,
    /// Workers on the pool's own threads: those there, and those sent for.
    workers: usize,
    /// The pool's own threads that have given up their place.
    absent: usize,
    /// Threads that want their place back.
    returning: usize,
    /// Spare threads that have a place.
    spares: usize,
    /// Spare threads that wait inside a task and have given up theirs.
    waiting_spares: usize,
    /// Spare threads that sleep, and how many of them are to wake and work.
    parked: usize,
    wanted: usize,
    closed: bool,
}

impl State {
    /// Whether a place of an absent thread is there for the taking.
    fn has_room(&self) -> bool {
        self.spares + self.returning < self.absent
    }
}

impl Scheduler {
    pub(crate) fn new(threads: usize) -> Self {
        let state = State {
            threads,
            queue: VecDeque::new(),
            workers: 0,
            absent: 0,
            returning: 0,
            spares: 0,
            waiting_spares: 0,
            parked: 0,
            wanted: 0,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            waiting: AtomicUsize::new(0),
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
        self.note(&state);
        if state.workers < state.threads {
            state.workers += 1;
            return Need::Worker;
        }
        self.hire(&mut state)
    }

    /// Whether anyone waits for a worker.
    pub(crate) fn anyone_waits(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }

    /// Whether a spare thread should end with its task.
    pub(crate) fn recalls_spares(&self) -> bool {
        self.recall.load(Relaxed)
    }

    /// How many threads wait inside a task and have given up their place.
    pub(crate) fn absent(&self) -> usize {
        self.absent.load(Relaxed)
    }

    /// The next work for a worker on a thread of the pool; without any, the worker ends.
    pub(crate) fn next(&self) -> Option<Arc<dyn Work>> {
        let mut state = self.state.lock();
        let next = state.queue.pop_front();
        if next.is_none() {
            state.workers -= 1;
        }
        self.note(&state);
        next
    }

    /// The next work for a spare thread; without any, or when it is recalled, its place is given up.
    pub(crate) fn next_for_spare(&self) -> Option<Arc<dyn Work>> {
        let mut state = self.state.lock();
        let recalled = state.spares + state.returning > state.absent;
        let next = if recalled { None } else { state.queue.pop_front() };
        if next.is_none() {
            state.spares -= 1;
        }
        self.note(&state);
        next
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

    /// A worker landed on a thread that has something on its stack already, and does not begin. Says
    /// whether another should be sent for, and whether a spare thread should work instead.
    pub(crate) fn refuse(&self) -> Need {
        let mut state = self.state.lock();
        state.workers -= 1;
        if state.queue.is_empty() {
            return Need::Nothing;
        }
        match self.hire(&mut state) {
            Need::Nothing if state.workers < state.threads => {
                state.workers += 1;
                Need::Worker
            }
            need => need,
        }
    }

    /// A thread that waits gives up its place.
    pub(crate) fn leave_place(&self, seat: Seat) -> Need {
        let mut state = self.state.lock();
        match seat {
            Seat::Own => state.absent += 1,
            Seat::Spare => {
                state.spares -= 1;
                state.waiting_spares += 1;
            }
        }
        self.note(&state);
        if state.queue.is_empty() { Need::Nothing } else { self.hire(&mut state) }
    }

    /// Takes the place back if one is free.
    pub(crate) fn try_return(&self, seat: Seat) -> bool {
        let mut state = self.state.lock();
        let returns = state.has_room();
        if returns {
            take_place(&mut state, seat);
            self.note(&state);
        }
        returns
    }

    /// Takes the place back as soon as a spare thread has ended its task; `meanwhile` is done now and then.
    pub(crate) fn return_to_place(&self, seat: Seat, nap: Duration, meanwhile: impl Fn()) {
        let mut state = self.state.lock();
        state.returning += 1;
        loop {
            if state.spares < state.absent {
                state.returning -= 1;
                take_place(&mut state, seat);
                self.note(&state);
                return;
            }
            self.note(&state);
            let (guard, timed_out) = self.place_free.wait_for(state, nap);
            state = guard;
            if timed_out {
                drop(state);
                meanwhile();
                state = self.state.lock();
            }
        }
    }

    /// Whether every thread of the pool's own is absent: nobody else looks after what rayon has to do.
    pub(crate) fn all_are_absent(&self) -> bool {
        let state = self.state.lock();
        state.absent == state.threads
    }

    /// A spare thread without work sleeps until it is wanted again: false when it is to end.
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

    /// A spare thread could not be started: its place is free again.
    pub(crate) fn spare_failed(&self) {
        let mut state = self.state.lock();
        state.spares -= 1;
        self.note(&state);
    }

    /// The pool is gone: spare threads that sleep end.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.hired.notify_all();
    }

    /// Gives a spare thread a place, if one is free.
    fn hire(&self, state: &mut State) -> Need {
        if !state.has_room() {
            return Need::Nothing;
        }
        state.spares += 1;
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
        self.waiting.store(state.queue.len(), Relaxed);
        self.absent.store(state.absent + state.waiting_spares, Relaxed);
        self.recall.store(state.spares + state.returning > state.absent, Relaxed);
        if state.returning > 0 && state.spares < state.absent {
            self.place_free.notify_all();
        }
    }
}

fn take_place(state: &mut State, seat: Seat) {
    match seat {
        Seat::Own => state.absent -= 1,
        Seat::Spare => {
            state.spares += 1;
            state.waiting_spares -= 1;
        }
    }
}
