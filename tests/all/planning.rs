//! Plans before they run: what each step makes of a graph, checked against the plan itself, and ids that
//! name the same tasks in every run.

use std::collections::BTreeMap;

use lazuli::core::plan::{Explanation, Plan};
use lazuli::core::{AnyDelayed, Layer};
use lazuli::prelude::*;

use crate::support::{executors, in_another_run, threaded};

/// What the tasks of a plan say about it: tasks, edges, leaves, depth, and most results held at once.
fn counted(plan: &Plan, outputs: usize) -> [usize; 5] {
    let inputs: Vec<Vec<usize>> = plan.tasks().map(|task| task.dependencies().collect()).collect();
    let mut depth = vec![0; inputs.len()];
    let mut most = 0;
    for (task, below) in inputs.iter().enumerate() {
        depth[task] = 1 + below.iter().map(|&input| depth[input]).max().unwrap_or(0);
        // Held while this one runs: itself, and what it or a later one takes. The outputs stay.
        let is_held = |&done: &usize| {
            done + outputs >= inputs.len() || inputs[task..].iter().flatten().any(|&of| of == done)
        };
        most = most.max(1 + (0..task).filter(is_held).count());
    }
    let edges = inputs.iter().map(Vec::len).sum();
    let leaves = inputs.iter().filter(|below| below.is_empty()).count();
    [inputs.len(), edges, leaves, depth.into_iter().max().unwrap_or(0), most]
}

fn figures(explained: &Explanation) -> [usize; 5] {
    let Explanation { tasks, edges, leaves, depth, peak_results, .. } = *explained;
    [tasks, edges, leaves, depth, peak_results]
}

/// A grid in which each task takes its neighbours of the row before, down to one.
fn triangle(rows: usize) -> Delayed<u64> {
    let mut row: Vec<_> = (0..rows).map(|_| task("leaf").call((), |()| 1_u64)).collect();
    while row.len() > 1 {
        row = row.windows(2).map(|pair| &pair[0] + &pair[1]).collect();
    }
    row.remove(0)
}

#[test]
fn the_order_is_as_the_plan_says() {
    for rows in [1, 2, 5, 20] {
        let top = triangle(rows);
        let explained = top.explain().expect("no requests");
        let plan = Executor::shared().plan(&top).expect("no requests");
        assert_eq!(figures(&explained), counted(&plan, 1), "{rows} rows");
        let tasks = rows * (rows + 1) / 2;
        assert_eq!(figures(&explained)[..4], [tasks, tasks * 2 - 2 * rows, rows, rows]);
        assert_eq!(
            (explained.described, explained.lowered, explained.culled),
            (tasks, tasks, tasks)
        );
    }
    let chain =
        (0..100).fold(Delayed::value(0_u64), |value, _| value.map_named("step", |value| *value));
    let explained = chain.explain().expect("no requests");
    assert_eq!(figures(&explained), [100, 99, 1, 100, 2]);
    assert_eq!(explained.described, 101, "with the value at hand");
}

/// One pass answers all requests on one array: as many leaves as it has blocks, however many ask.
#[test]
fn requests_of_one_array_share_its_blocks() {
    let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
    let y = ChunkedArray::from_fn([60], [10], |[i]| i as f64);
    let executor = Executor::shared();
    let mut before = 0;
    for asked in 1..6 {
        let many: Vec<_> = (0..asked).map(|power| (&x * f64::from(power)).sum()).collect();
        let explained = executor.explain(&many).expect("sound requests");
        assert_eq!((explained.described, explained.requests), (asked as usize, asked as usize));
        assert_eq!((explained.leaves, explained.peak_bytes > 0), (10, true));
        assert_eq!(explained.lowered, explained.tasks, "nothing is left over");
        // Each further one has its own answer and no pass of its own.
        assert!(asked == 1 || explained.tasks <= before + 1, "{} after {before}", explained.tasks);
        before = explained.tasks;
    }
    let both = executor.explain((x.sum(), x.std(0), y.max(), &x.mean() - y.mean()));
    let both = both.expect("sound requests");
    assert_eq!((both.described, both.requests, both.leaves), (6, 5, 16));
    // What takes a statistic of the array is another pass over it.
    let twice = (&x - x.mean()).max().explain().expect("sound requests");
    assert_eq!(twice.requests, 2);
    let loads = executor.plan((&x - x.mean()).max()).expect("sound requests");
    assert_eq!(loads.tasks().filter(|task| task.part().is_some()).count(), 20);
}

/// A request that is answered by its first dependency alone.
struct First(AnyDelayed);

impl Layer for First {
    fn lower(
        requests: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Ok(requests.iter().map(|request| request.0.clone().into()).collect())
    }
}

