//! Async: tasks that await, and computes that are awaited.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lazuli::core::lanes::set_async_limit;
use lazuli::core::{ErrorKind, Lane, Retry};
use lazuli::prelude::*;
use tokio::runtime::Builder;
use tokio::sync::{Notify, Semaphore};

use crate::support::{
    Gauge, Meeting, Named, comes_true, executors, in_its_own_process, must_end, threaded,
};

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(future)
}

#[delayed]
async fn double(x: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    2 * x
}

#[test]
fn tasks_may_await() {
    for Named { name, executor } in executors() {
        let doubled = double(double(Delayed::value(10_u64)) + 1);
        assert_eq!(executor.compute(doubled).expect("nothing fails"), 42, "on {name}");
    }
}

/// Each awaits until all have begun: on one thread, that takes a lane that holds none.
#[test]
fn as_many_await_at_once_as_the_lane_takes() {
    for Named { name, executor } in threaded() {
        let all = Arc::new(Semaphore::new(0));
        let tasks = (0..64).map(|_| {
            let all = Arc::clone(&all);
            task("await").try_call_async((), move |()| {
                let all = Arc::clone(&all);
                all.add_permits(1);
                async move { all.acquire_many(64).await.map(drop) }
            })
        });
        let met = executor.compute(sequence(tasks)).expect("nothing fails");
        assert_eq!(met.len(), 64, "on {name}");
    }
}

#[test]
fn no_more_await_at_once_than_the_limit() {
    in_its_own_process("asynchronous::no_more_await_at_once_than_the_limit", || {
        set_async_limit(3);
        let gauge = Gauge::default();
        let tasks = (0..30).map(|_| {
            let gauge = gauge.clone();
            task("await").call_async((), move |()| {
                let gauge = gauge.clone();
                async move {
                    let _inside = gauge.track(());
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            })
        });
        compute(sequence(tasks)).expect("nothing fails");
        assert_eq!(gauge.most(), 3);
    });
}

#[test]
fn failures_and_panics_of_futures_are_errors() {
    for Named { name, executor } in executors() {
        let fails = task("fails")
            .part("p")
            .try_call_async((), |()| async { Err::<u8, _>(io::Error::other("no")) });
        let error = executor.compute(&fails).expect_err("it fails");
        assert_eq!((error.kind(), error.part()), (ErrorKind::Task, Some("p")), "on {name}");
        assert!(error.find::<io::Error>().is_some(), "on {name}");
        let panics = task("panics").call_async((), |()| async {
            tokio::task::yield_now().await;
            std::panic::resume_unwind(Box::new("inside"))
        });
        let panics: Delayed<u8> = panics;
        let error = executor.compute(&panics).expect_err("it panics");
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("panics")), "on {name}");
        assert!(error.to_string().ends_with("panicked: inside"), "{error}");
    }
}

/// The input is there for each try, although the task takes it by value.
#[test]
fn futures_are_tried_again() {
    for Named { name, executor } in executors() {
        let gauge = Gauge::default();
        let input = gauge.clone();
        let input = task("input").call((), move |()| input.track(40));
        let tries = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&tries);
        let flaky = task("flaky").retry(Retry::times(2)).try_call_async(input, move |input| {
            let tries = counter.fetch_add(1, SeqCst);
            async move {
                match tries {
                    2 => Ok(input.value + tries),
                    _ => Err(io::Error::other("not yet")),
                }
            }
        });
        assert_eq!(executor.compute(flaky).expect("the third try"), 42, "on {name}");
        assert!(comes_true(|| gauge.live() == 0), "values are held on {name}");
    }
}

/// Futures that would never be done are dropped when their compute fails.
#[test]
fn a_failure_drops_the_futures_that_are_under_way() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let gauge = Gauge::default();
            let (begun, counts) = (Arc::new(Notify::new()), gauge.clone());
            let begins = Arc::clone(&begun);
            let never = task("never").call_async((), move |()| {
                let (begins, inside) = (Arc::clone(&begins), counts.track(()));
                async move {
                    begins.notify_one();
                    std::future::pending::<()>().await;
                    drop(inside);
                }
            });
            let fails = task("fails").try_call_async((), move |()| {
                let begun = Arc::clone(&begun);
                async move {
                    begun.notified().await;
                    Err::<(), _>(io::Error::other("on purpose"))
                }
            });
            let error = executor.compute((never, fails)).expect_err("one fails");
            assert_eq!(error.task(), Some("fails"), "on {name}");
            assert!(comes_true(|| gauge.live() == 0), "a future is held on {name}");
        }
    });
}

#[test]
fn a_compute_may_be_awaited() {
    for Named { name, executor } in executors() {
        let answer = Delayed::value(20_u64).map_named("double", |x| 2 * x);
        let both = (&answer + 2, answer);
        let answer = block_on(async { executor.compute_async(&both).await });
        assert_eq!(answer.expect("nothing fails"), (42, 40), "on {name}");
        let fails = task("fails").try_call((), |()| "x".parse::<u8>());
        let error = block_on(fails.compute_async()).expect_err("it fails");
        assert_eq!(error.task(), Some("fails"));
    }
}

/// The only thread of the runtime goes on while the compute waits for it.
#[test]
fn awaiting_a_compute_blocks_no_thread() {
    must_end(|| {
        let meeting = Meeting::of(2);
        let arrives = Arc::clone(&meeting);
        let waits = task("waits").lane(Lane::Blocking).call((), move |()| arrives.meet());
        let met = block_on(async {
            let computing = compute_async(&waits);
            let other = tokio::task::yield_now();
            other.await;
            // Would wait in vain if the compute held this thread.
            meeting.meet();
            computing.await
        });
        assert!(met.expect("nothing fails"));
    });
}

#[test]
fn dropping_the_future_cancels_the_compute() {
    must_end(|| {
        let (begun, go) = (Meeting::of(2), Meeting::of(2));
        let (begins, goes) = (Arc::clone(&begun), Arc::clone(&go));
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let gauge = Gauge::default();
        let counts = gauge.clone();
        let first = task("first").lane(Lane::Blocking).call((), move |()| {
            begins.meet();
            goes.meet();
            counts.track(())
        });
        let last = first.map_named("last", move |_| counter.fetch_add(1, SeqCst));
        let computing = last.compute_async();
        assert!(begun.meet());
        drop(computing);
        assert!(go.meet());
        drop((first, last));
        assert!(comes_true(|| gauge.live() == 0));
        assert_eq!(runs.load(SeqCst), 0);
    });
}
