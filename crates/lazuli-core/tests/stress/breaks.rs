//! Graphs that are cancelled at every step, and in which every node panics in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lazuli_core::{CancelToken, ErrorKind, Event, Executor, Observer};

use crate::build::{Build, failing_node};
use crate::graph::{Does, Graph, Trouble};
use crate::oracle::Expected;
use crate::random::check_usable;
use crate::support::{comes_true, executors, setting};
use crate::watch::watch;

fn graphs() -> impl Iterator<Item = (u64, Graph)> {
    let first = setting("LAZULI_SEED", 1);
    let count = setting("LAZULI_DAGS", 1_000).min(1_000);
    (first..first + count).map(|seed| {
        let mut graph = Graph::random(seed, Trouble::None);
        graph.persisted.clear();
        graph.started.clear();
        (seed, graph)
    })
}

fn executor_of(seed: u64) -> &'static Executor {
    &executors()[(seed % executors().len() as u64) as usize]
}

/// Cancels when a number of tasks have started.
struct CancelAt {
    step: usize,
    started: AtomicUsize,
    token: CancelToken,
}

impl Observer for CancelAt {
    fn event(&self, event: &Event<'_>) {
        if let Event::Started(_) = event
            && self.started.fetch_add(1, SeqCst) + 1 == self.step
        {
            self.token.cancel();
        }
    }
}

#[test]
fn graphs_may_be_cancelled_at_every_step() {
    for (seed, graph) in graphs() {
        let expected = Expected::of(&graph);
        let executor = executor_of(seed);
        for step in 0..=expected.computes[2].order.len() {
            cancel_at(step, &graph, &expected, executor, seed);
        }
    }
}

fn cancel_at(step: usize, graph: &Graph, expected: &Expected, executor: &Executor, seed: u64) {
    let watch = watch("graph", seed);
    watch.does("is cancelled");
    let build = Build::new(graph, expected);
    let traces = build.traces.clone();
    let built = build.finish(executor).expect("nothing is persisted");
    let token = CancelToken::new();
    if step == 0 {
        token.cancel();
    }
    let cancel = Arc::new(CancelAt { step, started: AtomicUsize::new(0), token: token.clone() });
    let watched = executor.clone().with_cancel(&token).with_observer(cancel.clone());
    match watched.compute(&built.outputs) {
        Ok(values) => {
            for (value, &output) in values.iter().zip(&graph.outputs) {
                assert_eq!(Some(value.value), expected.values[output], "graph {seed}");
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Cancelled, "graph {seed}, step {step}: {error}");
        }
    }
    traces.sealed.store(true, SeqCst);
    // On one thread, nothing starts after the cancelling task.
    if std::ptr::eq(executor, &executors()[0]) && step > 0 {
        let tries = cancel.started.load(SeqCst);
        assert!(tries <= step, "graph {seed}: {tries} tasks started, {step} before the end");
    }
    drop(built);
    check_usable(executor);
    assert!(
        comes_true(|| traces.live.load(SeqCst) == 0),
        "graph {seed}, step {step}: values are held"
    );
    assert!(!traces.violated.load(SeqCst), "graph {seed}, step {step}: a task ran afterwards");
}

#[test]
fn every_node_may_panic() {
    for (seed, mut graph) in graphs() {
        // Each node is a task of its own, so that each can be broken alone.
        graph.nodes.iter_mut().for_each(|node| node.pure = None);
        for node in Expected::of(&graph).computes[2].order.clone() {
            let before = (graph.nodes[node].does, graph.nodes[node].retry);
            (graph.nodes[node].does, graph.nodes[node].retry) = (Does::Panic, None);
            panic_in(node, &graph, executor_of(seed), seed);
            (graph.nodes[node].does, graph.nodes[node].retry) = before;
        }
    }
}

fn panic_in(node: usize, graph: &Graph, executor: &Executor, seed: u64) {
    let watch = watch("graph", seed);
    watch.does("panics in a node");
    let expected = Expected::of(graph);
    let build = Build::new(graph, &expected);
    let traces = build.traces.clone();
    let built = build.finish(executor).expect("nothing is persisted");
    let error = executor.compute(&built.outputs).err().expect("a node panics");
    assert_eq!(failing_node(&error), node, "graph {seed}: {error}");
    assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("node")));
    let site = error.site().expect("the site is known");
    assert!(site.file().ends_with("build.rs"), "{site}");
    assert!(error.to_string().contains("on purpose"), "{error}");
    traces.sealed.store(true, SeqCst);
    drop(built);
    check_usable(executor);
    assert!(
        comes_true(|| traces.live.load(SeqCst) == 0),
        "graph {seed}, node {node}: values are held"
    );
    assert!(!traces.violated.load(SeqCst), "graph {seed}, node {node}: a task ran afterwards");
}
