//! Ending computes before they are done: tokens, deadlines, and what their tasks see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use lazuli::core::task::reporter;
use lazuli::core::{ErrorKind, Lane};
use lazuli::prelude::*;

use crate::support::{Named, executors, must_end, threaded};

#[test]
fn a_cancelled_token_lets_nothing_begin() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        token.cancel();
        let never = task("never").call((), |()| unreachable!("it was cancelled before"));
        let never: Delayed<()> = never;
        let error = executor.clone().with_cancel(&token).compute(never).expect_err("cancelled");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        assert_eq!(error.to_string(), "the compute was cancelled");
        assert!(token.is_cancelled());
    }
}

/// One token for several computes at once, each of which waits for it.
#[test]
fn a_token_ends_every_compute_that_has_it() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let token = CancelToken::new();
            let begun = AtomicUsize::new(0);
            let begun: &'static AtomicUsize = Box::leak(Box::new(begun));
            std::thread::scope(|scope| {
                let computes: Vec<_> = (0..3)
                    .map(|_| {
                        let executor = executor.clone().with_cancel(&token);
                        scope.spawn(move || {
                            let waits = task("waits").lane(Lane::Blocking).call(
                                reporter(),
                                move |context| {
                                    begun.fetch_add(1, SeqCst);
                                    while !context.is_over() {
                                        std::thread::yield_now();
                                    }
                                },
                            );
                            executor
                                .compute(waits.map_named("later", |()| unreachable!("cancelled")))
                        })
                    })
                    .collect();
                while begun.load(SeqCst) < 3 {
                    std::thread::yield_now();
                }
                token.cancel();
                for compute in computes {
                    let answer: lazuli::Result<()> = compute.join().expect("no panic");
                    assert_eq!(
                        answer.expect_err("cancelled").kind(),
                        ErrorKind::Cancelled,
                        "{name}"
                    );
                }
            });
        }
    });
}

/// A compute inside a task ends with the one around it.
#[test]
fn computes_inside_tasks_are_cancelled_too() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let token = CancelToken::new();
            let cancels = token.clone();
            let inside = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&inside);
            let outer = task("outer").try_call((), move |()| {
                let (cancels, counter) = (cancels.clone(), Arc::clone(&counter));
                let first = task("first").call((), move |()| cancels.cancel());
                compute(first.map_named("second", move |()| counter.fetch_add(1, SeqCst)))
            });
            let error = executor.clone().with_cancel(&token).compute(outer).expect_err("cancelled");
            assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
            assert_eq!(inside.load(SeqCst), 0, "on {name}");
        }
    });
}

#[test]
fn a_deadline_ends_a_compute() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let waits = task("waits").call(reporter(), |context| {
                while !context.is_over() {
                    std::thread::yield_now();
                }
            });
            let never: Delayed<()> = waits.map_named("later", |()| unreachable!("time was up"));
            let timed = executor.clone().with_timeout(Duration::from_millis(20));
            let error = timed.compute(&never).expect_err("time is up");
            assert_eq!(error.kind(), ErrorKind::Deadline, "on {name}");
            assert_eq!(error.to_string(), "the compute was not done in time");
            let past = executor.clone().with_deadline(Instant::now());
            assert_eq!(past.compute(&never).expect_err("past").kind(), ErrorKind::Deadline);
            let ample = executor.clone().with_timeout(Duration::from_secs(3600));
            assert_eq!(ample.compute(Delayed::value(1_u8)).expect("enough time"), 1);
            let endless = executor.clone().with_timeout(Duration::MAX);
            assert_eq!(endless.compute(Delayed::value(1_u8)).expect("enough time"), 1);
        }
    });
}

/// Tasks that failed beside the cancelling one are counted.
#[test]
fn failures_after_a_cancel_are_counted() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        let cancels = token.clone();
        let fails = task("fails").try_call((), move |()| {
            cancels.cancel();
            "x".parse::<u8>()
        });
        let error = executor.clone().with_cancel(&token).compute(fails).expect_err("cancelled");
        assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 1), "on {name}");
    }
}

/// A compute that is stopped along with the task that asked for it has not failed.
#[test]
fn what_is_stopped_along_is_no_failure() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        let cancels = token.clone();
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ran);
        let outer = task("outer").try_call((), move |()| {
            let (cancels, counter) = (cancels.clone(), Arc::clone(&counter));
            let first = task("first").call((), move |()| cancels.cancel());
            compute(first.map_named("second", move |()| counter.fetch_add(1, SeqCst)))
        });
        let error = executor.clone().with_cancel(&token).compute(outer).expect_err("cancelled");
        assert_eq!(error.to_string(), "the compute was cancelled", "on {name}");
        assert_eq!(ran.load(SeqCst), 0, "on {name}");
    }
}
