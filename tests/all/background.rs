//! Computes that nobody waits for: handles of them, and of what they will bring.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lazuli::core::{ErrorKind, Lane, sum};
use lazuli::prelude::*;

use crate::support::{
    Gauge, Meeting, Named, comes_true, executors, in_its_own_process, must_end, threaded,
};

/// Counts its runs.
fn counted(runs: &Arc<AtomicUsize>) -> Delayed<usize> {
    let runs = Arc::clone(runs);
    task("counted").call((), move |()| runs.fetch_add(1, SeqCst) + 40)
}

#[test]
fn a_started_compute_brings_its_results() {
    for Named { name, executor } in executors() {
        let runs = Arc::default();
        let base = counted(&runs);
        let running = executor.start((&base + 1, vec![base.clone(), base]));
        let answer = running.wait().expect("nothing fails");
        assert_eq!(answer, (41, vec![40, 40]), "on {name}");
        assert_eq!(runs.load(SeqCst), 1, "on {name}");
    }
}

/// The handles are taken by several computes at once, some of them while it runs.
#[test]
fn dependents_of_a_started_value_do_not_run_it_again() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let runs = Arc::default();
            let meeting = Meeting::of(2);
            let arrives = Arc::clone(&meeting);
            let waits = task("waits").lane(Lane::Blocking).call((), move |()| arrives.meet());
            let base = counted(&runs);
            let slow = task("slow").call((base, waits), |(base, met)| (base, met));
            let running = executor.start(&slow);
            assert!(!running.is_done(), "on {name}");
            let handle = running.handles();
            let more = handle.map_named("more", |(base, met)| (base + 2, *met));
            let both = executor.start((&more, &handle));
            assert!(meeting.meet());
            assert_eq!(executor.compute(&more).expect("nothing fails"), (42, true), "on {name}");
            assert_eq!(both.wait().expect("nothing fails"), ((42, true), (40, true)));
            let progress = running.progress();
            assert_eq!((progress.done, progress.total), (3, Some(3)));
            assert_eq!(running.wait().expect("nothing fails"), (40, true));
            assert_eq!(runs.load(SeqCst), 1, "on {name}");
        }
    });
}

/// On the shared pool, from one executor to another, and on the calling thread.
#[test]
fn handles_may_be_computed_anywhere() {
    for Named { name, executor } in executors() {
        for other in executors() {
            let running = executor.start(Delayed::value(6_i64) * 7);
            let more = running.handles() + 1;
            drop(running);
            let more = other.executor.compute(more).expect("the handle keeps it running");
            assert_eq!(more, 43, "started on {name}, computed on {}", other.name);
        }
    }
}

#[test]
fn a_failure_reaches_those_who_wait_and_those_who_depend() {
    for Named { name, executor } in executors() {
        let fails = task("fails").part("p").try_call((), |()| "x".parse::<i64>());
        let running = executor.start(&fails);
        let error = executor.compute(running.handles() + 1).expect_err("it fails");
        assert_eq!((error.task(), error.part()), (Some("fails"), Some("p")), "on {name}");
        let error = running.wait().expect_err("it fails");
        assert_eq!((error.kind(), error.task()), (ErrorKind::Task, Some("fails")), "on {name}");
    }
}

#[test]
fn cancelling_ends_it() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (begun, go) = (Meeting::of(2), Meeting::of(2));
            let (begins, goes) = (Arc::clone(&begun), Arc::clone(&go));
            let first = task("first").lane(Lane::Blocking);
            let first = first.call((), move |()| begins.meet() && goes.meet());
            let later = first.map_named("later", |_| unreachable!("it was cancelled"));
            let running = executor.start(later.map_named("unit", |(): &()| ()));
            assert!(begun.meet());
            running.cancel();
            assert!(go.meet());
            let error = running.wait().expect_err("it was cancelled");
            assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        }
    });
}

/// Without a handle left nobody can take its results: it ends, and holds nothing.
#[test]
fn dropping_every_handle_cancels_it() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let gauge = Gauge::default();
            let (begun, go) = (Meeting::of(2), Meeting::of(2));
            let (begins, goes, counts) = (Arc::clone(&begun), Arc::clone(&go), gauge.clone());
            let first = task("first").lane(Lane::Blocking).call((), move |()| {
                begins.meet();
                goes.meet();
                counts.track(1)
            });
            let runs = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&runs);
            let last = first.map_named("last", move |first| {
                counter.fetch_add(1, SeqCst);
                first.clone()
            });
            let running = executor.start(&last);
            let handles = running.handles();
            assert!(begun.meet());
            drop(running);
            drop(handles);
            assert!(go.meet());
            drop((first, last));
            assert!(comes_true(|| gauge.live() == 0), "values are held on {name}");
            assert_eq!(runs.load(SeqCst), 0, "it went on, on {name}");
        }
    });
}

