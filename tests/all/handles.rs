//! Handles of computes in the background: who keeps them running, how far they are, and that what
//! depends on them takes their results and runs nothing again.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

use lazuli::core::task::reporter;
use lazuli::core::{Lane, Layer, Progress, Running, sum};
use lazuli::prelude::*;
use lazuli::{Error, ErrorKind};

use crate::support::{Gauge, Meeting, Named, comes_true, executors, must_end, threaded};

fn counted(runs: &Arc<AtomicUsize>) -> Delayed<usize> {
    let runs = Arc::clone(runs);
    task("counted").call((), move |()| runs.fetch_add(1, SeqCst) + 1)
}

/// A task beside the pool that runs until somebody comes to the meeting.
fn waiting(meeting: &Arc<Meeting>) -> Delayed<bool> {
    let meeting = Arc::clone(meeting);
    task("waiting").lane(Lane::Blocking).call((), move |()| meeting.meet())
}

fn done_of(progress: Progress) -> (usize, Option<usize>) {
    (progress.done, progress.total)
}

#[test]
fn progress_counts_tasks_while_they_run() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let meeting = Meeting::of(2);
            let quick: Vec<_> = (0..5).map(|part| Delayed::value(part) + 1).collect();
            let running = executor.start((quick, waiting(&meeting)));
            // The five are done while the sixth waits for us.
            let five = || done_of(running.progress()) == (5, Some(6));
            assert!(comes_true(five), "{:?} on {name}", running.progress());
            assert!(!running.is_done(), "on {name}");
            meeting.meet();
            assert!(comes_true(|| running.is_done()), "on {name}");
            assert_eq!(done_of(running.progress()), (6, Some(6)), "on {name}");
        }
    });
}

/// On the sync executor everything has run when the handle is there; elsewhere it has by and by.
#[test]
fn it_is_done_without_anybody_waiting() {
    must_end(|| {
        let shared = Named { name: "shared", executor: Executor::shared() };
        for Named { name, executor } in executors().iter().chain([&shared]) {
            let runs = Arc::default();
            let running = executor.start(counted(&runs) + 1);
            let is_sync = name == &"sync";
            assert!(if is_sync { running.is_done() } else { comes_true(|| running.is_done()) });
            assert_eq!(done_of(running.progress()), (2, Some(2)), "on {name}");
            assert_eq!(running.wait().expect("nothing fails"), 2, "on {name}");
            assert_eq!(runs.load(SeqCst), 1, "on {name}");
        }
    });
}

/// Eight threads compute what depends on one started value, from before it is there.
#[test]
fn many_computes_at_once_take_one_result() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for _ in 0..20 {
                let runs = Arc::default();
                let running = executor.start((counted(&runs), [Delayed::value(1), counted(&runs)]));
                let (one, [held, other]) = running.handles();
                let all = sum([one, held, other]);
                thread::scope(|scope| {
                    for number in 0..8 {
                        let own = &all + number;
                        scope.spawn(move || {
                            let answer = executor.compute(own).expect("nothing fails");
                            assert_eq!(answer, 4 + number, "on {name}");
                        });
                    }
                });
                assert_eq!(runs.load(SeqCst), 2, "on {name}");
                running.wait().expect("nothing fails");
            }
        }
    });
}

/// The graph is all that is left of the compute, and is enough to keep it running.
#[test]
fn what_depends_on_a_handle_keeps_it_running() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let meeting = Meeting::of(2);
            let running = executor.start(waiting(&meeting));
            let depends = running.handles().map_named("depends", |met| u8::from(*met));
            drop(running);
            meeting.meet();
            assert_eq!(executor.compute(depends).expect("it ran on"), 1, "on {name}");
        }
    });
}

/// A failure names the task of the started compute, for dependents that wait already and for later ones.
#[test]
fn dependents_fail_with_the_failure_of_what_was_started() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let meeting = Meeting::of(2);
            let fails = waiting(&meeting).try_map_named("fails", |_| Err::<u8, _>(std::fmt::Error));
            let running = executor.start(fails);
            let depends = running.handles().map_named("depends", |value| value + 1);
            let waits = executor.start(&depends);
            meeting.meet();
            let later = executor.compute(&depends).expect_err("it failed");
            let errors = [running.wait().expect_err("it failed"), later];
            for error in errors.into_iter().chain([waits.wait().expect_err("it failed")]) {
                assert_eq!(
                    (error.kind(), error.task()),
                    (ErrorKind::Task, Some("fails")),
                    "{name}"
                );
                assert!(error.find::<std::fmt::Error>().is_some(), "on {name}");
                assert_eq!(error.others(), 0, "on {name}: {error}");
            }
        }
    });
}

/// Whoever waits for its handles is told that it was cancelled.
#[test]
fn dependents_of_a_cancelled_compute_are_told() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (begun, meeting) = (Meeting::of(2), Meeting::of(2));
            let (begins, arrives) = (Arc::clone(&begun), Arc::clone(&meeting));
            let long = task("long").lane(Lane::Blocking).call((), move |()| {
                begins.meet();
                arrives.meet()
            });
            let running =
                executor.start(long.map_named("never", |_| unreachable!("it was cancelled")));
            let handle: Delayed<u8> = running.handles();
            let waits = executor.start(handle + 1);
            begun.meet();
            running.cancel();
            assert!(!running.is_done(), "a task of it runs, on {name}");
            meeting.meet();
            assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
            assert_eq!(waits.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled, "{name}");
        }
    });
}

