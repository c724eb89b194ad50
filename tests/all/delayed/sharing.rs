//! Sharing: a node runs once in a compute, a call is a node, and values are moved where they can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lazuli::prelude::*;

use crate::support::{Gauge, Named, executors};

/// A task that counts its runs.
fn counted(runs: &Arc<AtomicUsize>) -> Delayed<i64> {
    let runs = Arc::clone(runs);
    task("counted").call((), move |()| {
        runs.fetch_add(1, Relaxed);
        1
    })
}

/// Levels of diamonds: 2^40 paths, 81 nodes.
#[test]
fn each_node_runs_once_in_a_compute() {
    for Named { name, executor } in executors() {
        let leaf_runs = Arc::new(AtomicUsize::new(0));
        let runs = Arc::new(AtomicUsize::new(0));
        let count = |value: &i64, runs: &Arc<AtomicUsize>| {
            runs.fetch_add(1, Relaxed);
            *value
        };
        let mut top = counted(&leaf_runs);
        for _ in 0..40 {
            let (left, right) = (Arc::clone(&runs), Arc::clone(&runs));
            let left = top.map_named("left", move |value| count(value, &left));
            let right = top.map_named("right", move |value| count(value, &right));
            top = task("join").call((&left, &right), |(left, right)| left.max(right) + 1);
        }
        assert_eq!(executor.compute(&top).expect("nothing fails"), 41, "on {name}");
        assert_eq!((leaf_runs.load(Relaxed), runs.load(Relaxed)), (1, 80), "on {name}");
        // Another compute is another run.
        executor.compute(&top).expect("nothing fails");
        assert_eq!((leaf_runs.load(Relaxed), runs.load(Relaxed)), (2, 160), "on {name}");
    }
}

#[test]
fn what_is_not_asked_for_does_not_run() {
    for Named { name, executor } in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let (asked, other) = (counted(&runs), counted(&runs));
        let both = &asked + &other;
        assert_eq!(executor.compute(asked).expect("nothing fails"), 1);
        assert_eq!(runs.load(Relaxed), 1, "on {name}");
        drop(both);
    }
}

#[test]
fn the_same_output_asked_twice_runs_once() {
    for Named { name, executor } in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let one = counted(&runs);
        let all = (&one, one.clone(), vec![one.clone(), one.clone()], &one + &one);
        let answers = executor.compute(all).expect("nothing fails");
        assert_eq!(answers, (1, 1, vec![1, 1], 2), "on {name}");
        assert_eq!(runs.load(Relaxed), 1, "on {name}");
    }
}

static SQUARES: AtomicUsize = AtomicUsize::new(0);

#[delayed]
fn square(x: i64) -> i64 {
    SQUARES.fetch_add(1, Relaxed);
    x * x
}

#[test]
fn equal_calls_are_two_nodes() {
    let (one, other) = (square(3), square(3));
    for Named { name, executor } in executors() {
        SQUARES.store(0, Relaxed);
        assert_eq!(executor.compute((&one, &other, &one)).expect("nothing fails"), (9, 9, 9));
        assert_eq!(SQUARES.load(Relaxed), 2, "on {name}");
    }
}

/// By value: moved at the last use, else cloned. By reference: neither.
#[test]
fn a_value_is_cloned_only_where_others_need_it() {
    for Named { name, executor } in executors() {
        let gauge = Gauge::default();
        let make = || {
            let gauge = gauge.clone();
            task("make").call((), move |()| gauge.track(1))
        };

        // A chain by value, and its end handed to the caller.
        let chain = task("same").call(task("same").call(make(), |x| x), |x| x);
        drop(executor.compute(&chain).expect("nothing fails"));
        assert_eq!(gauge.clones(), 0, "on {name}");

        // Three uses by reference, one output: the output takes it.
        let base = make();
        let uses: Vec<_> = (0..3).map(|_| base.map_named("use", |x| x.value)).collect();
        drop(executor.compute((uses, &base)).expect("nothing fails"));
        assert_eq!(gauge.clones(), 0, "on {name}");

        // Three uses by value. They clone unless they are the last there is: on one thread, two do.
        let base = make();
        let uses: Vec<_> = (0..3).map(|_| task("use").call(base.clone(), |x| x.value)).collect();
        executor.compute(uses).expect("nothing fails");
        let clones = gauge.clones();
        assert!((2..=3).contains(&clones), "{clones} clones on {name}");
        if executor.threads().expect("a known number") == 1 {
            assert_eq!(clones, 2, "on {name}");
        }

        // One task that takes it twice by value and once by reference.
        let base = make();
        let thrice = task("thrice")
            .call((base.clone(), &base, base.clone()), |(a, b, c)| a.value + b.value + c.value);
        drop(base);
        assert_eq!(executor.compute(thrice).expect("nothing fails"), 3);
        assert_eq!(gauge.live(), 0, "on {name}");
    }
}
