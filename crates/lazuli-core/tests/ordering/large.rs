//! Graphs of a million tasks or edges: planning takes time in proportion, so these end soon.

use crate::graph::{Graph, held_by};

#[track_caller]
fn holds(graph: &Graph, all: usize) {
    assert_eq!(held_by(&graph.plan(&graph.ends())).all, all);
}

#[test]
fn chains() {
    let mut graph = Graph::default();
    let load = graph.load();
    graph.chain(load, 1_000_000);
    holds(&graph, 2);
    // The load of each step is its first input, and yet none is made before its time.
    let mut graph = Graph::default();
    let load = graph.load();
    (0..500_000).fold(load, |below, _| {
        let load = graph.load();
        graph.task([load, below])
    });
    holds(&graph, 3);
}

#[test]
fn a_million_dependents_and_a_million_dependencies() {
    const MANY: usize = 1_000_000;
    let mut graph = Graph::default();
    let hub = graph.load();
    let all: Vec<_> = (0..MANY).map(|_| graph.task([hub])).collect();
    holds(&graph, MANY + 1);
    graph.task(all);
    holds(&graph, MANY + 1);
}

#[test]
fn a_load_for_all_and_one_for_each() {
    let mut graph = Graph::default();
    let hub = graph.load();
    for _ in 0..300_000 {
        let own = graph.load();
        let both = graph.task([own, hub]);
        graph.task([both, hub]);
    }
    holds(&graph, 300_002);
}

#[test]
fn ten_thousand_outputs() {
    let mut graph = Graph::default();
    let mut before = graph.load();
    for _ in 0..10_000 {
        let own = graph.load();
        before = graph.task([own, before]);
        graph.chain(before, 10);
    }
    assert!(held_by(&graph.plan(&graph.ends())).inner <= 4);
}

#[test]
fn dense_layers() {
    let mut graph = Graph::default();
    let loads: Vec<_> = (0..1_000).map(|_| graph.load()).collect();
    for _ in 0..1_000 {
        graph.task(loads.iter().copied());
    }
    holds(&graph, 2_000);
}
