//! On a system that grants no threads: errors and answers, and no compute that waits for a thread which
//! never comes.
//!
//! The standard library takes the size of a thread's stack from a variable; no system has the memory for
//! the one that is set here.

use std::time::Duration;

use lazuli_core::{Delayed, ErrorKind, Executor, Lane, Retry, compute, start, sum, task};

use crate::support::scenario_with;

const NO_THREADS: [(&str, &str); 1] = [("RUST_MIN_STACK", "70368744177664")];

#[test]
fn pools_that_cannot_start_are_errors() {
    scenario_with(&NO_THREADS, || {
        assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "the system grants a thread");
        let error = Executor::threaded(2).err().expect("no threads");
        assert_eq!(error.kind(), ErrorKind::Setup);
        let one = || Delayed::value(1) + 1;
        assert_eq!(compute(one()).expect_err("no threads").kind(), ErrorKind::Setup);
        assert_eq!(start(one()).wait().expect_err("no threads").kind(), ErrorKind::Setup);
        assert_eq!(Executor::sync().compute(one()).expect("needs none"), 2);
    });
}

#[test]
fn the_sync_executor_needs_no_thread_for_any_lane() {
    scenario_with(&NO_THREADS, || {
        let executor = Executor::sync();
        let waits = |value: i32| task("waits").lane(Lane::Blocking).call((), move |()| value);
        let nests = task("nests")
            .call((), move |()| compute(sum((0..5).map(waits))).expect("nothing fails"));
        assert_eq!(executor.compute(&nests + &waits(2)).expect("nothing fails"), 12);
        assert_eq!(executor.start(nests).wait().expect("nothing fails"), 10);
    });
}

/// A deadline without the thread of the timer.
#[test]
fn deadlines_without_the_timers_thread_are_refused() {
    scenario_with(&NO_THREADS, || {
        let executor = Executor::sync();
        for delay in [Duration::from_millis(1), Duration::from_secs(3600)] {
            let never = task("never").retry(Retry::times(u32::MAX).delay(delay));
            let never = never.try_call((), |()| Err::<i32, _>(std::io::Error::other("not yet")));
            let limited = executor.clone().with_timeout(Duration::from_millis(100));
            let error = limited.compute(never).expect_err("no thread can be had");
            // Without the thread of the timer nothing could end it.
            assert_eq!(error.kind(), ErrorKind::Setup);
        }
    });
}
