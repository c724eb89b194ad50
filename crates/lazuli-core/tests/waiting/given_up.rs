//! Runs whose last handle is dropped in an awkward place: inside the run itself, below it, or inside a run
//! whose handle the first drops.

use std::sync::{Arc, Barrier, Mutex};

use lazuli_core::{Delayed, Executor, Lane, Running, compute, task};

use crate::support::probe::{Before, is_idle};
use crate::support::{Alive, Sign, eventually, pool_of, scenario};

type Handle = Running<Delayed<i32>>;
type Slot = Arc<Mutex<Option<Handle>>>;

/// Starts a run whose first task calls `body` on a sign; its handle is in the slot by then, and the run
/// holds a value meanwhile.
fn begin(
    executor: &Executor,
    slot: &Slot,
    alive: &Alive,
    body: impl Fn() + Send + Sync + 'static,
) -> Sign {
    let (go, inside, alive) = (Sign::default(), Sign::default(), alive.clone());
    let held = task("held").call((), move |()| alive.value());
    let first = task("first").lane(Lane::Blocking).call(&held, {
        let (go, inside) = (go.clone(), inside.clone());
        move |_| {
            inside.give();
            go.wait();
            body();
            1
        }
    });
    let both = task("both").call((&held, &first), |_| 1);
    *slot.lock().expect("no panic") = Some(executor.start(both));
    inside.wait();
    go
}

fn dropping(slot: &Slot) -> impl Fn() + Clone + Send + Sync + 'static {
    let slot = Arc::clone(slot);
    move || {
        let running = slot.lock().expect("no panic").take();
        drop(running);
    }
}

/// Has `drops` make, of the function that drops the run's handle, what a task of that run calls.
fn a_run_ends_that_is_dropped_by<F>(drops: impl Fn(Box<dyn Fn() + Send + Sync>) -> F)
where
    F: Fn() + Send + Sync + 'static,
{
    let before = Before::now();
    for threads in [1, 2] {
        let (executor, alive, slot) = (pool_of(threads), Alive::default(), Slot::default());
        begin(&executor, &slot, &alive, drops(Box::new(dropping(&slot)))).give();
        alive.all_are_dropped();
        eventually("the handle is dropped", || slot.lock().expect("no panic").is_none());
    }
    before.no_thread_is_left();
    is_idle();
}

#[test]
fn a_run_ends_that_is_dropped_from_outside() {
    scenario(|| {
        let (executor, alive, slot) = (pool_of(2), Alive::default(), Slot::default());
        let go = begin(&executor, &slot, &alive, || {});
        dropping(&slot)();
        go.give();
        alive.all_are_dropped();
    });
}

#[test]
fn a_run_ends_that_its_own_task_drops() {
    scenario(|| a_run_ends_that_is_dropped_by(|drops| drops));
}

#[test]
fn a_run_ends_that_a_compute_inside_it_drops() {
    scenario(|| {
        a_run_ends_that_is_dropped_by(|drops| {
            let drops = Arc::new(drops);
            move || {
                let drops = Arc::clone(&drops);
                let _ = compute(task("nested").call((), move |()| drops()));
            }
        });
    });
}

#[test]
fn a_run_ends_that_a_run_inside_it_drops() {
    scenario(|| {
        a_run_ends_that_is_dropped_by(|drops| {
            let drops = Arc::new(drops);
            move || {
                let drops = Arc::clone(&drops);
                let nested = task("nested").call((), move |()| drops());
                let _ = Executor::current().start(nested).wait();
            }
        });
    });
}

/// Three deep: the task that drops the run's handle is in a compute in a run in a compute of it.
#[test]
fn a_run_ends_that_is_dropped_deep_inside_it() {
    scenario(|| {
        a_run_ends_that_is_dropped_by(|drops| {
            let drops = Arc::new(drops);
            move || {
                let drops = Arc::clone(&drops);
                let outer = task("outer").call((), move |()| {
                    let drops = Arc::clone(&drops);
                    let middle = task("middle").call((), move |()| {
                        let drops = Arc::clone(&drops);
                        let _ = compute(task("inner").call((), move |()| drops()));
                    });
                    let _ = Executor::current().start(middle).wait();
                });
                let _ = compute(outer);
            }
        });
    });
}

/// Each drops the next one's handle at the same moment, in a ring.
fn a_ring(runs: usize, threads: usize) {
    let before = Before::now();
    let (executor, alive) = (pool_of(threads), Alive::default());
    for _ in 0..20 {
        let slots: Vec<Slot> = (0..runs).map(|_| Slot::default()).collect();
        let barrier = Arc::new(Barrier::new(runs));
        let signs: Vec<Sign> = (0..runs)
            .map(|run| {
                let drops = dropping(&slots[(run + 1) % runs]);
                let barrier = Arc::clone(&barrier);
                begin(&executor, &slots[run], &alive, move || {
                    barrier.wait();
                    drops();
                })
            })
            .collect();
        signs.iter().for_each(Sign::give);
        alive.all_are_dropped();
    }
    drop(executor);
    before.no_thread_is_left();
    is_idle();
}

#[test]
fn two_runs_end_that_drop_each_other() {
    scenario(|| a_ring(2, 2));
}

#[test]
fn five_runs_end_that_drop_each_other_in_a_ring() {
    scenario(|| a_ring(5, 1));
}

/// A run is dropped by the thread that runs it, in the drop of a value of its own.
#[test]
fn a_run_ends_whose_handle_is_in_a_value_of_its_own() {
    scenario(|| {
        struct Holder {
            _value: crate::support::Value,
            slot: Slot,
        }
        impl Drop for Holder {
            fn drop(&mut self) {
                let running = self.slot.lock().expect("no panic").take();
                drop(running);
            }
        }
        let before = Before::now();
        let alive = Alive::default();
        for threads in [1, 2] {
            let (executor, slot, go) = (pool_of(threads), Slot::default(), Sign::default());
            let holder = task("holder").lane(Lane::Blocking).call((), {
                let (alive, slot, go) = (alive.clone(), Arc::clone(&slot), go.clone());
                move |()| {
                    go.wait();
                    Holder { _value: alive.value(), slot: Arc::clone(&slot) }
                }
            });
            let last_use = task("last_use").call(&holder, |_| 1);
            let after = last_use.map_named("after", |one| one + 1);
            let running = executor.start(after);
            let kept = running.handles();
            *slot.lock().expect("no panic") = Some(running);
            go.give();
            assert_eq!(executor.compute(kept).expect("a handle keeps the run"), 2);
            alive.all_are_dropped();
        }
        before.no_thread_is_left();
    });
}
