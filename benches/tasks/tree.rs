//! The binary tree sum over 2^20 leaves, beside the same by hand with rayon.

use std::time::Instant;

use lazuli::prelude::*;
use lazuli_benches::measure;

use crate::by_hand::by_hand;

const LEAVES: i64 = 1 << 20;
pub(crate) const TASKS: f64 = (2 * LEAVES - 1) as f64;

#[delayed]
pub(crate) fn inc(x: i64) -> i64 {
    x + 1
}

#[delayed]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

pub(crate) fn tree() -> Delayed<i64> {
    let mut level: Vec<_> = (0..LEAVES).map(inc).collect();
    while level.len() > 1 {
        let mut pairs = level.into_iter();
        let mut next = Vec::with_capacity(pairs.len() / 2);
        while let (Some(a), Some(b)) = (pairs.next(), pairs.next()) {
            next.push(add(a, b));
        }
        level = next;
    }
    level.pop().expect("there are leaves")
}

pub(crate) fn run() -> lazuli::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads start");
    let mut ours = f64::INFINITY;
    for threads in [1, 2] {
        let executor = Executor::threaded(threads)?;
        let work = format!("tree sum, 2^20 leaves, {threads} threads: build, plan, run, drop");
        ours = measure("lazuli", &work, 9, || executor.compute(tree()));
        println!("    {:.0} ns a task", ours / TASKS * 1e9);
        phases(&executor)?;
    }
    let work = "the same tree by hand, scope.spawn for each task, 2 threads";
    let hand = measure("rayon", work, 9, || pool.install(|| by_hand(LEAVES as usize)));
    let each = hand / TASKS * 1e9;
    println!("    {each:.0} ns a task; lazuli takes {:.2} times as long", ours / hand);
    Ok(())
}

/// Where the time of a tree goes.
fn phases(executor: &Executor) -> lazuli::Result<()> {
    let mut best = [f64::INFINITY; 4];
    for _ in 0..5 {
        let began = Instant::now();
        let root = tree();
        let built = Instant::now();
        let plan = executor.plan(&root)?;
        let planned = Instant::now();
        drop(plan);
        let dropped_plan = Instant::now();
        executor.compute(&root)?;
        let computed = Instant::now();
        drop(root);
        let dropped = Instant::now();
        let plan = (planned - built).as_secs_f64();
        let phases = [
            (built - began).as_secs_f64(),
            plan,
            (computed - dropped_plan).as_secs_f64() - plan,
            (dropped - computed).as_secs_f64(),
        ];
        for (best, seconds) in best.iter_mut().zip(phases) {
            *best = best.min(seconds / TASKS * 1e9);
        }
    }
    let [build, plan, run, drop] = best;
    println!("    build {build:.0}, plan {plan:.0}, run {run:.0}, drop {drop:.0} ns a task");
    Ok(())
}
