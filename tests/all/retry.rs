//! Tasks that run again when they fail: how often, with what inputs, and without a thread that waits.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use lazuli::core::lanes::set_blocking_limit;
use lazuli::core::task::TaskBuilder;
use lazuli::core::{Lane, Retry};
use lazuli::prelude::*;
use lazuli::{Error, ErrorKind};

use crate::support::{
    Gauge, Kind, Named, Recorder, Tracked, executors, in_its_own_process, must_end, threaded,
};

const LANES: [Lane; 3] = [Lane::Cpu, Lane::Blocking, Lane::Async];

/// What a task does in one of its tries, which are numbered from 0.
type Attempt = fn(usize) -> Result<usize, io::Error>;

/// A task on that lane which counts its tries, and takes one input by value and one by reference.
fn tried(
    builder: TaskBuilder,
    lane: Lane,
    input: &Delayed<Tracked<usize>>,
    attempt: impl Fn(usize) -> Result<usize, io::Error> + Send + Sync + 'static,
) -> (Arc<AtomicUsize>, Delayed<usize>) {
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&tries);
    let attempt = Arc::new(move || attempt(counter.fetch_add(1, SeqCst)));
    let delayed = match lane {
        Lane::Async => {
            builder.try_call_async((input.clone(), input.clone()), move |(one, other)| {
                let attempt = Arc::clone(&attempt);
                async move {
                    tokio::task::yield_now().await;
                    Ok::<_, io::Error>(attempt()? + one.value + other.value)
                }
            })
        }
        lane => builder.lane(lane).try_call((input.clone(), input), move |(one, other)| {
            Ok::<_, io::Error>(attempt()? + one.value + other.value)
        }),
    };
    (tries, delayed)
}

fn not_yet(tried: usize) -> io::Error {
    io::Error::other(format!("try {tried}"))
}

fn third(tried: usize) -> Result<usize, io::Error> {
    if tried < 2 { Err(not_yet(tried)) } else { Ok(0) }
}

/// Panics, fails, and does it.
fn panics_first(tried: usize) -> Result<usize, io::Error> {
    match tried {
        0 => std::panic::resume_unwind(Box::new("at first")),
        tried => third(tried),
    }
}

fn never(tried: usize) -> Result<usize, io::Error> {
    Err(not_yet(tried))
}

fn never_without_panic(tried: usize) -> Result<usize, io::Error> {
    if tried < 3 { Err(not_yet(tried)) } else { std::panic::resume_unwind(Box::new("at last")) }
}

fn input(gauge: &Gauge) -> Delayed<Tracked<usize>> {
    let gauge = gauge.clone();
    task("input").call((), move |()| gauge.track(7))
}

#[test]
fn each_try_has_its_inputs() {
    for Named { name, executor } in executors() {
        for lane in LANES {
            for attempt in [third as Attempt, panics_first] {
                let gauge = Gauge::default();
                let retry = Retry::times(2);
                let (tries, value) = tried(task("t").retry(retry), lane, &input(&gauge), attempt);
                assert_eq!(executor.compute(value).expect("third try"), 14, "{lane:?} on {name}");
                assert_eq!(tries.load(SeqCst), 3, "{lane:?} on {name}");
                assert_eq!(gauge.live(), 0, "{lane:?} on {name}");
            }
        }
    }
}

/// The error is that of the last try, and the compute has failed once.
#[test]
fn tries_in_vain_give_the_last_error() {
    for Named { name, executor } in executors() {
        for lane in LANES {
            let gauge = Gauge::default();
            let builder = task("t").part("p").retry(Retry::times(3));
            let (tries, value) = tried(builder, lane, &input(&gauge), never);
            let error = executor.compute(value).expect_err("four failures");
            assert_eq!((error.kind(), error.others()), (ErrorKind::Task, 0), "{lane:?} on {name}");
            assert_eq!((error.task(), error.part()), (Some("t"), Some("p")), "{lane:?} on {name}");
            assert!(error.to_string().ends_with(" failed: try 3"), "{error}");
            assert_eq!(tries.load(SeqCst), 4, "{lane:?} on {name}");

            let builder = task("t").retry(Retry::times(3));
            let (_, value) = tried(builder, lane, &input(&gauge), never_without_panic);
            let error = executor.compute(value).expect_err("four failures");
            assert_eq!(error.kind(), ErrorKind::Panic, "{lane:?} on {name}");
            assert!(error.to_string().ends_with(" panicked: at last"), "{error}");
            assert_eq!(gauge.live(), 0, "{lane:?} on {name}");
        }
    }
}

#[test]
fn without_retries_there_is_one_try() {
    for Named { name, executor } in executors() {
        for lane in LANES {
            let gauge = Gauge::default();
            for builder in [task("t"), task("t").retry(Retry::times(0))] {
                let (tries, value) = tried(builder, lane, &input(&gauge), third);
                assert!(executor.compute(value).is_err());
                assert_eq!(tries.load(SeqCst), 1, "{lane:?} on {name}");
            }
        }
    }
}

