//! Order without data, equal tasks that are one, and tasks that run again.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lazuli::core::{ErrorKind, Lane, Retry};
use lazuli::prelude::*;

use crate::support::{Kind, Named, Recorder, executors, must_end};

type Log = Arc<Mutex<Vec<&'static str>>>;

fn note(log: &Log, text: &'static str, lane: Lane) -> Delayed<()> {
    let log = Arc::clone(log);
    task("note").lane(lane).call((), move |()| log.lock().expect("no panic").push(text))
}

fn noted(log: &Log) -> Vec<&'static str> {
    std::mem::take(&mut *log.lock().expect("no panic"))
}

#[test]
fn after_puts_a_task_off() {
    for Named { name, executor } in executors() {
        for lane in [Lane::Cpu, Lane::Blocking] {
            let log = Log::default();
            let (read, write) = (note(&log, "read", Lane::Cpu), note(&log, "write", lane));
            let read = read.after(&write);
            executor.compute((&read, &write)).expect("nothing fails");
            assert_eq!(noted(&log), ["write", "read"], "on {name}");
            let all = checkpoint((vec![note(&log, "a", lane), note(&log, "a", lane)], &write));
            executor.compute(read.after(all)).expect("nothing fails");
            let order = noted(&log);
            assert_eq!((order.len(), order.last()), (4, Some(&"read")), "on {name}: {order:?}");
        }
    }
}

/// One more to wait for each time: neither quadratic to build nor deep to run.
#[test]
fn a_task_may_be_put_off_any_number_of_times() {
    let log = Log::default();
    let mut last = note(&log, "last", Lane::Cpu);
    for _ in 0..100_000 {
        last = last.after(note(&log, "first", Lane::Cpu));
    }
    for Named { name, executor } in executors() {
        executor.compute(&last).expect("nothing fails");
        let order = noted(&log);
        assert_eq!((order.len(), order.last()), (100_001, Some(&"last")), "on {name}");
        assert_eq!(order.iter().filter(|&&text| text == "last").count(), 1, "on {name}");
    }
}

/// Values at hand and requests of a collection have no task of their own to put off.
#[test]
fn values_and_requests_are_handed_on_afterwards() {
    let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
    for Named { name, executor } in executors() {
        let log = Log::default();
        let first = note(&log, "first", Lane::Blocking);
        let value = Delayed::value(3.0).after(&first);
        let (value, mean) = executor.compute((value, x.mean().after(&first))).expect("fine");
        assert_eq!((value, mean), (3.0, 49.5), "on {name}");
        assert_eq!(noted(&log), ["first"], "on {name}");
    }
}

#[test]
fn a_failure_keeps_what_comes_after_from_running() {
    for Named { name, executor } in executors() {
        let fails = task("fails").try_call((), |()| "x".parse::<u8>());
        let log = Log::default();
        let error =
            executor.compute(note(&log, "ran", Lane::Cpu).after(&fails)).expect_err("fails");
        assert_eq!((error.task(), noted(&log).len()), (Some("fails"), 0), "on {name}");
    }
}

#[test]
fn wait_on_hands_on_when_all_are_there() {
    for Named { name, executor } in executors() {
        let log = Log::default();
        let slow = note(&log, "slow", Lane::Blocking).map_named("slow", |()| 1);
        let (quick, all) = wait_on((Delayed::value(2), [slow.clone(), slow]));
        let noting = Arc::clone(&log);
        let late = quick.map_named("late", move |two| {
            noting.lock().expect("no panic").push("late");
            *two
        });
        assert_eq!(executor.compute((late, all)).expect("fine"), (2, [1, 1]), "on {name}");
        assert_eq!(noted(&log), ["slow", "late"], "on {name}");
    }
}

/// How often the function of pure tasks ran.
fn pure(runs: &Arc<AtomicUsize>, name: &'static str, key: i64, of: &Delayed<i64>) -> Delayed<i64> {
    let runs = Arc::clone(runs);
    task(name).pure(key).call(of, move |of| {
        runs.fetch_add(1, SeqCst);
        of * key
    })
}

#[test]
fn equal_pure_tasks_are_one() {
    for Named { name, executor } in executors() {
        let runs = Arc::default();
        let (two, three) = (Delayed::value(2), Delayed::value(3));
        let chain = |of| pure(&runs, "b", 7, &pure(&runs, "a", 5, of));
        let all = vec![
            chain(&two),
            chain(&two),
            chain(&three),
            pure(&runs, "a", 5, &two),
            pure(&runs, "a", 6, &two),
            pure(&runs, "c", 5, &two),
        ];
        let answers = executor.compute(all).expect("nothing fails");
        assert_eq!(answers, [70, 70, 105, 10, 12, 10], "on {name}");
        assert_eq!(runs.load(SeqCst), 6, "on {name}");
    }
}

#[derive(Clone, Copy)]
enum Bad {
    Err,
    Panic,
}

/// Fails so often, then yields its input, which it takes by value.
fn flaky(fails: usize, bad: Bad, retry: Retry, lane: Lane) -> Delayed<String> {
    let tries = AtomicUsize::new(0);
    let input = task("input").call((), |()| String::from("lapis"));
    task("flaky").lane(lane).retry(retry).try_call(input, move |input| {
        match (tries.fetch_add(1, SeqCst) < fails, bad) {
            (false, _) => Ok(input),
            (true, Bad::Err) => Err(io::Error::other("not yet")),
            (true, Bad::Panic) => std::panic::resume_unwind(Box::new("not yet")),
        }
    })
}

#[test]
fn tasks_run_again_when_they_fail() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                for bad in [Bad::Err, Bad::Panic] {
                    let retry = Retry::times(2).delay(Duration::from_millis(1));
                    let value = executor.compute(flaky(2, bad, retry, lane)).expect("third try");
                    assert_eq!(value, "lapis", "on {name}");
                    let (recorder, watched) = Recorder::watch(executor);
                    let error = watched
                        .compute(flaky(3, bad, Retry::times(2), lane))
                        .expect_err("three failures");
                    let kind = match bad {
                        Bad::Err => ErrorKind::Task,
                        Bad::Panic => ErrorKind::Panic,
                    };
                    assert_eq!((error.kind(), error.task()), (kind, Some("flaky")), "on {name}");
                    let retried = |seen: &crate::support::Seen| seen.kind == Kind::Retried;
                    assert_eq!(recorder.take().iter().filter(|seen| retried(seen)).count(), 2);
                }
            }
        }
    });
}

/// More tasks wait for their next try than any lane takes, and hold no thread meanwhile.
#[test]
fn waiting_for_the_next_try_holds_no_thread() {
    must_end(|| {
        for Named { name, executor } in crate::support::threaded() {
            let retry = Retry::times(1).delay(Duration::from_millis(30));
            let tasks = (0..300).map(|_| flaky(1, Bad::Err, retry, Lane::Cpu));
            let all = executor.compute(sequence(tasks)).expect("second tries");
            assert_eq!(all.len(), 300, "on {name}");
        }
    });
}
