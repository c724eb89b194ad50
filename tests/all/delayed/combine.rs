//! `map`, `and_then`, `zip`, `sequence`, `sum`, `product`, `tree_reduce`, `persist`.

use std::num::ParseIntError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lazuli::core::{product, sum};
use lazuli::prelude::*;

use crate::support::{Gauge, Named, assert_computes, executors};

fn numbers(to: i64) -> Vec<Delayed<i64>> {
    (1..=to).map(|x| Delayed::value(x).map_named("same", |x| *x)).collect()
}

#[test]
fn map_lends_the_value() {
    let gauge = Gauge::default();
    let text = gauge.track(String::from("lapis lazuli"));
    let length = Delayed::value(text).map_named("length", |text| text.value.len());
    assert_computes(length, 12);
    assert_eq!(gauge.clones(), 0);
}

#[test]
fn and_then_yields_the_value_of_ok() {
    let text = Delayed::value(String::from("42"));
    assert_computes(text.try_map_named("parse", |text| text.parse::<i64>()) + 1, 43);

    let text = Delayed::value(String::from("4z"));
    let failing = text.try_map_named("parse", |text| text.parse::<i64>());
    for Named { name, executor } in executors() {
        let error = executor.compute(&failing).expect_err("4z is no number");
        assert!(error.find::<ParseIntError>().is_some(), "on {name}: {error}");
    }
}

#[test]
fn zip_pairs() {
    let (a, b) = (Delayed::value(1), Delayed::value("one"));
    assert_computes(a.zip(&b), (1, "one"));
    assert_computes(a.zip(&a), (1, 1));
}

#[test]
fn sequence_keeps_order() {
    assert_computes(sequence(numbers(100)), Vec::from_iter(1..=100));
    assert_computes(sequence(Vec::<Delayed<i64>>::new()), Vec::new());
}

#[test]
fn sums_and_products() {
    assert_computes((sum(numbers(100)), product(numbers(10))), (5050, 3_628_800));
    assert_computes((sum(numbers(0)), product(numbers(0))), (0, 1));
    let from_iterators: (Delayed<i64>, Delayed<i64>) =
        (numbers(100).into_iter().sum(), numbers(10).into_iter().product());
    assert_computes(from_iterators, (5050, 3_628_800));
}

/// Parentheses tell in which order, and in which tree, the values met.
#[test]
fn tree_reduce_is_a_tree_in_order() {
    let meet = |a: String, b: String| format!("({a} {b})");
    for (values, split_every) in [(1, 2), (2, 2), (7, 2), (8, 2), (9, 3), (64, 4), (65, 8)] {
        let leaves: Vec<String> = (0..values).map(|value| value.to_string()).collect();
        let mut level = leaves.clone();
        let mut tasks = 0;
        while level.len() > 1 {
            let groups = level.chunks(split_every).map(<[_]>::to_vec);
            let groups: Vec<Vec<String>> = groups.collect();
            tasks += groups.iter().filter(|group| group.len() > 1).count();
            level = groups.into_iter().filter_map(|group| group.into_iter().reduce(meet)).collect();
        }

        let tree = tree_reduce(leaves.into_iter().map(Delayed::value), split_every, meet);
        let tree = tree.expect("there are leaves");
        let plan = Executor::sync().plan(&tree).expect("nothing to lower");
        assert_eq!(plan.tasks().len(), tasks, "{values} values by {split_every}");
        assert_computes(tree, level.remove(0));
    }
    assert!(tree_reduce(numbers(0), 8, |a, b| a + b).is_none());
}

#[test]
fn persist_runs_it_once() {
    for Named { name, executor } in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let base = task("base").call((), move |()| counter.fetch_add(1, Relaxed) + 10);
        let kept = executor.persist(base + 1).expect("nothing fails");
        assert_eq!(runs.load(Relaxed), 1, "on {name}");
        assert_eq!(executor.compute((&kept * 2, &kept)).expect("nothing fails"), (22, 11));
        assert_eq!(executor.compute(kept).expect("nothing fails"), 11);
        assert_eq!(runs.load(Relaxed), 1, "on {name}");
    }
}

#[test]
fn persist_and_compute_are_methods_too() -> lazuli::Result<()> {
    let kept = (Delayed::value(6_i64) * 7).persist()?;
    assert_eq!(kept.compute()?, 42);
    assert_eq!(Executor::shared().plan(&kept)?.tasks().len(), 0);
    Ok(())
}