/// The tries are counted anew in each compute.
#[test]
fn each_compute_has_all_tries() {
    fn every_third(tried: usize) -> Result<usize, io::Error> {
        third(tried % 3)
    }
    for Named { name, executor } in executors() {
        let gauge = Gauge::default();
        let builder = task("t").retry(Retry::times(2));
        let (tries, value) = tried(builder, Lane::Cpu, &input(&gauge), every_third);
        for compute in 1..=3 {
            assert_eq!(executor.compute(&value).expect("third try"), 14, "on {name}");
            assert_eq!(tries.load(SeqCst), 3 * compute, "on {name}");
        }
    }
}

/// A try that failed and is followed by another is an event of its own, and no failure.
#[test]
fn tries_are_events() {
    for Named { name, executor } in executors() {
        for lane in LANES {
            let gauge = Gauge::default();
            let (recorder, watched) = Recorder::watch(executor);
            let kinds = |events: Vec<crate::support::Seen>| -> Vec<String> {
                let of_task = events.into_iter().filter(|seen| {
                    seen.task.as_ref().is_some_and(|task| task.name == "t" && task.lane == lane)
                });
                of_task.map(|seen| format!("{:?}", seen.kind)).collect()
            };
            let builder = task("t").retry(Retry::times(2));
            watched.compute(tried(builder, lane, &input(&gauge), third).1).expect("third try");
            let started = ["Started", "Retried", "Started", "Retried", "Started"];
            let seen = kinds(recorder.take());
            assert_eq!(seen[..5], started, "{lane:?} on {name}");
            assert_eq!(seen[5..], ["Finished"], "{lane:?} on {name}");
            let builder = task("t").retry(Retry::times(2));
            let failed = watched.compute(tried(builder, lane, &input(&gauge), never).1);
            let message = failed.expect_err("three failures").to_string();
            let seen = kinds(recorder.take());
            assert_eq!(seen[..5], started, "{lane:?} on {name}");
            assert_eq!(
                seen[5..],
                [format!("{:?}", Kind::Failed { message })],
                "{lane:?} on {name}"
            );
        }
    }
}

/// More tasks than there are threads, or than the blocking lane takes, wait an hour each for their next
/// try. All of them get that far, and so does a task beside them; the last one ends it.
#[test]
fn waiting_for_the_next_try_holds_no_thread() {
    in_its_own_process("retry::waiting_for_the_next_try_holds_no_thread", || {
        set_blocking_limit(2);
        for Named { name, executor } in threaded() {
            for lane in [Lane::Cpu, Lane::Blocking, Lane::Async] {
                let (token, arrived) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
                let (cancels, counter) = (token.clone(), Arc::clone(&arrived));
                let arrive = move || {
                    if counter.fetch_add(1, SeqCst) == 40 {
                        cancels.cancel();
                    }
                };
                let retry = Retry::times(1).delay(Duration::from_secs(3600));
                let gauge = Gauge::default();
                let waits = (0..40).map(|_| {
                    let arrive = arrive.clone();
                    let task = task("waits").retry(retry);
                    let (_, value) = tried(task, lane, &input(&gauge), move |tried| {
                        arrive();
                        never(tried)
                    });
                    value
                });
                let waits: Vec<_> = waits.collect();
                let beside = task("beside").call((), move |()| arrive());
                let stoppable = executor.clone().with_cancel(&token);
                let error = stoppable.compute((waits, beside)).expect_err("cancelled");
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{lane:?} on {name}");
                assert_eq!(arrived.load(SeqCst), 41, "{lane:?} on {name}");
                assert_eq!(gauge.live(), 0, "{lane:?} on {name}");
            }
        }
    });
}

/// A compute inside that is out of time may have better luck.
#[test]
fn what_was_out_of_time_is_tried_again() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let tries = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&tries);
            let slow_once = task("slow once").retry(Retry::times(1)).try_call((), move |()| {
                let slow = counter.fetch_add(1, SeqCst) == 0;
                let wait = Duration::from_millis(if slow { 20 } else { 0 });
                let inner = task("inner").call((), move |()| thread::sleep(wait));
                let time = Duration::from_millis(if slow { 1 } else { 60_000 });
                Executor::current().with_timeout(time).compute(inner)
            });
            executor.compute(slow_once).unwrap_or_else(|error| panic!("{error} on {name}"));
            let always = task("always").retry(Retry::times(1)).try_call((), |()| {
                Executor::current().with_timeout(Duration::ZERO).compute(Delayed::value(1) + 1)
            });
            let error = executor.compute(always).expect_err("out of time");
            let named = (error.kind(), error.task());
            assert_eq!(named, (ErrorKind::Deadline, Some("always")), "on {name}");
        }
    });
}

/// A compute inside that was cancelled is not tried again.
#[test]
fn what_was_stopped_is_not_tried_again() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let tries = Arc::new(AtomicUsize::new(0));
                let counter = Arc::clone(&tries);
                let stops = task("stops").lane(lane).retry(Retry::times(5));
                let stops = stops.try_call((), move |()| {
                    counter.fetch_add(1, SeqCst);
                    let token = CancelToken::new();
                    token.cancel();
                    let value: Result<i32, Error> =
                        Executor::current().with_cancel(&token).compute(Delayed::value(1) + 1);
                    value
                });
                let error = executor.compute(stops).expect_err("cancelled");
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{lane:?} on {name}");
                assert_eq!(tries.load(SeqCst), 1, "{lane:?} on {name}");
            }
        }
    });
}
