//! The threaded executor: workers on a rayon pool, waiting tasks beside it.
//!
//! A *worker* is a job on the pool that runs tasks as long as it finds any and then ends, so that an
//! idle run holds no thread of the pool; whoever makes more tasks ready than it can run itself sends
//! for another worker. A worker looks, in this order, at: the task that its last one made ready; its
//! own queue of ready tasks (last in, first out); the lanes' injector; leaves it has claimed; the other
//! workers' ready tasks (first in, first out); new leaves, of which it claims some at a time; leaves that
//! others have claimed. So what is started is finished before something new is loaded.
//!
//! The caller waits for the run. If it is itself a thread of the pool (a task that computes), it works
//! too; while there is nothing to do, a thread of this or another pool lends itself to its pool, and any
//! other sleeps. So no pool ever has all its threads asleep in computes that need one of them.
//!
//! Two protocols keep the run from hanging and from outliving its caller:
//! - *No lost work*: who adds a task looks at the number of workers afterwards; a worker that ends
//!   lowers the number first and then looks for tasks once more. Both are sequentially consistent, so
//!   one of the two sees the other.
//! - *The gate* counts workers and waiting tasks inside the run. It can be closed only when nobody is
//!   inside and the run is over, and then nobody enters any more: a job that the pool starts later
//!   finds the gate closed and ends.

use std::cell::Cell;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_deque::{Injector, Steal, Stealer, Worker as Deque};

use super::Mode;
use super::state::{Initial, Ready, State};
use super::step::{Failed, run_task};
use crate::error::Result;
use crate::lanes::blocking;
use crate::observer::Observer;
use crate::pool::Pool;

/// Set in `Run::gate` when the run is over.
const CLOSED: usize = 1 << (usize::BITS - 1);
/// How often a worker that finds nothing looks again before it ends.
const IDLE_ROUNDS: u32 = 64;
/// How many workers may be nested on one stack: while a task waits for others (rayon's `join`, a
/// compute), the pool may hand its thread a worker of this or another run.
const MOST_NESTED: u32 = 32;

thread_local! {
    /// Workers on this thread's stack.
    static NESTED: Cell<u32> = const { Cell::new(0) };
}

struct Run {
    state: Arc<State>,
    pool: Pool,
    observer: Option<Arc<dyn Observer>>,
    /// How many workers there may be.
    limit: usize,
    /// Workers sent for that have not ended.
    workers: AtomicUsize,
    /// Workers and waiting tasks inside, and `CLOSED`.
    gate: AtomicUsize,
    /// The answer is there, or a task has failed: no further task starts.
    over: AtomicBool,
    /// Queues for each worker there may be; a worker borrows them while it lives.
    queues: Mutex<Vec<Queues>>,
    ready_stealers: Vec<Stealer<Ready>>,
    leaf_stealers: Vec<Stealer<Ready>>,
    /// Tasks made ready by waiting tasks, which have no queue.
    injector: Injector<Ready>,
    outcome: Mutex<Outcome>,
    closed: Condvar,
}

/// The tasks of one worker, which others may steal.
struct Queues {
    /// Tasks that tasks have made ready.
    ready: Deque<Ready>,
    /// Leaves that the worker has claimed.
    leaves: Deque<Ready>,
}

#[derive(Default)]
struct Outcome {
    answer: Option<Ready>,
    failures: Vec<Failed>,
    closed: bool,
}

/// Runs the plan to its answer or its first failure.
pub(super) fn run(
    state: &Arc<State>,
    initial: Initial,
    pool: Pool,
    observer: Option<Arc<dyn Observer>>,
) -> Result<Ready> {
    let limit = pool.current_num_threads();
    let caller_works = pool.current_thread_index().is_some();
    let queues: Vec<_> = (0..limit + usize::from(caller_works))
        .map(|_| Queues { ready: Deque::new_lifo(), leaves: Deque::new_lifo() })
        .collect();
    let run = Arc::new(Run {
        state: Arc::clone(state),
        pool,
        observer,
        limit,
        workers: AtomicUsize::new(0),
        gate: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        ready_stealers: queues.iter().map(|queues| queues.ready.stealer()).collect(),
        leaf_stealers: queues.iter().map(|queues| queues.leaves.stealer()).collect(),
        queues: Mutex::new(queues),
        injector: Injector::new(),
        outcome: Mutex::new(Outcome::default()),
        closed: Condvar::new(),
    });
    // The caller is inside while it starts the run, so that nobody closes the gate before.
    run.gate.fetch_add(1, AcqRel);
    for ready in initial.waiting {
        run.start_waiting(ready);
    }
    for _ in usize::from(caller_works)..limit.min(state.leaves_left()) {
        run.send_for_worker();
    }
    if caller_works {
        run.work_as_caller();
    }
    run.leave();
    let answer = run.wait();
    // Whoever was inside lets go of the run within moments. Then what is left of its values is dropped
    // here, before the caller goes on, and not some time later on another thread.
    let mut shared = run;
    while let Err(still_shared) = Arc::try_unwrap(shared) {
        shared = still_shared;
        std::thread::yield_now();
    }
    answer
}

