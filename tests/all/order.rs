//! Order and memory: values live no longer than they are needed, and graphs may be huge.

use std::cell::Cell;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lazuli::core::{Lane, sum};
use lazuli::prelude::*;

use crate::support::{Gauge, Named, Tracked, comes_true, executors, threaded};

/// A leaf of a tree: makes a counted value.
fn leaf(gauge: &Gauge, value: u64) -> Delayed<Tracked<u64>> {
    let gauge = gauge.clone();
    task("leaf").call((), move |()| gauge.track(value))
}

/// Adds in place, so that two values become one without a third.
fn add(mut left: Tracked<u64>, right: Tracked<u64>) -> Tracked<u64> {
    left.value += right.value;
    left
}

/// With `t` threads and `n` leaves, never more than `t log2(n) + t` values live: each thread holds
/// one value for each level of the tree, and the one it makes.
#[test]
fn a_tree_sum_holds_few_values() {
    for Named { name, executor } in executors() {
        let threads = executor.threads().expect("a known number");
        for levels in 1..=12 {
            let leaves = 1_u64 << levels;
            for _ in 0..10 {
                let gauge = Gauge::default();
                let values = (0..leaves).map(|value| leaf(&gauge, value));
                let total = tree_reduce(values, 2, add).expect("there are leaves");
                let answer = executor.compute(total).expect("nothing fails").value;
                assert_eq!(answer, leaves * (leaves - 1) / 2);
                let most = gauge.most();
                let bound = threads * levels + threads;
                assert!(most <= bound, "{leaves} leaves on {name}: {most} values, not {bound}");
                assert!(comes_true(|| gauge.live() == 0), "values are held on {name}");
            }
        }
    }
}

/// Leaves beside the pool run a few ahead: what the lane takes at once, as much again that has ended
/// meanwhile, and what the tree holds.
#[test]
fn leaves_beside_the_pool_are_not_all_loaded_first() {
    const LEVELS: usize = 11;
    for Named { name, executor } in threaded() {
        let threads = executor.threads().expect("a known number");
        for asynchronous in [false, true] {
            let gauge = Gauge::default();
            let values = (0..1_u64 << LEVELS).map(|value| {
                let gauge = gauge.clone();
                let leaf = match asynchronous {
                    false => {
                        let leaf = task("leaf").lane(Lane::Blocking);
                        leaf.call((), move |()| gauge.track(value))
                    }
                    true => task("leaf").call_async((), move |()| {
                        let gauge = gauge.clone();
                        async move { gauge.track(value) }
                    }),
                };
                task("parses").call(leaf, |leaf| {
                    thread::sleep(Duration::from_micros(50));
                    leaf
                })
            });
            let total = tree_reduce(values, 2, add).expect("there are leaves");
            let answer = executor.compute(total).expect("nothing fails").value;
            assert_eq!(answer, (1 << LEVELS) * ((1 << LEVELS) - 1) / 2);
            let (most, bound) = (gauge.most(), 2 * 64 + threads * (LEVELS + 2));
            assert!(most <= bound, "{most} values, not {bound}, on {name}");
        }
    }
}

thread_local! {
    static KEPT: Cell<Option<Delayed<u64>>> = const { Cell::new(None) };
}

/// It is dropped when the thread's own lists are gone already.
#[test]
fn a_thread_may_keep_a_long_chain_to_its_end() {
    let chain = |length: usize| {
        (0..length).fold(Delayed::value(0_u64), |value, _| value.map_named("same", |value| *value))
    };
    let thread = thread::spawn(move || {
        KEPT.set(None);
        drop(chain(1000));
        KEPT.set(Some(chain(300_000)));
    });
    thread.join().expect("it ends");
}

/// A value that says when it goes.
struct Noisy {
    name: usize,
    log: Arc<Mutex<Vec<String>>>,
}

impl Drop for Noisy {
    fn drop(&mut self) {
        note(&self.log, format!("drop {}", self.name));
    }
}

fn note(log: &Mutex<Vec<String>>, what: String) {
    log.lock().expect("noting does not panic").push(what);
}

