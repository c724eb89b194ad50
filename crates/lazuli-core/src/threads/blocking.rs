//! The blocking lane: an elastic set of threads for tasks that wait.
//!
//! A thread is started when a job finds none idle; no more than the limit run jobs at once, and jobs
//! beyond it queue. An idle thread ends after a while, so a program that waits no more keeps no threads.
//!
//! A job that itself waits for a compute (whose tasks may need the lane) gives its place to another
//! job meanwhile: jobs never wait behind each other, so any limit of at least one makes progress.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

const DEFAULT_LIMIT: usize = 64;
const IDLE_LIFETIME: Duration = Duration::from_secs(10);

static LANE: BlockingLane = BlockingLane {
    state: Mutex::new(State {
        jobs: VecDeque::new(),
        idle: 0,
        running: 0,
        starting: 0,
        limit: DEFAULT_LIMIT,
    }),
    job_added: Condvar::new(),
    place_freed: Condvar::new(),
};

thread_local! {
    /// Whether this thread runs a job of the lane.
    static ON_LANE: Cell<bool> = const { Cell::new(false) };
}

struct BlockingLane {
    state: Mutex<State>,
    /// Idle threads wait for it.
    job_added: Condvar,
    /// Jobs that go on after a wait wait for it.
    place_freed: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// Threads that wait for a job.
    idle: usize,
    /// Threads that run one, without those that have given up their place.
    running: usize,
    /// Threads on their way to their first job.
    starting: usize,
    limit: usize,
}

/// Sets how many blocking tasks run at once in this process (64 unless set; at least 1).
pub fn set_blocking_limit(limit: usize) {
    let mut state = LANE.lock();
    state.limit = limit.max(1);
    let waiting = state.jobs.len();
    drop(state);
    for _ in 0..waiting {
        LANE.serve(LANE.lock());
    }
    LANE.place_freed.notify_all();
}

/// How many run at once.
pub(super) fn limit() -> usize {
    LANE.lock().limit
}

/// Runs the job on a thread of the blocking lane, now or as soon as one is free.
///
/// The job must not unwind; the executor catches panics inside it.
pub(crate) fn spawn(job: Job) {
    let mut state = LANE.lock();
    state.jobs.push_back(job);
    LANE.serve(state);
}

/// Waits for something that other jobs may bring about. On a thread of the lane, its place goes to
/// another job meanwhile.
pub(crate) fn while_waiting<R>(wait: impl FnOnce() -> R) -> R {
    if !ON_LANE.get() {
        return wait();
    }
    LANE.give_up_place(LANE.lock());
    let result = wait();
    let mut state = LANE.lock();
    while state.running >= state.limit {
        state = LANE.place_freed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    state.running += 1;
    result
}

impl BlockingLane {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a poisoned lock still guards a sound state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a thread for the jobs that queue, if there is a place for one.
    fn serve(&self, mut state: MutexGuard<'_, State>) {
        let places = state.limit.saturating_sub(state.running + state.starting);
        let wanted = state.jobs.len().saturating_sub(state.starting).min(places);
        if wanted == 0 {
            return;
        }
        if state.idle > 0 {
            self.job_added.notify_one();
        }
        if state.idle >= wanted {
            return;
        }
        state.starting += 1;
        drop(state);
        let started =
            std::thread::Builder::new().name("lazuli-blocking".into()).spawn(|| LANE.work());
        if started.is_err() {
            self.run_without_a_thread();
        }
    }

    fn give_up_place(&self, mut state: MutexGuard<'_, State>) {
        state.running -= 1;
        self.place_freed.notify_one();
        self.serve(state);
    }

    fn work(&self) {
        let mut state = self.lock();
        state.starting -= 1;
        ON_LANE.set(true);
        loop {
            if state.running < state.limit
                && let Some(job) = state.jobs.pop_front()
            {
                state.running += 1;
                drop(state);
                job();
                self.give_up_place(self.lock());
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let (guard, timeout) = self
                .job_added
                .wait_timeout(state, IDLE_LIFETIME)
                .unwrap_or_else(PoisonError::into_inner);
            state = guard;
            state.idle -= 1;
            if timeout.timed_out() && state.jobs.is_empty() {
                return;
            }
        }
    }

    /// The system grants no more threads. While others run, they will take the job in time; the last
    /// resort is the caller's own thread, so that the job is never lost.
    fn run_without_a_thread(&self) {
        let mut state = self.lock();
        state.starting -= 1;
        let alone = state.running + state.idle + state.starting == 0;
        let job = if alone { state.jobs.pop_front() } else { None };
        drop(state);
        if let Some(job) = job {
            job();
        }
    }
}