impl Run {
    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mode(&self) -> Mode {
        Mode::Threads(self.pool.clone())
    }

    // ---- the gate -------------------------------------------------------------------------------

    fn enter(&self) -> bool {
        if self.gate.fetch_add(1, AcqRel) & CLOSED == 0 {
            return true;
        }
        self.gate.fetch_sub(1, AcqRel);
        false
    }

    fn leave(&self) {
        if self.gate.fetch_sub(1, AcqRel) == 1
            && self.over.load(Acquire)
            && self.gate.compare_exchange(0, CLOSED, AcqRel, Relaxed).is_ok()
        {
            self.outcome().closed = true;
            self.closed.notify_all();
        }
    }

    fn wait(&self) -> Result<Ready> {
        if rayon::current_thread_index().is_some() {
            while !self.outcome().closed {
                self.lend_thread();
            }
        } else {
            blocking::while_waiting(|| {
                let waited = self.closed.wait_while(self.outcome(), |outcome| !outcome.closed);
                drop(waited);
            });
        }
        let mut outcome = self.outcome();
        let mut failures = std::mem::take(&mut outcome.failures);
        failures.sort_by_key(|failed| failed.task);
        let others = failures.len().saturating_sub(1);
        match (failures.into_iter().next(), outcome.answer.take()) {
            (Some(first), _) => Err(first.error.with_others(others)),
            (None, Some(answer)) => Ok(answer),
            (None, None) => unreachable!("the gate closes on an answer or a failure"),
        }
    }

    // ---- workers --------------------------------------------------------------------------------

    /// Sends for one more worker, unless there are as many as there may be.
    fn send_for_worker(self: &Arc<Self>) {
        let more = |workers| (workers < self.limit).then_some(workers + 1);
        if self.workers.fetch_update(SeqCst, Relaxed, more).is_ok() {
            // The job may start long after the run is over, and must not keep its values alive.
            let run = Arc::downgrade(self);
            self.pool.spawn(move || {
                if let Some(run) = run.upgrade() {
                    run.work_as_job();
                }
            });
        }
    }

    fn work_as_job(self: Arc<Self>) {
        if NESTED.get() < MOST_NESTED {
            self.work_and_leave();
            return;
        }
        // Everything on this stack waits, perhaps for this very run, so the worker must not wait for
        // the stack to unwind: a thread beside the pool stands in for this one, which is idle.
        let run = Arc::clone(&self);
        let stand_in = std::thread::Builder::new().name("lazuli-stand-in".into());
        if stand_in.spawn(move || run.work_and_leave()).is_err() {
            self.work_and_leave();
        }
    }

    fn work_and_leave(self: Arc<Self>) {
        if !self.enter() {
            return;
        }
        NESTED.set(NESTED.get() + 1);
        self.work();
        NESTED.set(NESTED.get() - 1);
        self.workers.fetch_sub(1, SeqCst);
        fence(SeqCst);
        if !self.over.load(Acquire) && self.has_work() {
            self.send_for_worker();
        }
        self.leave();
    }

    /// The caller is a thread of the pool: it works until the run is over, and lends its thread to
    /// other jobs of the pool while it finds nothing to do.
    fn work_as_caller(self: &Arc<Self>) {
        while !self.over.load(Acquire) {
            self.work();
            if !self.over.load(Acquire) && !self.has_work() {
                self.lend_thread();
            }
        }
    }

    /// Runs another job of the calling thread's pool, or naps.
    fn lend_thread(&self) {
        const NAP: Duration = Duration::from_micros(50);
        if rayon::yield_now() != Some(rayon::Yield::Executed) {
            let outcome = self.outcome();
            if !outcome.closed {
                drop(self.closed.wait_timeout(outcome, NAP));
            }
        }
    }