/// A task that looks sees that nobody wants its compute any more.
#[test]
fn dropping_it_while_a_task_runs_tells_the_task() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (meeting, ended) = (Meeting::of(2), Meeting::of(2));
            let (arrives, ends) = (Arc::clone(&meeting), Arc::clone(&ended));
            let looks = task("looks").call(reporter(), move |context| {
                arrives.meet();
                while !context.is_over() {
                    thread::yield_now();
                }
                ends.meet()
            });
            let running = executor.start(looks);
            assert!(meeting.meet());
            drop(running);
            assert!(ended.meet(), "the task never saw it on {name}");
        }
    });
}

/// What a task starts may outlive it and its compute.
#[test]
fn what_a_task_starts_may_outlive_it() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let runs = Arc::new(AtomicUsize::new(0));
            let left: Arc<Mutex<Option<Running<Delayed<usize>>>>> = Arc::default();
            let (counter, leaves) = (Arc::clone(&runs), Arc::clone(&left));
            let starts = task("starts").call((), move |()| {
                let running = start(counted(&counter));
                let handle = running.handles();
                *leaves.lock().expect("no panic") = Some(running);
                // The handle itself is the task's result.
                Mutex::new(Some(handle))
            });
            let depends = starts.map_named("depends", |handle| {
                handle.lock().expect("no panic").take().expect("one task takes it")
            });
            let handle = executor.compute(depends).expect("nothing fails");
            let running = left.lock().expect("no panic").take().expect("it was left");
            assert_eq!(running.wait().expect("nothing fails"), 1, "on {name}");
            assert_eq!(compute(handle + 1).expect("nothing fails"), 2, "on {name}");
            assert_eq!(runs.load(SeqCst), 1, "on {name}");
        }
    });
}

#[derive(Debug, thiserror::Error)]
#[error("no such thing")]
struct NoSuchThing;

struct Impossible;

impl Layer for Impossible {
    fn lower(
        _: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Err(Error::plan(NoSuchThing))
    }
}

#[test]
fn errors_of_planning_arrive_where_it_is_waited_for() {
    for Named { name, executor } in executors() {
        let runs = Arc::default();
        let request = Delayed::<usize>::from_layer("impossible", Impossible, []);
        let running = executor.start(request + counted(&runs));
        let depends = running.handles() + 1;
        let error = executor.compute(depends).expect_err("it cannot be planned");
        assert_eq!(error.kind(), ErrorKind::Plan, "on {name}");
        let error = running.wait().expect_err("it cannot be planned");
        assert_eq!(
            (error.kind(), error.task()),
            (ErrorKind::Plan, Some("impossible")),
            "on {name}"
        );
        assert!(error.find::<NoSuchThing>().is_some(), "on {name}");
        assert_eq!(runs.load(SeqCst), 0, "on {name}");
    }
}

/// Results that nobody else can take are moved, whenever the waiter comes.
#[test]
fn results_that_are_waited_for_are_not_cloned() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for _ in 0..200 {
                let gauge = Gauge::default();
                let counts = gauge.clone();
                let value = task("value").call((), move |()| counts.track(7));
                let taken = executor.start(&value).wait().expect("nothing fails");
                assert_eq!((taken.value, gauge.clones()), (7, 0), "on {name}");
            }
        }
    });
}

/// A handle of a handle of a handle leads to the value itself.
#[test]
fn a_long_chain_of_starts_is_as_good_as_one() {
    must_end(|| {
        for Named { executor, .. } in executors() {
            let mut value = Delayed::value(1).map_named("same", |one| *one);
            for _ in 0..20_000 {
                let running = executor.start(value);
                value = running.handles();
                running.wait().expect("nothing fails");
            }
            assert_eq!(executor.compute(value).expect("nothing fails"), 1);
        }
    });
}

/// A task that waits for a started compute is not put on top of the task that is to bring it.
#[test]
fn a_task_waits_for_what_its_own_thread_was_at() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            for _ in 0..50 {
                let (there, go) = (Meeting::of(2), Meeting::of(2));
                let (arrives, goes) = (Arc::clone(&there), Arc::clone(&go));
                let outer = task("outer").try_call((), move |()| {
                    let (arrives, goes) = (Arc::clone(&arrives), Arc::clone(&goes));
                    compute(task("waits").lane(Lane::Blocking).call((), move |()| {
                        arrives.meet();
                        goes.meet();
                        7
                    }))
                });
                let handle = executor.start(outer);
                assert!(there.meet(), "on {name}");
                let handles = handle.handles();
                let inner = task("inner").try_call((), move |()| compute(&handles));
                let running = executor.start(inner);
                std::thread::sleep(std::time::Duration::from_micros(300));
                assert!(go.meet(), "on {name}");
                assert_eq!(running.wait().expect("nothing fails"), 7, "on {name}");
                drop(handle);
            }
        }
    });
}