#[test]
fn tasks_may_start_computes() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let tasks = (0..20_u64).map(|index| {
                task("starts").try_call((), move |()| {
                    let running: Vec<_> =
                        (0..4).map(|part| start(Delayed::value(index) + part)).collect();
                    running.into_iter().map(|running| running.wait()).sum::<lazuli::Result<u64>>()
                })
            });
            let total = executor.compute(sum(tasks)).expect("nothing fails");
            assert_eq!(total, 4 * 190 + 20 * 6, "on {name}");
        }
    });
}

#[test]
fn many_are_persisted_at_once() {
    for Named { name, executor } in executors() {
        let runs = Arc::default();
        let base = counted(&runs);
        let (one, both) =
            executor.persist((&base + 1, [base.clone(), base])).expect("nothing fails");
        let again = executor.compute((one, &both)).expect("nothing fails");
        assert_eq!(again, (41, [40, 40]), "on {name}");
        assert_eq!(runs.load(SeqCst), 1, "on {name}");
        assert_eq!(executor.plan(&both).expect("no requests").tasks().len(), 0);
    }
}

struct DropsBadly;

impl Drop for DropsBadly {
    fn drop(&mut self) {
        // Unwinds as a panic does, and keeps it from the test's output.
        std::panic::resume_unwind(Box::new("on purpose"));
    }
}

/// Values that panic when they are dropped, in runs that nobody waits for: the pool lives on.
#[test]
fn values_that_drop_badly_end_no_thread() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let bad = task("bad").lane(lane).call((), |()| Arc::new(DropsBadly));
                let fails = bad.try_map_named("fails", |_| "x".parse::<u8>());
                let error = executor.start((&bad, &fails)).wait().err().expect("it fails");
                assert!(matches!(error.task(), Some("fails" | "bad")), "on {name}: {error}");
                let pair = executor.compute((Delayed::value(1_u8), Delayed::value(2_u8)));
                assert_eq!(pair.expect("the pool is usable"), (1, 2), "on {name}");
            }
        }
    });
}

/// Computes that are under way make room for one that starts, if it is to be planned or to be cancelled.
#[test]
fn a_busy_pool_makes_room_for_what_is_started() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (ran, there) = (Arc::new(AtomicUsize::new(0)), Meeting::of(2));
            let busy = (0..20_000).map(|number| {
                let (ran, there) = (Arc::clone(&ran), Arc::clone(&there));
                task("busy").call((), move |()| {
                    if number == 0 {
                        there.meet();
                    }
                    std::thread::sleep(std::time::Duration::from_micros(50));
                    ran.fetch_add(1, SeqCst);
                })
            });
            let busy = executor.start(checkpoint(busy.collect::<Vec<_>>()));
            assert!(there.meet(), "on {name}");
            let quick = Delayed::value(20) + 1;
            assert_eq!(executor.start(&quick).wait().expect("nothing fails"), 21, "on {name}");
            let cancelled = executor.start(&quick);
            cancelled.cancel();
            let _ = cancelled.wait().is_ok();
            assert!(ran.load(SeqCst) < 20_000, "it waited for all others on {name}");
            drop(busy);
        }
    });
}

/// What waits for a place on the blocking lane keeps no compute from its end.
#[test]
fn a_compute_ends_without_what_has_not_begun() {
    in_its_own_process("background::a_compute_ends_without_what_has_not_begun", || {
        lazuli::core::lanes::set_blocking_limit(1);
        for Named { name, executor } in threaded() {
            let (holds, goes) = (Meeting::of(2), Meeting::of(2));
            let (held, go) = (Arc::clone(&holds), Arc::clone(&goes));
            let holder =
                task("holder").lane(Lane::Blocking).call((), move |()| held.meet() && go.meet());
            let holder = executor.start(holder);
            assert!(holds.meet(), "on {name}");
            let queued = || task("queued").lane(Lane::Blocking).call((), |()| ());
            let fails = task("fails").try_call((), |()| "x".parse::<u8>());
            let error = executor.compute((queued(), fails)).expect_err("one fails");
            assert_eq!(error.task(), Some("fails"), "on {name}");
            let timed = executor.clone().with_timeout(std::time::Duration::from_millis(1));
            let error = timed.compute(queued()).expect_err("out of time");
            assert_eq!(error.kind(), ErrorKind::Deadline, "on {name}");
            // Only now is there a place.
            assert!(goes.meet() && holder.wait().expect("nothing fails"), "on {name}");
        }
    });
}