    /// Runs tasks until none is found.
    fn work(self: &Arc<Self>) {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // More nested workers than queues: the others have the tasks in hand.
        let Some(queues) = queues else { return };
        self.mode().scope(|| {
            let mut idle = 0;
            while !self.over.load(Relaxed) {
                if let Some(ready) = self.find(&queues) {
                    idle = 0;
                    self.run_chain(ready, &queues);
                } else if idle < IDLE_ROUNDS {
                    idle += 1;
                    std::hint::spin_loop();
                } else {
                    break;
                }
            }
        });
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).push(queues);
    }

    fn find(&self, own: &Queues) -> Option<Ready> {
        own.ready
            .pop()
            .or_else(|| steal(&self.injector, Injector::is_empty, Injector::steal))
            .or_else(|| own.leaves.pop())
            .or_else(|| steal_any(&self.ready_stealers))
            .or_else(|| {
                let mut claimed = self.state.claim_leaves(self.limit);
                let first = claimed.next();
                // Last in, first out: the first in plan order is pushed last.
                claimed.rev().for_each(|leaf| own.leaves.push(leaf));
                first
            })
            .or_else(|| steal_any(&self.leaf_stealers))
    }

    fn has_work(&self) -> bool {
        self.state.leaves_left() > 0
            || !self.injector.is_empty()
            || !self.ready_stealers.iter().all(Stealer::is_empty)
            || !self.leaf_stealers.iter().all(Stealer::is_empty)
    }

    /// Runs a task, then one that it made ready, and so on; other tasks made ready go to its queue.
    fn run_chain(self: &Arc<Self>, first: Ready, own: &Queues) {
        let mut next = Some(first);
        while let Some(ready) = next.take() {
            if self.over.load(Relaxed) {
                return;
            }
            let mut rest = smallvec::SmallVec::<[Ready; 4]>::new();
            self.run_one(ready, |ready| {
                if next.is_none() {
                    next = Some(ready);
                } else {
                    rest.push(ready);
                }
            });
            if !rest.is_empty() {
                // Last in, first out: the first in plan order is pushed last.
                while let Some(ready) = rest.pop() {
                    own.ready.push(ready);
                }
                self.tell_workers();
            }
        }
    }

    /// Work was added where workers can steal it: they may be too few.
    fn tell_workers(self: &Arc<Self>) {
        fence(SeqCst);
        if self.workers.load(Relaxed) < self.limit {
            self.send_for_worker();
        }
    }

    /// Runs one task; hands on those CPU tasks that it made ready, and starts the others.
    fn run_one(self: &Arc<Self>, ready: Ready, mut on_cpu_ready: impl FnMut(Ready)) {
        match run_task(&self.state, ready, self.observer.as_deref()) {
            Ok((context, value)) => self.state.finish(context, value, |ready| {
                if ready.task() == self.state.plan().answer() {
                    self.outcome().answer = Some(ready);
                    self.over.store(true, SeqCst);
                } else if self.state.plan().is_cpu(ready.task()) {
                    on_cpu_ready(ready);
                } else {
                    self.start_waiting(ready);
                }
            }),
            Err(failed) => {
                self.outcome().failures.push(failed);
                self.over.store(true, SeqCst);
            }
        }
    }

    // ---- tasks beside the pool ------------------------------------------------------------------

    /// Starts a task that waits, on a thread of the blocking lane. It counts as inside from now on.
    fn start_waiting(self: &Arc<Self>, ready: Ready) {
        self.gate.fetch_add(1, AcqRel);
        let run = Arc::clone(self);
        blocking::spawn(Box::new(move || {
            if !run.over.load(Acquire) {
                let mode = run.mode();
                mode.scope(|| {
                    run.run_one(ready, |ready| {
                        run.injector.push(ready);
                        run.tell_workers();
                    });
                });
            }
            run.leave();
        }));
    }
}

/// Steals a task where there is one; looks once more where it met another thief.
fn steal<Q>(queue: &Q, is_empty: fn(&Q) -> bool, attempt: fn(&Q) -> Steal<Ready>) -> Option<Ready> {
    while !is_empty(queue) {
        match attempt(queue) {
            Steal::Success(ready) => return Some(ready),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
    None
}

fn steal_any(stealers: &[Stealer<Ready>]) -> Option<Ready> {
    stealers.iter().find_map(|stealer| steal(stealer, Stealer::is_empty, Stealer::steal))
}
