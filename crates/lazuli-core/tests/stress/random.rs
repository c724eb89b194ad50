//! Random graphs are computed as a sequential program would, whatever is in them.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use lazuli_core::{Executor, Result};

use crate::build::{Build, Traces, Unfinished, failing_node, planned};
use crate::graph::{Graph, Trouble};
use crate::oracle::Expected;
use crate::support::{Tracked, comes_true, executors, setting};
use crate::watch::{how_to_run_again, watch};

#[test]
fn random_graphs_agree_with_a_sequential_oracle() {
    let count = setting("LAZULI_DAGS", 20_000);
    let first = setting("LAZULI_SEED", 1);
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        // Several at once, so that computes meet on the pools.
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, SeqCst);
                    if seed >= first.saturating_add(count) {
                        break;
                    }
                    let again = Again(seed);
                    check(seed);
                    std::mem::forget(again);
                }
            });
        }
    });
}

/// Says how to run the graph again that fails.
struct Again(u64);

impl Drop for Again {
    fn drop(&mut self) {
        let seed = self.0;
        eprintln!("graph {seed} fails: {}", how_to_run_again(seed));
    }
}

fn check(seed: u64) {
    let watch = watch("graph", seed);
    let graph = Graph::random(seed, Trouble::Any);
    let expected = Expected::of(&graph);
    let executor = &executors()[(seed % executors().len() as u64) as usize];
    let is_sync = std::ptr::eq(executor, &executors()[0]);
    let build = Build::new(&graph, &expected);
    let traces = build.traces.clone();

    watch.does("persists and starts");
    let persists = &expected.computes[0];
    match build.finish(executor) {
        Err(Unfinished { error, order }) => {
            let node = failing_node(&error);
            assert!(persists.failures.contains(&node), "{node} does not fail: {error}");
            let first = first_of(&order, &persists.failures);
            assert!(!is_sync || first == Some(node), "not the first to fail: {error}");
        }
        Ok(built) => {
            assert!(persists.failures.is_empty(), "persisted in spite of {:?}", persists.failures);
            watch.does("computes its outputs");
            let answer = executor.compute(&built.outputs);
            let order = is_sync.then(|| planned(executor, &built.outputs));
            check_answer(&graph, &expected, answer, order.as_deref());
            if let Some(running) = built.running {
                watch.does("waits for what it has started");
                let started = &expected.computes[1];
                match running.wait() {
                    Ok(values) => check_values(&expected, &graph.started, &values),
                    Err(error) => assert!(started.failures.contains(&failing_node(&error))),
                }
            }
            check_calls(&graph, &expected, &traces);
        }
    }
    // Computes that are over have ended all that their tasks have started.
    traces.sealed.store(true, SeqCst);
    watch.does("drops its values");
    assert!(!traces.violated.load(SeqCst), "a task ran before what it comes after");
    assert!(
        comes_true(|| traces.live.load(SeqCst) == 0),
        "{} values are held",
        traces.live.load(SeqCst)
    );
}

/// The first of these in the order of the plan.
fn first_of(order: &[usize], nodes: &[usize]) -> Option<usize> {
    order.iter().copied().find(|node| nodes.contains(node))
}

/// The order of the plan says which task fails first, where they run one after another.
fn check_answer(
    graph: &Graph,
    expected: &Expected,
    answer: Result<Vec<Tracked>>,
    order: Option<&[usize]>,
) {
    let [_, started, last] = &expected.computes;
    match answer {
        Ok(values) => check_values(expected, &graph.outputs, &values),
        Err(error) => {
            let node = failing_node(&error);
            let possible = last.failures.iter().chain(&started.failures);
            assert!(
                possible.clone().any(|&failing| failing == node),
                "{node} does not fail: {error}"
            );
            // An error that a handle hands on counts the others of the run that it comes from, too.
            let most = last.failures.len() + graph.started.len() + started.failures.len();
            assert!(error.others() < most.max(1), "{} others: {error}", error.others());
            if let Some(order) = order
                && graph.started.is_empty()
            {
                let first = first_of(order, &last.failures);
                assert_eq!((Some(node), error.others()), (first, 0), "not the first to fail");
            }
        }
    }
}

fn check_values(expected: &Expected, outputs: &[usize], values: &[Tracked]) {
    let values: Vec<_> = values.iter().map(|value| Some(value.value)).collect();
    let right: Vec<_> = outputs.iter().map(|&output| expected.values[output]).collect();
    assert_eq!(values, right);
}

/// Each task ran once, or as often as it may; none did whose inputs were not there.
fn check_calls(graph: &Graph, expected: &Expected, traces: &Traces) {
    let all_well = expected.computes.iter().all(|needed| needed.failures.is_empty());
    for (index, node) in graph.nodes.iter().enumerate() {
        if expected.class[index] != index {
            continue;
        }
        let computes =
            expected.computes.iter().filter(|needed| needed.order.contains(&index)).count();
        let most = computes as u32 * node.calls();
        let calls = traces.calls[index].load(SeqCst);
        assert!(calls <= most, "node {index} was called {calls} times, not {most}");
        assert!(!all_well || calls == most, "node {index} was called {calls} times, not {most}");
        let mut below = node.inputs.iter().chain(&node.after);
        let has_inputs = below.all(|&input| expected.values[input].is_some());
        assert!(has_inputs || calls == 0, "node {index} ran without its inputs");
    }
}

/// The executor is as good as new.
pub(crate) fn check_usable(executor: &Executor) {
    let six = lazuli_core::Delayed::value(6_i64);
    assert_eq!(executor.compute(&six * 7).expect("nothing fails"), 42);
}
