//! What a task costs: a binary tree sum, a chain, waiting tasks, and the tree written by hand with rayon.
//!
//! `cargo bench --workspace --bench tasks`

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lazuli::core::Lane;
use lazuli::prelude::*;
use lazuli_benches::measure;

#[delayed]
fn inc(x: i64) -> i64 {
    x + 1
}

#[delayed]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn tree(leaves: i64) -> Delayed<i64> {
    let mut level: Vec<_> = (0..leaves).map(inc).collect();
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

fn main() -> lazuli::Result<()> {
    const LEAVES: i64 = 1 << 20;
    const TASKS: f64 = (2 * LEAVES - 1) as f64;

    let mut ours = f64::INFINITY;
    for threads in [1, 2] {
        let executor = Executor::threaded(threads)?;
        let work = format!("tree sum, 2^20 leaves, {threads} threads: build, plan, run, drop");
        ours = measure("lazuli", &work, 5, || executor.compute(tree(LEAVES)));
        println!("    {:.0} ns a task", ours / TASKS * 1e9);
        phases(&executor, TASKS)?;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads start");
    let hand =
        measure("rayon", "the same tree by hand, scope.spawn for each task, 2 threads", 5, || {
            pool.install(|| by_hand(LEAVES as usize))
        });
    println!(
        "    {:.0} ns a task; lazuli takes {:.2} times as long",
        hand / TASKS * 1e9,
        ours / hand
    );

    measure("lazuli", "chain of 1,000,000", 3, || {
        compute((0..1_000_000).fold(Delayed::value(0), |value, _| inc(value)))
    });
    measure("lazuli", "10,000 tasks and their sum", 5, || compute(sum((0..10_000).map(inc))));
    measure("lazuli", "20 waits of 0.2 s", 1, || {
        let wait =
            |_| task("wait").lane(Lane::Blocking).call((), |()| sleep(Duration::from_millis(200)));
        compute(sequence((0..20).map(wait))).map(|waited| waited.len())
    });
    Ok(())
}

/// Where the time of a tree goes.
fn phases(executor: &Executor, tasks: f64) -> lazuli::Result<()> {
    let nanoseconds = |start: Instant| start.elapsed().as_secs_f64() / tasks * 1e9;
    let start = Instant::now();
    let root = tree(1 << 20);
    let build = nanoseconds(start);
    let start = Instant::now();
    let plan = executor.plan(&root)?;
    let planning = nanoseconds(start);
    drop(plan);
    let start = Instant::now();
    executor.compute(&root)?;
    let compute = nanoseconds(start);
    let start = Instant::now();
    drop(root);
    let drop = nanoseconds(start);
    let run = compute - planning;
    println!("    build {build:.0}, plan {planning:.0}, run {run:.0}, drop {drop:.0} ns a task");
    Ok(())
}

/// A heap of sums; each node is spawned by the second of its children to be done.
fn by_hand(leaves: usize) -> i64 {
    struct Heap {
        values: Vec<AtomicI64>,
        done: Vec<AtomicU8>,
    }
    fn finish<'s>(heap: &'s Arc<Heap>, scope: &rayon::Scope<'s>, node: usize, value: i64) {
        heap.values[node].store(value, Ordering::Relaxed);
        if node > 1 && heap.done[node / 2].fetch_add(1, Ordering::AcqRel) == 1 {
            scope.spawn(move |scope| {
                let parent = node / 2;
                let [left, right] = [2 * parent, 2 * parent + 1]
                    .map(|child| heap.values[child].load(Ordering::Relaxed));
                finish(heap, scope, parent, left + right);
            });
        }
    }
    let heap = Arc::new(Heap {
        values: (0..2 * leaves).map(|_| AtomicI64::new(0)).collect(),
        done: (0..leaves).map(|_| AtomicU8::new(0)).collect(),
    });
    rayon::scope(|scope| {
        for leaf in 0..leaves {
            let heap = &heap;
            scope.spawn(move |scope| finish(heap, scope, leaves + leaf, leaf as i64 + 1));
        }
    });
    heap.values[1].load(Ordering::Relaxed)
}
