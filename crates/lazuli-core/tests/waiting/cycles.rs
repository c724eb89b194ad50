//! Waits that would go round in a circle: a run that waits for itself, for what waits for it, or for what is
//! below it on the stack. Each ends, with an error or an answer, and none hangs.
//!
//! What is expected: the wait that would close the circle fails, and its task may make of that what it
//! likes. Which of several waits that is depends on who comes last, so the kind of the error and its place
//! are not asserted.

use std::sync::{Arc, Mutex};

use lazuli_core::{Delayed, Executor, Lane, Result, Running, compute, task};

use crate::support::probe::{Before, is_idle};
use crate::support::{Alive, Sign, pool_of, scenario};

type Handle = Running<Delayed<i32>>;
type Slot = Arc<Mutex<Option<Handle>>>;

fn take(slot: &Slot) -> Handle {
    slot.lock().expect("no panic").take().expect("the handle is there")
}

/// The lanes, and how many threads the executors have.
fn everywhere(check: impl Fn(Lane, &Executor)) {
    let before = Before::now();
    for lane in [Lane::Cpu, Lane::Blocking] {
        for threads in [1, 2] {
            check(lane, &pool_of(threads));
        }
    }
    before.no_thread_is_left();
    is_idle();
}

/// A run whose only task calls `inside` with the run's own handle.
fn with_itself(
    lane: Lane,
    executor: &Executor,
    alive: &Alive,
    inside: impl Fn(Handle) -> i32 + Send + Sync + 'static,
) {
    let (slot, go) = (Slot::default(), Sign::default());
    let itself = task("itself").lane(lane).call((), {
        let (slot, go, value) = (Arc::clone(&slot), go.clone(), alive.value());
        move |()| {
            let _holds = &value;
            go.wait();
            inside(take(&slot))
        }
    });
    let running = executor.start(itself);
    let kept = running.handles();
    *slot.lock().expect("no panic") = Some(running);
    go.give();
    // The task says what came of its wait; the run itself may fail or succeed.
    let _ = executor.compute(kept);
}

#[test]
fn a_task_that_waits_for_its_own_run_gets_an_error() {
    scenario(|| {
        everywhere(|lane, executor| {
            let (alive, said) = (Alive::default(), Arc::new(Mutex::new(None)));
            let says = Arc::clone(&said);
            with_itself(lane, executor, &alive, move |itself| {
                *says.lock().expect("no panic") = Some(itself.wait().is_err());
                1
            });
            assert_eq!(*said.lock().expect("no panic"), Some(true), "on the lane {lane:?}");
            alive.all_are_dropped();
        });
    });
}

#[test]
fn a_task_that_computes_a_handle_of_its_own_run_gets_an_error() {
    scenario(|| {
        everywhere(|lane, executor| {
            let (alive, said) = (Alive::default(), Arc::new(Mutex::new(None)));
            let says = Arc::clone(&said);
            with_itself(lane, executor, &alive, move |itself| {
                let depends = itself.handles() + 1;
                *says.lock().expect("no panic") = Some(compute(depends).is_err());
                1
            });
            assert_eq!(*said.lock().expect("no panic"), Some(true), "on the lane {lane:?}");
            alive.all_are_dropped();
        });
    });
}

/// The wait for the own run is in a task of a compute of the task, on what is below it on the stack.
#[test]
fn a_nested_task_that_waits_for_the_run_around_it_gets_an_error() {
    scenario(|| {
        everywhere(|lane, executor| {
            let (alive, said) = (Alive::default(), Arc::new(Mutex::new(None)));
            let says = Arc::clone(&said);
            with_itself(lane, executor, &alive, move |itself| {
                let (itself, says) = (Mutex::new(Some(itself)), Arc::clone(&says));
                let nested = task("nested").call((), move |()| {
                    let itself = itself.lock().expect("no panic").take().expect("called once");
                    *says.lock().expect("no panic") = Some(itself.wait().is_err());
                });
                let _ = compute(nested);
                1
            });
            assert_eq!(*said.lock().expect("no panic"), Some(true), "on the lane {lane:?}");
            alive.all_are_dropped();
        });
    });
}

/// Runs that wait for each other in a ring, each by `wait` on the next one's handle.
fn ring(
    lane: Lane,
    executor: &Executor,
    runs: usize,
    wait: impl Fn(Handle) -> Result<i32> + Clone + Send + Sync + 'static,
) {
    let alive = Alive::default();
    let slots: Vec<Slot> = (0..runs).map(|_| Slot::default()).collect();
    let go = Sign::default();
    let mut handles = Vec::new();
    for run in 0..runs {
        let slot = Arc::clone(&slots[(run + 1) % runs]);
        let (go, wait, value) = (go.clone(), wait.clone(), alive.value());
        let waits = task("waits").lane(lane).try_call((), move |()| {
            let _holds = &value;
            go.wait();
            wait(take(&slot))
        });
        let running = executor.start(waits);
        handles.push(running.handles());
        *slots[run].lock().expect("no panic") = Some(running);
    }
    go.give();
    // No task brings a value of its own, so each has the error of the wait that closed the circle.
    for handle in handles {
        assert!(executor.compute(handle).is_err(), "a ring of {runs} on the lane {lane:?}");
    }
    alive.all_are_dropped();
}

/// Two runs, each with a task that waits for the other.
#[test]
fn two_runs_that_wait_for_each_other_end_with_an_error() {
    scenario(|| everywhere(|lane, executor| ring(lane, executor, 2, Running::wait)));
}

/// The second wait is a compute of the first run's handle.
#[test]
fn two_runs_that_compute_handles_of_each_other_end_with_an_error() {
    scenario(|| {
        everywhere(|lane, executor| {
            ring(lane, executor, 2, |other| compute(other.handles() + 1));
        });
    });
}

#[test]
fn four_runs_that_wait_in_a_ring_end_with_an_error() {
    scenario(|| everywhere(|lane, executor| ring(lane, executor, 4, Running::wait)));
}

/// Not a circle: a diamond of runs that wait for runs, on one thread.
#[test]
fn runs_that_wait_for_the_same_run_all_get_its_answer() {
    scenario(|| {
        everywhere(|lane, executor| {
            let go = Sign::default();
            let base = executor.start(task("base").lane(Lane::Blocking).call((), {
                let go = go.clone();
                move |()| {
                    go.wait();
                    20
                }
            }));
            let handle = base.handles();
            let sides: Vec<_> = [1, 2, 3]
                .map(|more| {
                    let handle = handle.clone();
                    executor.start(
                        task("side").lane(lane).try_call((), move |()| compute(&handle + more)),
                    )
                })
                .into();
            let top = task("top").lane(lane).call((), {
                let sides = Mutex::new(sides);
                move |()| {
                    let sides = std::mem::take(&mut *sides.lock().expect("no panic"));
                    sides.into_iter().map(|side| side.wait().expect("no failure")).sum::<i32>()
                }
            });
            let top = executor.start(top);
            go.give();
            assert_eq!(top.wait().expect("nothing fails"), 66);
        });
    });
}