/// On one thread it can be told to the task when a value goes: right after its last use.
#[test]
fn a_value_goes_at_its_last_use() {
    for Named { name, executor } in executors() {
        if executor.threads().expect("a known number") > 1 {
            continue;
        }
        let log = Arc::new(Mutex::new(Vec::new()));
        let make = |name, inputs: &[&Delayed<Noisy>]| {
            let log = Arc::clone(&log);
            let inputs: Vec<_> = inputs.iter().map(|&input| input.clone()).collect();
            task("noisy").call(&inputs, move |_| {
                note(&log, format!("run {name}"));
                Noisy { name, log: Arc::clone(&log) }
            })
        };
        // 0 feeds 1, 2 and 4; 1 and 2 feed 3; 3 and 4 feed 5.
        let zero = make(0, &[]);
        let (one, two) = (make(1, &[&zero]), make(2, &[&zero]));
        let (three, four) = (make(3, &[&one, &two]), make(4, &[&zero]));
        let five = make(5, &[&three, &four]).map_named("name", |five| five.name);
        assert_eq!(executor.compute(five).expect("nothing fails"), 5);
        let seen = std::mem::take(&mut *log.lock().expect("noting does not panic"));
        let expected = [
            "run 0", "run 1", "run 2", "run 3", "drop 1", "drop 2", "run 4", "drop 0", "run 5",
            "drop 3", "drop 4", "drop 5",
        ];
        assert_eq!(seen, expected, "on {name}");
    }
}

/// A chain never holds more than a task's input and its output.
#[test]
fn a_chain_holds_two_values() {
    for Named { name, executor } in executors() {
        let gauge = Gauge::default();
        let mut value = leaf(&gauge, 0);
        for _ in 0..1000 {
            let gauge = gauge.clone();
            value = value.map_named("next", move |value| gauge.track(value.value + 1));
        }
        assert_eq!(executor.compute(value).expect("nothing fails").value, 1000);
        assert_eq!(gauge.most(), 2, "on {name}");
    }
}

/// Loading is put off: a leaf is loaded only when all use has been made of those before it.
#[test]
fn roots_are_not_loaded_first() {
    for Named { name, executor } in executors() {
        let threads = executor.threads().expect("a known number");
        let gauge = Gauge::default();
        let uses = (0..4096).flat_map(|value| {
            let leaf = leaf(&gauge, value);
            [
                leaf.map_named("use", |leaf| leaf.value),
                leaf.map_named("use again", |leaf| leaf.value),
            ]
        });
        let total = executor.compute(sum(uses)).expect("nothing fails");
        assert_eq!(total, 4096 * 4095);
        assert!(gauge.most() <= threads, "{} leaves at once on {name}", gauge.most());
    }
}

const MILLION: usize = 1_000_000;

/// Builds, runs and is dropped on this test's own stack, of the default size.
#[test]
fn a_chain_of_a_million_tasks() {
    for Named { name, executor } in executors() {
        let mut value = Delayed::value(0_usize);
        for _ in 0..MILLION {
            value += 1;
        }
        assert_eq!(executor.compute(&value).expect("nothing fails"), MILLION, "on {name}");
        drop(value);
    }
}

/// The same, by reference, never computed, and dropped from the middle.
#[test]
fn a_chain_that_is_never_run() {
    let mut value = Delayed::value(0_usize);
    let mut middle = value.clone();
    for step in 0..MILLION {
        value = value.map_named("next", |value| value + 1);
        if step == MILLION / 2 {
            middle = value.clone();
        }
    }
    assert!(format!("{value:?}").starts_with("Delayed(next-"));
    drop(value);
    drop(middle);
}

#[test]
fn one_task_with_a_million_dependents() {
    for Named { name, executor } in executors() {
        let one = task("one").call((), |()| 1_usize);
        let ones: Vec<_> = (0..MILLION).map(|_| one.map_named("same", |one| *one)).collect();
        let ones = executor.compute(ones).expect("nothing fails");
        assert_eq!(ones.iter().sum::<usize>(), MILLION, "on {name}");
    }
}

#[test]
fn one_task_with_a_million_dependencies() {
    for Named { name, executor } in executors() {
        let ones: Vec<_> = (0..MILLION).map(|one| task("one").call((), move |()| one)).collect();
        let (total, all) = (sum(ones.clone()), sequence(ones));
        let (total, all) = executor.compute((total, all)).expect("nothing fails");
        assert_eq!(total, MILLION * (MILLION - 1) / 2, "on {name}");
        assert!(all.iter().copied().eq(0..MILLION), "on {name}");
    }
}

/// Handles that closures hold, not inputs: a chain of these is dropped on a small stack, too.
#[test]
fn a_chain_through_closures_is_dropped_on_a_small_stack() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    let dropped = small.spawn(|| {
        let mut last = Delayed::value(0_u8);
        for _ in 0..200_000 {
            let held = last.clone();
            last = task("holds").call((), move |()| u8::from(held.explain().is_ok()));
        }
        drop(last);
    });
    dropped.expect("a thread starts").join().expect("no overflow");
}
