//! What planning tells of a plan before it runs: counts of each step, and ids.

use std::collections::BTreeSet;

use lazuli::core::Lane;
use lazuli::prelude::*;

use crate::support::{executors, threaded};

#[test]
fn each_step_is_counted() -> lazuli::Result<()> {
    let x = ChunkedArray::from_fn([40], [10], |[i]| i as f64);
    let formula = (x.mean() + x.std(0)) * 2.0;
    let explained = formula.explain()?;
    // The sum and the product, and the requests for mean and deviation.
    assert_eq!((explained.described, explained.requests), (4, 2));
    // Four blocks meet in one task and are finished in another; each answer takes one.
    assert_eq!((explained.lowered, explained.culled, explained.tasks), (10, 10, 10));
    assert_eq!((explained.leaves, explained.depth), (4, 6));
    let pure = |x: i64| task("pure").pure(x).call((), move |()| x);
    let explained = (pure(1) + pure(1) + pure(2)).explain()?;
    assert_eq!((explained.culled, explained.tasks, explained.edges), (5, 4, 4));
    Ok(())
}

/// A chain ends where a result has two takers, a task two inputs, or the lane changes.
#[test]
fn chains_are_counted() -> lazuli::Result<()> {
    let chain =
        |delayed: &Delayed<i64>| delayed.map_named("up", |x| x + 1).map_named("up", |x| x + 1);
    let leaf = task("leaf").call((), |()| 1);
    let (left, right) = (chain(&leaf), chain(&leaf));
    assert_eq!(chain(&leaf).explain()?.chains, 1);
    let joined = chain(&(&left + &right));
    // The leaf, two chains that take it, and one that takes these.
    let explained = joined.explain()?;
    assert_eq!((explained.tasks, explained.chains), (8, 4));
    // A result that the caller takes as well ends its chain.
    assert_eq!(Executor::current().explain((&left, chain(&left)))?.chains, 2);
    let waits = task("waits").lane(Lane::Blocking).call(&left, |x| *x);
    assert_eq!(chain(&waits).explain()?.chains, 3);
    assert_eq!((&left + &left).explain()?.chains, 2);
    Ok(())
}

/// Every id once, and the same whoever plans.
#[test]
fn ids_are_unique_and_the_same_on_every_executor() {
    let x = ChunkedArray::from_fn([40], [10], |[i]| i as f64);
    let ids = |executor: &Executor| -> Vec<String> {
        let plan = executor.plan((x.mean(), x.sum(), x.sum())).expect("a sound request");
        plan.tasks().map(|task| task.id().to_string()).collect()
    };
    let first = ids(&executors()[0].executor);
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len());
    for named in threaded() {
        assert_eq!(ids(&named.executor), first);
    }
}

/// The ids of a program are part of what it is: another run of it has the same.
#[test]
fn ids_are_the_same_in_every_run() {
    let add = (Delayed::value(1_i64) + 2) + (Delayed::value(1_i64) + 2);
    let plan = Executor::shared().plan(add).expect("no requests");
    let ids: Vec<_> = plan.tasks().map(|task| task.id().to_string()).collect();
    let alike = "add-13a9f244a0ad53fd";
    assert_eq!(ids, [alike, &format!("{alike}.1"), "add-3461f41722049b78"]);
}
