//! Runs that are stopped while nobody has a thread for them: they are over as soon as their tasks are, and
//! whoever waits is told so, on whatever thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use lazuli_core::{CancelToken, Delayed, ErrorKind, Executor, Lane, Retry, Running, compute, task};

use crate::support::{Alive, Sign, eventually, pool_of, scenario};

/// Keeps the only thread of a pool until it is let go.
struct Held {
    let_go: Arc<AtomicBool>,
    running: Running<Delayed<()>>,
}

impl Held {
    fn the_thread_of(executor: &Executor) -> Self {
        let (let_go, holds) = (Arc::<AtomicBool>::default(), Sign::default());
        let running = executor.start(task("holds").call((), {
            let (let_go, holds) = (Arc::clone(&let_go), holds.clone());
            move |()| {
                holds.give();
                while !let_go.load(SeqCst) {
                    std::thread::sleep(Duration::from_micros(100));
                }
            }
        }));
        holds.wait();
        Self { let_go, running }
    }

    fn let_go(self) {
        self.let_go.store(true, SeqCst);
        self.running.wait().expect("nothing fails");
    }
}

/// A run of which a task is to be tried again in an hour, so that nobody works at it.
fn pending(executor: &Executor, alive: &Alive) -> Running<Delayed<i32>> {
    let (value, tried) = (alive.value(), Sign::default());
    let tries = tried.clone();
    let retry = Retry::times(1).delay(Duration::from_secs(3600));
    let running = executor.start(task("pending").retry(retry).try_call((), move |()| {
        let _holds = &value;
        tries.give();
        Err::<i32, _>(std::io::Error::other("not yet"))
    }));
    tried.wait();
    running
}

#[test]
fn a_cancelled_run_is_over_although_a_task_of_another_has_the_only_thread() {
    scenario(|| {
        let (executor, alive) = (pool_of(1), Alive::default());
        let running = pending(&executor, &alive);
        let held = Held::the_thread_of(&executor);
        running.cancel();
        assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
        held.let_go();
        alive.all_are_dropped();
    });
}

#[test]
fn a_run_is_over_at_its_deadline_although_a_task_of_another_has_the_only_thread() {
    scenario(|| {
        let (executor, alive) = (pool_of(1), Alive::default());
        let limited = executor.clone().with_timeout(Duration::from_millis(200));
        let running = pending(&limited, &alive);
        let held = Held::the_thread_of(&executor);
        assert_eq!(running.wait().expect_err("its time is up").kind(), ErrorKind::Deadline);
        held.let_go();
        alive.all_are_dropped();
    });
}

/// It has not even been planned when it is cancelled.
#[test]
fn a_run_that_has_not_begun_is_over_when_it_is_cancelled() {
    scenario(|| {
        let (executor, alive) = (pool_of(1), Alive::default());
        let held = Held::the_thread_of(&executor);
        let value = alive.value();
        let running = executor.start(task("never").call((), move |()| {
            let _holds = &value;
            1
        }));
        running.cancel();
        assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
        held.let_go();
        alive.all_are_dropped();
    });
}

/// A compute that waits for its first turn.
#[test]
fn a_compute_that_has_not_begun_returns_when_it_is_cancelled() {
    scenario(|| {
        let (executor, token) = (pool_of(1), CancelToken::new());
        let held = Held::the_thread_of(&executor);
        let waits = std::thread::spawn({
            let watched = executor.clone().with_cancel(&token);
            move || watched.compute(task("never").call((), |()| 1))
        });
        // Before or after the compute begins to wait: both must end.
        std::thread::sleep(Duration::from_millis(20));
        token.cancel();
        let error = waits.join().expect("no panic").expect_err("it is cancelled");
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        held.let_go();
    });
}

/// The run belongs to a task of the pool's only thread, which waits for it.
#[test]
fn a_task_that_cancels_a_run_of_its_own_pool_is_told_of_its_end() {
    scenario(|| {
        for lane in [Lane::Cpu, Lane::Blocking] {
            let (executor, alive) = (pool_of(1), Alive::default());
            for _ in 0..50 {
                let alive = alive.clone();
                let outer = task("outer").lane(lane).call((), move |()| {
                    let value = alive.value();
                    let executor = Executor::current();
                    let running = executor.start(task("endless").lane(Lane::Blocking).call(
                        lazuli_core::task::reporter(),
                        move |context| {
                            let _holds = &value;
                            while !context.is_over() {
                                std::thread::sleep(Duration::from_micros(100));
                            }
                        },
                    ));
                    running.cancel();
                    running.wait().expect_err("it is cancelled").kind()
                });
                assert_eq!(executor.compute(outer).expect("no failure"), ErrorKind::Cancelled);
            }
            alive.all_are_dropped();
        }
    });
}

/// Computes three deep, on one thread, are over when the outermost is cancelled; those that wait in between
/// let go of what they hold.
#[test]
fn computes_inside_computes_end_with_the_outermost() {
    fn endless(depth: u32, alive: &Alive, inside: &Sign) -> Delayed<i32> {
        let (alive, inside) = (alive.clone(), inside.clone());
        task("level").call(lazuli_core::task::reporter(), move |context| {
            let _holds = alive.value();
            if depth > 0 {
                return compute(endless(depth - 1, &alive, &inside)).unwrap_or(0);
            }
            inside.give();
            while !context.is_over() {
                std::thread::sleep(Duration::from_micros(100));
            }
            0
        })
    }
    scenario(|| {
        for threads in [1, 2] {
            for _ in 0..20 {
                let (executor, alive, inside) =
                    (pool_of(threads), Alive::default(), Sign::default());
                let running = executor.start(endless(3, &alive, &inside));
                inside.wait();
                running.cancel();
                assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
                alive.all_are_dropped();
            }
        }
    });
}

/// Many threads cancel, drop and wait for runs while these begin and end by themselves.
#[test]
fn runs_may_be_stopped_at_any_moment_of_their_lives() {
    scenario(|| {
        let (executor, alive) = (pool_of(2), Alive::default());
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let (executor, alive) = (&executor, &alive);
                scope.spawn(move || {
                    for round in 0..500_u64 {
                        let tasks: Vec<_> = (0..8)
                            .map(|index| {
                                let value = alive.value();
                                let lane =
                                    if index == 0 { Lane::Blocking } else { Default::default() };
                                task("short").lane(lane).call((), move |()| {
                                    let _holds = &value;
                                    index
                                })
                            })
                            .collect();
                        let running = executor.start(tasks);
                        for _ in 0..(round * 7 + thread * 13) % 300 {
                            std::hint::spin_loop();
                        }
                        match (round + thread) % 4 {
                            0 => running.cancel(),
                            1 => drop(running.handles()),
                            2 => assert_eq!(running.wait().expect("no failure").len(), 8),
                            _ => {
                                let handles = running.handles();
                                drop(running);
                                let all = executor.compute(handles).expect("handles keep the run");
                                assert_eq!(all.len(), 8);
                            }
                        }
                    }
                });
            }
        });
        alive.all_are_dropped();
        eventually("the executor is as good as new", || {
            executor.compute(Delayed::value(6) * 7).is_ok_and(|answer| answer == 42)
        });
    });
}
