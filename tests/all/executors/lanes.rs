//! The blocking lane: tasks that wait do so at once, beside the pool, and never for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use lazuli::core::Lane;
use lazuli::core::lanes::set_blocking_limit;
use lazuli::prelude::*;

use crate::support::{Gauge, Meeting, in_its_own_process, must_end, threaded};

/// Each of twenty tasks waits until all have begun: on one thread or four, that takes a lane.
#[test]
fn twenty_tasks_wait_at_once() {
    for named in threaded() {
        let meeting = Meeting::of(20);
        let tasks = (0..20).map(|index| {
            let meeting = Arc::clone(&meeting);
            task("wait").lane(Lane::Blocking).call((), move |()| (index, meeting.meet()))
        });
        let met = named.executor.compute(sequence(tasks)).expect("nothing fails");
        let expected: Vec<_> = (0..20).map(|index| (index, true)).collect();
        assert_eq!(met, expected, "on {}", named.name);
    }
}

/// A waiting task holds no core: the only thread of the pool computes meanwhile.
#[test]
fn others_compute_while_a_task_waits() {
    for named in threaded() {
        let meeting = Meeting::of(2);
        let other = Arc::clone(&meeting);
        let waits = task("wait").lane(Lane::Blocking).call((), move |()| meeting.meet());
        let computes = task("compute").call((), move |()| other.meet());
        let met = named.executor.compute((waits, computes)).expect("nothing fails");
        assert_eq!(met, (true, true), "on {}", named.name);
    }
}

#[test]
fn tasks_run_on_the_threads_of_their_lane() {
    let name =
        |lane| task("name").lane(lane).call((), |()| thread::current().name().map(str::to_owned));
    let both = (name(Lane::Cpu), name(Lane::Blocking));
    for named in threaded() {
        let (cpu, blocking) = named.executor.compute(&both).expect("nothing fails");
        let (cpu, blocking) = (cpu.unwrap_or_default(), blocking.unwrap_or_default());
        assert!(cpu.starts_with("lazuli-") && cpu != "lazuli-blocking", "{cpu}");
        assert_eq!(blocking, "lazuli-blocking");
    }
    let here = thread::current().name().map(str::to_owned);
    let sync = Executor::sync().compute(both).expect("nothing fails");
    assert_eq!(sync, (here.clone(), here));
}

/// Waiting and computing tasks in turn, each needing the other's result.
#[test]
fn lanes_alternate() {
    for named in threaded() {
        for _ in 0..100 {
            let mut value = Delayed::value(0_usize);
            for step in 0..20 {
                let lane = if step % 2 == 0 { Lane::Blocking } else { Lane::Cpu };
                value = task("step").lane(lane).call(value, |value| value + 1);
            }
            assert_eq!(named.executor.compute(value).expect("nothing fails"), 20);
        }
    }
}

#[test]
fn no_more_wait_at_once_than_the_limit() {
    in_its_own_process("executors::lanes::no_more_wait_at_once_than_the_limit", || {
        set_blocking_limit(3);
        let gauge = Gauge::default();
        let meeting = Meeting::of(3);
        let tasks = (0..30).map(|index| {
            let (gauge, meeting) = (gauge.clone(), Arc::clone(&meeting));
            task("wait").lane(Lane::Blocking).call((), move |()| {
                let _inside = gauge.track(());
                index >= 3 || meeting.meet()
            })
        });
        let met = compute(sequence(tasks)).expect("nothing fails");
        assert_eq!(met, vec![true; 30]);
        assert_eq!(gauge.most(), 3);
    });
}

/// As many waiting tasks as the lane takes, each of which computes another: these must not queue
/// behind those.
#[test]
fn waiting_tasks_may_compute_waiting_tasks() {
    in_its_own_process("executors::lanes::waiting_tasks_may_compute_waiting_tasks", || {
        set_blocking_limit(4);
        let meeting = Meeting::of(4);
        let outer = (0..4_u64).map(|index| {
            let meeting = Arc::clone(&meeting);
            task("outer").lane(Lane::Blocking).try_call((), move |()| {
                assert!(meeting.meet(), "all wait at once");
                compute(task("inner").lane(Lane::Blocking).call((), move |()| index))
            })
        });
        assert_eq!(compute(sequence(outer)).expect("nothing fails"), [0, 1, 2, 3]);
    });
}

/// Six chains of steps that each wait for the same step of all others, on every lane that waits: were
/// one of the waits after another, none would end.
#[test]
fn six_chains_wait_together_at_every_step() {
    must_end(|| {
        for named in threaded() {
            let steps: [Arc<Meeting>; 5] = std::array::from_fn(|_| Meeting::of(6));
            let chains = (0..6_u64).map(|chain| {
                steps.iter().fold(Delayed::value(chain), |value, step| {
                    let step = Arc::clone(step);
                    let waits = task("wait").lane(Lane::Blocking).call(value, move |value| {
                        assert!(step.meet(), "all six wait at once");
                        value
                    });
                    // In between, each needs the pool.
                    waits.map_named("compute", |value| value + 10)
                })
            });
            let answers = named.executor.compute(sequence(chains)).expect("nothing fails");
            assert_eq!(answers, [50, 51, 52, 53, 54, 55], "on {}", named.name);
        }
    });
}

/// Waits of both kinds do so at once: threads that block, and futures.
#[test]
fn blocking_and_async_tasks_wait_together() {
    must_end(|| {
        for named in threaded() {
            let there = Arc::new(AtomicUsize::new(0));
            let tasks: Vec<_> = (0..6)
                .map(|index| {
                    let there = Arc::clone(&there);
                    if index % 2 == 0 {
                        return task("block").lane(Lane::Blocking).call((), move |()| {
                            there.fetch_add(1, SeqCst);
                            while there.load(SeqCst) < 6 {
                                thread::yield_now();
                            }
                        });
                    }
                    task("await").call_async((), move |()| {
                        let there = Arc::clone(&there);
                        async move {
                            there.fetch_add(1, SeqCst);
                            while there.load(SeqCst) < 6 {
                                tokio::task::yield_now().await;
                            }
                        }
                    })
                })
                .collect();
            assert_eq!(named.executor.compute(tasks).expect("nothing fails").len(), 6);
            assert_eq!(there.load(SeqCst), 6, "on {}", named.name);
        }
    });
}

/// Six computes from six threads, each of which waits in a task for all others.
#[test]
fn six_computes_wait_together_on_one_thread() {
    must_end(|| {
        for named in threaded() {
            let meeting = Meeting::of(6);
            thread::scope(|scope| {
                for _ in 0..6 {
                    let meeting = Arc::clone(&meeting);
                    let waits =
                        task("wait").lane(Lane::Blocking).call((), move |()| meeting.meet());
                    scope.spawn(move || {
                        let met = named.executor.compute(waits.map_named("met", |met| *met));
                        assert!(met.expect("nothing fails"), "on {}", named.name);
                    });
                }
            });
        }
    });
}
