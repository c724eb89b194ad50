//! Models of the timer: what is to happen does so once, or never once it was taken back.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use loom::thread;

use super::{check, spawn};
use crate::base::sync::{join_started, now};
use crate::threads::timer::{self, Pending};

/// Counts how often its jobs have run, and how many are gone.
#[derive(Clone, Default)]
struct Jobs(Arc<[AtomicUsize; 2]>);

struct Job(Jobs);

impl Drop for Job {
    fn drop(&mut self) {
        self.0.0[1].fetch_add(1, SeqCst);
    }
}

impl Jobs {
    fn at(&self, delay: Duration) -> Pending {
        let job = Job(self.clone());
        let run = move || {
            job.0.0[0].fetch_add(1, SeqCst);
        };
        timer::at(now() + delay, run).expect("a model grants threads")
    }

    fn now(&self) -> Pending {
        self.at(Duration::ZERO)
    }

    fn counts(&self) -> [usize; 2] {
        [self.0[0].load(SeqCst), self.0[1].load(SeqCst)]
    }
}

/// Ends the timer's thread.
fn end() {
    timer::expire_idle();
    join_started();
    timer::assert_at_rest();
}

/// A time that does not come.
const NEVER: Duration = Duration::from_secs(1 << 20);

#[test]
fn the_jobs_of_two_callers_run_once() {
    check(3, || {
        let jobs = Jobs::default();
        let other = spawn({
            let jobs = jobs.clone();
            move || jobs.now().detach()
        });
        jobs.now().detach();
        other.join().unwrap();
        end();
        assert_eq!(jobs.counts(), [2, 2]);
    });
}

/// The thread has nothing to do and ends while a job comes.
#[test]
fn a_job_comes_as_the_idle_thread_ends() {
    check(3, || {
        let jobs = Jobs::default();
        jobs.now().detach();
        let expires = spawn(timer::expire_idle);
        jobs.now().detach();
        expires.join().unwrap();
        end();
        assert_eq!(jobs.counts(), [2, 2]);
    });
}

/// A job that comes first is not kept by one that comes later.
#[test]
fn an_earlier_job_does_not_wait_for_a_later_one() {
    check(3, || {
        let jobs = Jobs::default();
        let later = jobs.at(NEVER);
        let early = Jobs::default();
        early.now().detach();
        while early.counts()[0] == 0 {
            thread::yield_now();
        }
        drop(later);
        end();
        assert_eq!(jobs.counts(), [0, 1]);
        assert_eq!(early.counts(), [1, 1]);
    });
}

/// A job is taken back just when it is due: it has run or it never will, and what it held is gone.
#[test]
fn a_job_that_is_taken_back_has_run_or_never_will() {
    check(3, || {
        let jobs = Jobs::default();
        let pending = jobs.now();
        let other = spawn({
            let jobs = jobs.clone();
            move || drop(jobs.at(NEVER))
        });
        drop(pending);
        other.join().unwrap();
        end();
        let [run, gone] = jobs.counts();
        assert!(run <= 1, "it has run {run} times");
        assert_eq!(gone, 2);
    });
}
