//! Computes that are stopped while they wait: between tries, for futures, for other computes; and that
//! nothing of them runs afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use lazuli::ErrorKind;
use lazuli::core::task::reporter;
use lazuli::core::{Lane, Retry};
use lazuli::prelude::*;

use crate::support::{Meeting, Named, executors, must_end, threaded};

const HOUR: Duration = Duration::from_secs(3600);

fn io(text: &'static str) -> std::io::Error {
    std::io::Error::other(text)
}

/// From a task, on every lane. What runs beside it ends; what comes after does not begin.
#[test]
fn a_task_may_cancel_its_own_compute() {
    for Named { name, executor } in executors() {
        for lane in [Lane::Cpu, Lane::Blocking, Lane::Async] {
            let token = CancelToken::new();
            let cancels = token.clone();
            let first = task("cancels");
            let first = if lane == Lane::Async {
                first.call_async((), move |()| {
                    let cancels = cancels.clone();
                    async move { cancels.cancel() }
                })
            } else {
                first.lane(lane).call((), move |()| cancels.cancel())
            };
            let never = first.map_named("never", |()| -> u8 { unreachable!("it was cancelled") });
            let stoppable = executor.clone().with_cancel(&token);
            let error = stoppable.compute(never).expect_err("cancelled");
            assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 0), "on {name}");
            // Also when the task was the last: a compute that is told to stop has no answer.
            assert!(stoppable.compute(first).is_err(), "on {name}");
        }
    }
}

/// A token takes nothing back, and has no effect on computes that do not have it.
#[test]
fn a_token_that_comes_too_late_does_nothing() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        let stoppable = executor.clone().with_cancel(&token);
        let kept = stoppable.persist(Delayed::value(20) + 1).expect("nothing fails");
        let running = stoppable.start(&kept * 2);
        assert_eq!(running.handles().compute().expect("nothing fails"), 42);
        token.cancel();
        assert_eq!(running.wait().expect("it was done"), 42, "on {name}");
        assert_eq!(executor.compute(&kept).expect("nothing fails"), 21, "on {name}");
        assert_eq!(stoppable.compute(kept).expect_err("late").kind(), ErrorKind::Cancelled);
        assert_eq!(stoppable.start(Delayed::value(1) + 1).wait().expect_err("late").task(), None);
    }
}

/// Has a thread of its own cancel a compute as soon as one of its tasks has come to the meeting.
fn cancelled<C>(executor: &Executor, begun: Arc<Meeting>, collection: C) -> lazuli::Error
where
    C: Collection<Output: Send> + Send,
{
    let token = CancelToken::new();
    thread::scope(|scope| {
        let stoppable = executor.clone().with_cancel(&token);
        let compute = scope.spawn(move || stoppable.compute(collection).err());
        assert!(begun.meet(), "the compute begins");
        token.cancel();
        compute.join().expect("no panic").expect("it was cancelled")
    })
}

#[test]
fn a_compute_that_waits_for_the_next_try_is_stopped() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let begun = Meeting::of(2);
                let arrives = Arc::clone(&begun);
                let fails = task("fails").lane(lane).retry(Retry::times(1).delay(HOUR));
                let fails = fails.try_call((), move |()| {
                    arrives.meet();
                    Err::<u8, _>(io("not yet"))
                });
                let error = cancelled(executor, begun, &fails);
                assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
                let timed = executor.clone().with_timeout(Duration::from_millis(5));
                let fails = task("fails").retry(Retry::times(1).delay(HOUR));
                let fails = fails.try_call((), |()| Err::<u8, _>(io("not yet")));
                let error = timed.compute(fails).expect_err("time is up");
                assert_eq!(error.kind(), ErrorKind::Deadline, "on {name}");
            }
        }
    });
}

#[test]
fn a_compute_that_waits_for_a_future_is_stopped() {
    must_end(|| {
        // On the sync executor the calling thread waits for the future itself, which nothing ends.
        for Named { name, executor } in threaded() {
            let begun = Meeting::of(2);
            let arrives = Arc::clone(&begun);
            let never = task("never").call_async((), move |()| {
                let arrives = Arc::clone(&arrives);
                async move {
                    arrives.meet();
                    std::future::pending::<()>().await;
                }
            });
            let error = cancelled(executor, begun, never);
            assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 0), "on {name}");
        }
    });
}

