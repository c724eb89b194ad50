//! Models of the blocking lane: its jobs, those that wait, and its threads, which come and go.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use loom::thread;

use super::{check, spawn};
use crate::base::sync::{grant_no_threads, join_started};
use crate::threads::blocking::{self, aside, set_blocking_limit, while_waiting};
use crate::threads::latch::Latch;

/// Counts the jobs that have a place, and those that are done.
#[derive(Clone, Default)]
struct Jobs(Arc<Counts>);

#[derive(Default)]
struct Counts {
    limit: AtomicUsize,
    running: AtomicUsize,
    done: AtomicUsize,
}

impl Jobs {
    /// With so many places.
    fn within(limit: usize) -> Self {
        set_blocking_limit(limit);
        let jobs = Self::default();
        jobs.0.limit.store(limit, SeqCst);
        jobs
    }

    fn spawn(&self, body: impl FnOnce() + Send + 'static) {
        let jobs = self.clone();
        blocking::spawn(Box::new(move || {
            jobs.begin();
            thread::yield_now();
            body();
            jobs.end();
            jobs.0.done.fetch_add(1, SeqCst);
        }));
    }

    fn begin(&self) {
        let running = self.0.running.fetch_add(1, SeqCst) + 1;
        assert!(running <= self.0.limit.load(SeqCst), "{running} have a place");
    }

    fn end(&self) {
        self.0.running.fetch_sub(1, SeqCst);
    }

    /// Inside a job.
    fn wait(&self, latch: &Latch) {
        self.end();
        while_waiting(|| latch.wait());
        self.begin();
    }

    /// Ends the lane: so many jobs were done.
    fn assert_done(&self, count: usize) {
        blocking::expire_idle();
        join_started();
        assert_eq!(self.0.done.load(SeqCst), count, "jobs were lost");
        blocking::assert_at_rest();
    }
}

#[test]
fn jobs_of_two_callers_share_one_place() {
    check(3, || {
        let jobs = Jobs::within(1);
        let other = spawn({
            let jobs = jobs.clone();
            move || jobs.spawn(|| ())
        });
        jobs.spawn(|| ());
        other.join().unwrap();
        jobs.assert_done(2);
    });
}

/// An idle thread ends while a job comes.
#[test]
fn a_job_comes_as_an_idle_thread_ends() {
    check(3, || {
        let jobs = Jobs::within(1);
        jobs.spawn(|| ());
        let expires = spawn(blocking::expire_idle);
        jobs.spawn(|| ());
        expires.join().unwrap();
        jobs.assert_done(2);
    });
}

/// A job waits for what another brings, with one place for both.
#[test]
fn a_job_that_waits_gives_its_place_to_the_job_it_waits_for() {
    check(3, || {
        let jobs = Jobs::within(1);
        let brought = Arc::new(Latch::default());
        jobs.spawn({
            let (jobs, brought) = (jobs.clone(), Arc::clone(&brought));
            move || jobs.wait(&brought)
        });
        jobs.spawn(move || brought.open());
        jobs.assert_done(2);
    });
}

/// Two jobs wait for a third, and both want the one place back, one after the other.
#[test]
fn two_jobs_that_have_waited_go_on_one_after_the_other() {
    check(2, || {
        let jobs = Jobs::within(1);
        let brought = Arc::new(Latch::default());
        for _ in 0..2 {
            jobs.spawn({
                let (jobs, brought) = (jobs.clone(), Arc::clone(&brought));
                move || jobs.wait(&brought)
            });
        }
        jobs.spawn(move || brought.open());
        jobs.assert_done(3);
    });
}

/// A job that has waited comes before one that queues.
#[test]
fn who_goes_on_after_a_wait_comes_before_those_who_queue() {
    check(2, || {
        let jobs = Jobs::within(1);
        let brought = Arc::new(Latch::default());
        let has_gone_on = Arc::new(AtomicUsize::new(0));
        jobs.spawn({
            let (jobs, brought) = (jobs.clone(), Arc::clone(&brought));
            let has_gone_on = Arc::clone(&has_gone_on);
            move || {
                jobs.wait(&brought);
                has_gone_on.store(1, SeqCst);
            }
        });
        jobs.spawn({
            let jobs = jobs.clone();
            move || {
                brought.open();
                while !blocking::anyone_resumes() {
                    thread::yield_now();
                }
                // It has no place to begin in before the other is done.
                let queues = move || assert_eq!(has_gone_on.load(SeqCst), 1, "it was overtaken");
                jobs.spawn(queues);
            }
        });
        jobs.assert_done(3);
    });
}

/// What must not wait finds a thread while a job has the only place and waits for it.
#[test]
fn what_is_done_aside_needs_no_place() {
    check(3, || {
        let jobs = Jobs::within(1);
        let brought = Arc::new(Latch::default());
        jobs.spawn({
            let brought = Arc::clone(&brought);
            // It keeps its place, as one does that waits in a way which the lane cannot see.
            move || brought.wait()
        });
        aside(Box::new(move || brought.open()));
        jobs.assert_done(1);
    });
}

/// There are more places while a job queues and the one that runs waits for it.
#[test]
fn a_job_that_queues_has_one_of_the_places_that_are_added() {
    check(3, || {
        let jobs = Jobs::within(1);
        let brought = Arc::new(Latch::default());
        jobs.spawn({
            let brought = Arc::clone(&brought);
            move || brought.wait()
        });
        let raises = spawn({
            let jobs = jobs.clone();
            move || {
                jobs.0.limit.store(2, SeqCst);
                set_blocking_limit(2);
            }
        });
        jobs.spawn(move || brought.open());
        raises.join().unwrap();
        jobs.assert_done(2);
    });
}

/// No thread can be had: two callers do the jobs themselves.
#[test]
fn without_threads_the_callers_do_the_jobs() {
    check(3, || {
        let jobs = Jobs::within(1);
        grant_no_threads();
        let other = spawn({
            let jobs = jobs.clone();
            move || jobs.spawn(|| ())
        });
        jobs.spawn(|| ());
        other.join().unwrap();
        jobs.assert_done(2);
    });
}
