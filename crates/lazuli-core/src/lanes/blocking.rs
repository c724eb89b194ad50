//! The blocking lane: an elastic set of threads for tasks that wait.
//!
//! A thread is started when a job finds none idle, up to the limit; jobs beyond it queue. An idle
//! thread ends after a while, so a program that waits no more keeps no threads. Jobs never wait for
//! each other, so any limit of at least one makes progress.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

const DEFAULT_LIMIT: usize = 64;
const IDLE_LIFETIME: Duration = Duration::from_secs(10);

static LANE: BlockingLane = BlockingLane {
    state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0, limit: DEFAULT_LIMIT }),
    job_added: Condvar::new(),
};

struct BlockingLane {
    state: Mutex<State>,
    job_added: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    limit: usize,
}

/// Sets how many blocking tasks run at once in this process (64 unless set; at least 1).
pub fn set_blocking_limit(limit: usize) {
    LANE.lock().limit = limit.max(1);
}

/// Runs the job on a thread of the blocking lane, now or as soon as one is free.
///
/// The job must not unwind; the executor catches panics inside it.
pub(crate) fn spawn(job: Job) {
    let mut state = LANE.lock();
    state.jobs.push_back(job);
    if state.idle >= state.jobs.len() {
        LANE.job_added.notify_one();
    } else if state.threads < state.limit {
        state.threads += 1;
        drop(state);
        let started =
            std::thread::Builder::new().name("lazuli-blocking".into()).spawn(|| LANE.work());
        if started.is_err() {
            LANE.run_without_a_thread();
        }
    }
}

impl BlockingLane {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a poisoned lock still guards a sound state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
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
                state.threads -= 1;
                return;
            }
        }
    }

    /// The system grants no more threads. While others run, they will take the job in time; the last
    /// resort is the caller's own thread, so that the job is never lost.
    fn run_without_a_thread(&self) {
        let mut state = self.lock();
        state.threads -= 1;
        let job = if state.threads == 0 { state.jobs.pop_front() } else { None };
        drop(state);
        if let Some(job) = job {
            job();
        }
    }
}