#[test]
fn tasks_that_no_answer_needs_are_culled() {
    let needed = task("needed").call((), |()| 1_u8);
    let others: Vec<_> = (0..4).map(|_| task("other").call((), |()| 1_u8)).collect();
    let below = others.iter().map(Delayed::erase).chain([needed.erase()]);
    let first = Delayed::<u8>::from_layer("first", First(needed.erase()), below);
    let explained = first.explain().expect("a sound request");
    let Explanation { described, requests, lowered, culled, tasks, .. } = explained;
    assert_eq!((described, requests, lowered, culled, tasks), (6, 1, 5, 1, 1));
    assert_eq!(figures(&explained), [1, 0, 1, 1, 1]);
    // Unless somebody asks for one of them.
    let explained = Executor::shared().explain((first, &others[1])).expect("a sound request");
    assert_eq!((explained.lowered, explained.culled, explained.tasks), (5, 2, 2));
}

#[test]
fn equal_pure_tasks_are_counted_once() {
    let pure = |key: u64| task("pure").pure(key).output_bytes(key).call((), move |()| key);
    let of = |key| task("of").pure(()).call([pure(key), pure(key)].as_slice(), |keys| keys.len());
    let all: Vec<_> = (0..12).map(|number| of(number % 3)).collect();
    let explained = Executor::shared().explain(&all).expect("no requests");
    assert_eq!((explained.described, explained.lowered, explained.culled), (36, 36, 36));
    let plan = Executor::shared().plan(&all).expect("no requests");
    assert_eq!(figures(&explained)[..4], counted(&plan, 3)[..4]);
    assert_eq!(figures(&explained)[..4], [6, 6, 3, 2]);
}

#[test]
fn it_prints_as_a_table() {
    let leaf = |part: u64| task("leaf").pure(part).output_bytes(10).call((), move |()| part);
    let explained = (leaf(1) + leaf(1) + leaf(2)).explain().expect("no requests");
    let expected = "\
collect            5 nodes, 0 of them requests
lower              0 requests -> 0; 5 tasks now
cull               5 tasks -> 5 tasks
deduplicate        5 tasks -> 4 tasks
fuse               4 tasks -> 4 chains
order              4 tasks, 4 dependencies, 2 leaves, 3 deep; in order at most 3 results are held (10 bytes)";
    assert_eq!(explained.to_string(), expected);
}

/// Tasks of every kind, some alike: array passes, pure ones, ordered ones.
fn program() -> (Vec<Delayed<f64>>, Delayed<u64>) {
    let x = ChunkedArray::from_fn([100, 7], [10, 7], |[i, j]| (i * j) as f64);
    let twin = task("twin").part("p").call((), |()| 1_u64);
    let other = task("twin").part("p").call((), |()| 1_u64).after(&twin);
    let sums = vec![x.sum(), x.max(), (&x * 2.0).sum(), x.mean() + x.std(0), x.sum()];
    (sums, twin + other + triangle(6))
}

fn ids(executor: &Executor) -> Vec<String> {
    let plan = executor.plan(program()).expect("sound requests");
    plan.tasks().map(|task| task.id().to_string()).collect()
}

#[test]
fn ids_name_one_task_each() {
    let mut seen = BTreeMap::new();
    for (index, id) in ids(&Executor::shared()).into_iter().enumerate() {
        let before = seen.insert(id.clone(), index);
        assert_eq!(before, None, "{id} names two tasks");
    }
    for named in executors() {
        assert_eq!(ids(&named.executor).len(), seen.len());
    }
}

/// Ids are of what a task is made of: others below it, or another part, and it is another.
#[test]
fn ids_tell_what_a_task_is_made_of() {
    let leaf = |part: &str| task("leaf").part(part).call((), |()| 1_u64);
    let id = |value: Delayed<u64>| {
        let plan = Executor::shared().plan(value).expect("no requests");
        plan.tasks().last().expect("a task").id().clone()
    };
    assert_eq!(id(leaf("a") + 1), id(leaf("a") + 2), "constants are no part of it");
    assert_ne!(id(leaf("a") + 1), id(leaf("b") + 1));
    assert_ne!(id(leaf("a") + leaf("b")), id(leaf("b") + leaf("a")));
    assert!(id(leaf("a")).to_string().starts_with("leaf-"));
}

/// In other processes, on other numbers of threads.
#[test]
fn ids_are_those_of_other_runs() {
    const TEST: &str = "planning::ids_are_those_of_other_runs";
    let here = ids(&Executor::shared()).join("\n");
    for threads in ["1", "3"] {
        let variables = [("LAZULI_NUM_THREADS", threads)];
        let there = in_another_run(TEST, &variables, || ids(&Executor::shared()).join("\n"));
        assert_eq!(there, here, "with {threads} threads");
    }
    for named in threaded() {
        assert_eq!(ids(&named.executor).join("\n"), here, "on {}", named.name);
    }
}