/// It stops the one that waits, and not what it waits for.
#[test]
fn a_compute_that_waits_for_another_is_stopped() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let (meeting, begun) = (Meeting::of(2), Meeting::of(2));
            let (arrives, begins) = (Arc::clone(&meeting), Arc::clone(&begun));
            let long = task("long").lane(Lane::Blocking).call((), move |()| arrives.meet());
            let running = Executor::shared().start(long);
            let first = task("first").lane(Lane::Blocking).call((), move |()| begins.meet());
            let error = cancelled(executor, begun, (first, running.handles()));
            assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
            assert!(!running.is_done(), "on {name}");
            meeting.meet();
            assert!(running.wait().expect("nobody stopped it"), "on {name}");
        }
    });
}

/// Through computes in tasks in computes, on whatever lane.
#[test]
fn a_token_reaches_every_depth() {
    fn nest(depth: u32, begun: &Arc<Meeting>) -> Delayed<()> {
        let Some(depth) = depth.checked_sub(1) else {
            let begun = Arc::clone(begun);
            return task("deepest").lane(Lane::Blocking).call(reporter(), move |context| {
                begun.meet();
                while !context.is_over() {
                    thread::yield_now();
                }
            });
        };
        let lane = if depth % 2 == 0 { Lane::Cpu } else { Lane::Blocking };
        let begun = Arc::clone(begun);
        task("nest").lane(lane).try_call((), move |()| match depth {
            1 => start(nest(depth, &begun)).wait(),
            _ => compute(nest(depth, &begun)),
        })
    }
    must_end(|| {
        for Named { name, executor } in executors() {
            let begun = Meeting::of(2);
            let error = cancelled(executor, Arc::clone(&begun), nest(6, &begun));
            assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        }
    });
}

/// A compute inside has a time of its own, which the one around it is told of.
#[test]
fn the_deadline_of_a_compute_inside_is_an_error_like_any_other() {
    for Named { name, executor } in executors() {
        let outer = task("outer").try_call((), |()| {
            let past = Executor::current().with_deadline(Instant::now());
            past.compute(task("inner").call((), |()| -> u8 { unreachable!("no time is left") }))
        });
        let error = executor.compute(outer).expect_err("no time is left");
        assert_eq!(error.kind(), ErrorKind::Deadline, "on {name}");
        let unmoved = task("outer").call((), |()| {
            let past = Executor::current().with_deadline(Instant::now());
            past.compute(Delayed::value(1) + 1).unwrap_or(7)
        });
        assert_eq!(executor.compute(unmoved).expect("the outer has time"), 7, "on {name}");
    }
}

/// Tasks that end in failure after the compute was stopped are counted, whichever they are.
#[test]
fn what_fails_while_a_compute_is_being_stopped_is_counted() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let begun = Meeting::of(4);
            let fail = |_| {
                let begun = Arc::clone(&begun);
                task("fails").lane(Lane::Blocking).try_call(reporter(), move |context| {
                    begun.meet();
                    while !context.is_over() {
                        thread::yield_now();
                    }
                    Err::<u8, _>(io("stopped"))
                })
            };
            let error =
                cancelled(executor, Arc::clone(&begun), (0..3).map(fail).collect::<Vec<_>>());
            assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 3), "on {name}");
            let text = "the compute was cancelled (and 3 other tasks failed)";
            assert_eq!(error.to_string(), text, "on {name}");
        }
    });
}

/// Many tasks, cancelled at every place: none of them begins or goes on once `compute` has returned.
#[test]
fn nothing_runs_after_it_has_returned() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for stop in 0..60 {
                let (token, over) = (CancelToken::new(), Arc::new(AtomicBool::new(false)));
                let (begun, late) =
                    (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
                let tasks = (0..60).map(|index| {
                    let (token, over) = (token.clone(), Arc::clone(&over));
                    let (begun, late) = (Arc::clone(&begun), Arc::clone(&late));
                    let lane = if index % 7 == 0 { Lane::Blocking } else { Lane::Cpu };
                    task("runs").lane(lane).call((), move |()| {
                        if begun.fetch_add(1, SeqCst) == stop {
                            token.cancel();
                        }
                        thread::yield_now();
                        late.fetch_or(over.load(SeqCst), SeqCst);
                    })
                });
                let stoppable = executor.clone().with_cancel(&token);
                let error = stoppable.compute(checkpoint(tasks.collect::<Vec<_>>()));
                over.store(true, SeqCst);
                assert_eq!(error.expect_err("cancelled").kind(), ErrorKind::Cancelled, "on {name}");
                thread::yield_now();
                assert!(!late.load(SeqCst), "a task ran on, on {name}");
            }
        }
    });
}
