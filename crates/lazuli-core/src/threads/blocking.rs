//! The blocking lane: an elastic set of threads for tasks that wait.
//!
//! A thread is started when a job finds none idle; no more than the limit run jobs at once, and jobs
//! beyond it queue. An idle thread ends after a while, so a program that waits no more keeps no threads.
//!
//! A job that itself waits for a compute (whose tasks may need the lane) gives its place to another
//! job meanwhile, so jobs never wait behind each other and any limit of at least one makes progress. When
//! its wait is over it comes before the jobs that queue.
//!
//! What must not wait at all (the end of a run that was stopped) is done [aside](aside), beyond the limit.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use crate::base::sync::{Condvar, Mutex, MutexGuard, global, per_thread, start_thread};

type Job = Box<dyn FnOnce() + Send>;

const DEFAULT_LIMIT: usize = 64;
const IDLE_LIFETIME: Duration = Duration::from_secs(10);

global!(static LANE: BlockingLane);

per_thread! {
    /// What the calling thread does for the lane.
    static ROLE: Cell<Role> = Cell::new(Role::None);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    None,
    /// It runs a job, which has a place.
    Job,
    /// It does something aside.
    Aside,
}

#[derive(Default)]
struct BlockingLane {
    state: Mutex<State>,
    /// Idle threads wait for it.
    job_added: Condvar,
    /// Jobs that go on after a wait wait for it.
    place_freed: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// What has no need of a place.
    aside: VecDeque<Job>,
    /// Threads that wait for a job.
    idle: usize,
    /// Threads that run one, without those that have given up their place.
    running: usize,
    /// Threads that want their place back.
    resuming: usize,
    /// Threads on their way to their first job.
    starting: usize,
    limit: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            jobs: VecDeque::new(),
            aside: VecDeque::new(),
            idle: 0,
            running: 0,
            resuming: 0,
            starting: 0,
            limit: DEFAULT_LIMIT,
        }
    }
}

impl State {
    /// Places that jobs may begin in: those who resume come first.
    fn free_places(&self) -> usize {
        self.limit.saturating_sub(self.running + self.resuming)
    }

    fn next(&mut self) -> Option<(Job, Role)> {
        if let Some(job) = self.aside.pop_front() {
            return Some((job, Role::Aside));
        }
        if self.free_places() == 0 {
            return None;
        }
        let job = self.jobs.pop_front()?;
        self.running += 1;
        Some((job, Role::Job))
    }

    /// How many threads could begin something now.
    fn startable(&self) -> usize {
        self.aside.len() + self.jobs.len().min(self.free_places())
    }
}

/// Sets how many blocking tasks run at once in this process (64 unless set; at least 1).
pub fn set_blocking_limit(limit: usize) {
    let mut state = LANE.state.lock();
    state.limit = limit.max(1);
    LANE.serve(state);
    LANE.place_freed.notify_all();
}

/// How many run at once.
pub(super) fn limit() -> usize {
    LANE.state.lock().limit
}

/// Runs the job on a thread of the blocking lane, now or as soon as one is free.
///
/// The job must not unwind; the executor catches panics inside it.
pub(crate) fn spawn(job: Job) {
    let mut state = LANE.state.lock();
    state.jobs.push_back(job);
    LANE.serve(state);
}

/// Runs the job on a thread of its own, at once. It must not unwind.
pub(crate) fn aside(job: Job) {
    let mut state = LANE.state.lock();
    state.aside.push_back(job);
    LANE.serve(state);
}

/// Waits for something that other jobs may bring about. On a thread of the lane, its place goes to
/// another job meanwhile.
pub(crate) fn while_waiting<R>(wait: impl FnOnce() -> R) -> R {
    if ROLE.get() != Role::Job {
        return wait();
    }
    LANE.give_up_place();
    let result = wait();
    LANE.take_place_back();
    result
}

/// For models: threads that are idle, now or later, end.
#[cfg(all(loom, test))]
pub(crate) fn expire_idle() {
    LANE.job_added.expire(&LANE.state);
}

/// For models: whether a job that has waited wants its place back.
#[cfg(all(loom, test))]
pub(super) fn anyone_resumes() -> bool {
    LANE.state.lock().resuming > 0
}

/// For models: no job has a place, waits for one or is left, and no thread is there or on its way.
#[cfg(all(loom, test))]
pub(crate) fn assert_at_rest() {
    let state = LANE.state.lock();
    assert!(state.jobs.is_empty() && state.aside.is_empty(), "a job is left");
    assert_eq!([state.running, state.resuming, state.idle, state.starting], [0; 4]);
}

impl BlockingLane {
    /// Finds threads for what can begin now.
    fn serve(&self, mut state: MutexGuard<'_, State>) {
        let wanted = state.startable();
        for _ in 0..wanted.min(state.idle) {
            self.job_added.notify_one();
        }
        let more = wanted.saturating_sub(state.idle + state.starting);
        state.starting += more;
        drop(state);
        for _ in 0..more {
            if start_thread("lazuli-blocking", || LANE.work()).is_err() {
                self.run_without_a_thread();
            }
        }
    }

    fn give_up_place(&self) {
        let mut state = self.state.lock();
        state.running -= 1;
        if state.resuming > 0 {
            self.place_freed.notify_one();
        }
        self.serve(state);
    }

    fn take_place_back(&self) {
        let mut state = self.state.lock();
        state.resuming += 1;
        while state.running >= state.limit {
            state = self.place_freed.wait(state);
        }
        state.resuming -= 1;
        state.running += 1;
    }

    fn work(&self) {
        let mut state = self.state.lock();
        state.starting -= 1;
        loop {
            if let Some((job, role)) = state.next() {
                drop(state);
                ROLE.set(role);
                job();
                ROLE.set(Role::None);
                if role == Role::Job {
                    self.give_up_place();
                }
                state = self.state.lock();
                continue;
            }
            state.idle += 1;
            let (guard, timed_out) = self.job_added.wait_for(state, IDLE_LIFETIME);
            state = guard;
            state.idle -= 1;
            if timed_out && state.startable() == 0 {
                return;
            }
        }
    }

    /// The system grants no more threads. While others run, they will take the job in time; the last
    /// resort is the caller's own thread, so that the job is never lost.
    fn run_without_a_thread(&self) {
        let mut state = self.state.lock();
        state.starting -= 1;
        let alone = state.running + state.idle + state.starting == 0;
        let next = if alone { state.next() } else { None };
        drop(state);
        if let Some((job, role)) = next {
            job();
            if role == Role::Job {
                self.give_up_place();
            }
        }
    }
}
