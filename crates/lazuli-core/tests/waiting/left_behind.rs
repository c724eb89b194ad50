//! What is left when runs, deadlines and pools are over: no value, no thread, no memory, no processor
//! time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lazuli_core::{
    CancelToken, Delayed, Event, Executor, Lane, Observer, Running, compute, sum, task,
};

use crate::support::probe::{Before, is_idle, resident};
use crate::support::{Alive, eventually, pool_of, scenario};

type Slot = Arc<Mutex<Option<Running<Delayed<i32>>>>>;

/// A run that starts the next one and drops itself, as a service does that always works at the newest
/// state of things.
fn next(slot: Slot, left: i32, nested: bool, alive: &Alive) -> Delayed<i32> {
    let alive = alive.clone();
    let makes = alive.clone();
    let load = task("load").call((), move |()| makes.value());
    let step = task("step").call(&load, move |_| {
        if left == 0 {
            return 0;
        }
        let (slot, alive) = (Arc::clone(&slot), alive.clone());
        let replace = move || {
            let started = next(Arc::clone(&slot), left - 1, nested, &alive);
            let running = Executor::current().start(started);
            let old = slot.lock().expect("no panic").replace(running);
            // The very run that this task belongs to.
            drop(old);
        };
        if nested {
            let _ = compute(task("replace").call((), move |()| replace()));
        } else {
            replace();
        }
        left
    });
    task("end").call((&load, &step), |(_, left)| *left)
}

fn replacing_itself(nested: bool) {
    scenario(|| {
        for threads in [1, 2] {
            let before = Before::now();
            let (executor, slot, alive) = (pool_of(threads), Slot::default(), Alive::default());
            // The lock keeps the first run from replacing a handle that is not there yet.
            let mut first = slot.lock().expect("no panic");
            *first = Some(executor.start(next(Arc::clone(&slot), 20, nested, &alive)));
            drop(first);
            eventually("the last run is done", || {
                let running = slot.lock().expect("no panic");
                running.as_ref().is_some_and(Running::is_done)
            });
            // A run that is replaced leaves the slot before it is done.
            alive.all_are_dropped();
            is_idle();
            drop(slot.lock().expect("no panic").take());
            drop(executor);
            before.no_thread_is_left();
        }
    });
}

#[test]
fn runs_that_replace_themselves_leave_nothing() {
    replacing_itself(false);
}

#[test]
fn runs_that_replace_themselves_by_a_nested_compute_leave_nothing() {
    replacing_itself(true);
}

struct Watches(#[expect(dead_code, reason = "counted while it lives")] crate::support::Value);

impl Observer for Watches {
    fn event(&self, _: &Event<'_>) {}
}

/// Nothing of a compute is kept until its deadline when it is done before: no observer, no closure and no
/// bytes for each.
#[test]
fn a_deadline_far_away_keeps_nothing_of_a_compute_that_is_done() {
    scenario(|| {
        let far = Duration::from_secs(1_000_000);
        for executor in [Executor::sync(), pool_of(1), pool_of(2)] {
            let alive = Alive::default();
            let once = |executor: &Executor| {
                let watched = executor.clone().with_timeout(far);
                let watched = watched.with_observer(Arc::new(Watches(alive.value())));
                let value = alive.value();
                let one = task("one").call((), move |()| {
                    let _holds = &value;
                    1
                });
                assert_eq!(watched.compute(&one).expect("nothing fails"), 1);
                assert_eq!(watched.start(one).wait().expect("nothing fails"), 1);
            };
            (0..2_000).for_each(|_| once(&executor));
            alive.all_are_dropped();
            let before = resident();
            (0..15_000).for_each(|_| once(&executor));
            alive.all_are_dropped();
            let more = resident().saturating_sub(before);
            assert!(more < 3 << 20, "{more} bytes more after 30,000 computes with deadlines");
        }
    });
}

/// A token that a service has for its whole life does not remember every compute that had it.
#[test]
fn a_token_keeps_nothing_of_computes_that_are_done() {
    scenario(|| {
        let token = CancelToken::new();
        let executor = pool_of(1).with_cancel(&token);
        let once = || {
            let one = task("one").call((), |()| 1);
            assert_eq!(executor.compute(&one).expect("nothing fails"), 1);
            drop(executor.start(one));
        };
        (0..2_000).for_each(|_| once());
        let before = resident();
        (0..20_000).for_each(|_| once());
        let more = resident().saturating_sub(before);
        assert!(more < 4 << 20, "{more} bytes more after 40,000 computes with one token");
    });
}

/// Pools that have computed, nested, waited and been given up.
#[test]
fn hundreds_of_tiny_pools_leave_no_thread() {
    scenario(|| {
        let before = Before::now();
        for round in 0..400_u64 {
            let executor = pool_of(1 + (round % 3) as usize);
            let nests = |value: u64| {
                task("nests").call((), move |()| {
                    let parts = (0..4).map(|_| task("part").call((), move |()| value));
                    compute(sum(parts)).expect("nothing fails")
                })
            };
            match round % 4 {
                0 => {}
                1 => assert_eq!(executor.compute(nests(1) + nests(2)).expect("no failure"), 12),
                2 => drop(executor.start(nests(3) + nests(4))),
                _ => {
                    let waits = task("waits").lane(Lane::Blocking).call((), move |()| round);
                    let running = executor.start(waits + nests(5));
                    // The run outlives the executor's handles.
                    drop(executor);
                    assert_eq!(running.wait().expect("nothing fails"), round + 20);
                }
            }
        }
        before.no_thread_is_left();
        is_idle();
    });
}

/// The last handle of an executor is dropped by a task that runs on it.
#[test]
fn a_pool_ends_whose_last_handle_is_in_its_own_task() {
    scenario(|| {
        let before = Before::now();
        for lane in [Lane::Cpu, Lane::Blocking] {
            for _ in 0..50 {
                let executor = pool_of(1);
                let last = Mutex::new(Some(executor.clone()));
                let drops = task("drops").lane(lane).call((), move |()| {
                    drop(last.lock().expect("no panic").take());
                    1
                });
                let running = executor.start(drops);
                drop(executor);
                assert_eq!(running.wait().expect("nothing fails"), 1);
            }
        }
        before.no_thread_is_left();
    });
}
