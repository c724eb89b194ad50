//! Random graphs against a sequential program: values, runs, failures, and what is left behind.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

use lazuli::{Error, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::graph::{Built, Does, Expected, Graph, Node, Takes};
use crate::support::{Named, comes_true, executors};

fn node() -> impl Strategy<Value = (Node, Vec<Index>)> {
    let does = prop_oneof![
        90 => Just(Does::Mix),
        10 => Just(Does::Hold),
        5 => Just(Does::Nest),
        2 => Just(Does::Fail),
        2 => Just(Does::Panic),
    ];
    let takes = prop_oneof![Just(Takes::References), Just(Takes::Values), Just(Takes::Both)];
    (does, takes, proptest::bool::weighted(0.05), vec(any::<Index>(), 0..5)).prop_map(
        |(does, takes, blocking, inputs)| {
            (Node { does, takes, blocking, inputs: Vec::new() }, inputs)
        },
    )
}

/// Up to 64 nodes with up to 4 inputs, most of them near, and up to 5 outputs.
fn graph() -> impl Strategy<Value = Graph> {
    (vec(node(), 1..=64), vec(any::<Index>(), 1..=5)).prop_map(|(nodes, outputs)| {
        let outputs = outputs.iter().map(|output| output.index(nodes.len())).collect();
        let wire = |(index, (node, inputs)): (usize, (Node, Vec<Index>))| {
            let has_inputs = index > 0 && node.does != Does::Hold;
            let inputs = inputs.iter().filter(|_| has_inputs).enumerate();
            let inputs = inputs.map(|(place, input)| match place {
                0 => input.index(index),
                _ => index - 1 - input.index(index.min(6)),
            });
            Node { inputs: inputs.collect(), ..node }
        };
        Graph { nodes: nodes.into_iter().enumerate().map(wire).collect(), outputs }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_graph_is_what_a_sequential_program_computes(graph in graph()) {
        let expected = Expected::of(&graph);
        let built = Built::new(&graph);
        let held = built.gauge.live();
        for Named { name, executor } in executors() {
            let answer = executor.compute(&built.outputs);
            let runs: Vec<u32> = built.runs.iter().map(|runs| runs.swap(0, SeqCst)).collect();
            match answer {
                Ok(values) => {
                    let values: Vec<_> = values.iter().map(|value| Some(value.value)).collect();
                    let outputs = graph.outputs.iter().map(|&output| expected.values[output]);
                    prop_assert_eq!(values, outputs.collect::<Vec<_>>(), "on {}", name);
                    check_runs_of_success(&expected, &runs)?;
                }
                Err(error) => check_failure(&graph, &expected, &runs, &error, *name == "sync")?,
            }
            // A thread that came too late for a run lets go of it a moment later.
            prop_assert!(comes_true(|| built.gauge.live() == held), "values are held on {}", name);
        }
        let gauge = built.gauge.clone();
        drop(built);
        prop_assert!(comes_true(|| gauge.live() == 0), "values are held by nobody");
    }
}

/// What is needed ran once, and nothing else did.
fn check_runs_of_success(expected: &Expected, runs: &[u32]) -> Result<(), TestCaseError> {
    let needed: BTreeSet<_> = expected.order.iter().copied().collect();
    for (node, &runs) in runs.iter().enumerate() {
        prop_assert_eq!(runs, u32::from(needed.contains(&node)), "runs of node {}", node);
    }
    prop_assert!(expected.failures.is_empty(), "a failure was lost");
    Ok(())
}

/// One of the nodes that can fail is told, and nothing ran that could not, or twice.
fn check_failure(
    graph: &Graph,
    expected: &Expected,
    runs: &[u32],
    error: &Error,
    in_plan_order: bool,
) -> Result<(), TestCaseError> {
    let told: usize = error.part().and_then(|part| part.parse().ok()).expect("a node's number");
    prop_assert!(expected.failures.contains(&told), "{}", error);
    let kind =
        if graph.nodes[told].does == Does::Panic { ErrorKind::Panic } else { ErrorKind::Task };
    prop_assert_eq!(error.kind(), kind);

    let may_run: BTreeSet<_> = expected
        .order
        .iter()
        .copied()
        .filter(|node| expected.values[*node].is_some() || expected.failures.contains(node))
        .collect();
    for (node, &runs) in runs.iter().enumerate() {
        prop_assert!(
            runs <= u32::from(may_run.contains(&node)),
            "node {} ran {} times",
            node,
            runs
        );
    }
    let failed = expected.failures.iter().filter(|&&node| runs[node] == 1);
    prop_assert_eq!(failed.clone().next(), Some(&told), "the first in plan order is told");
    prop_assert_eq!(failed.count(), error.others() + 1);

    if in_plan_order {
        let mut ran = expected.order.iter().map(|&node| runs[node]);
        let until_failure = ran.by_ref().take_while(|&runs| runs == 1).count();
        prop_assert_eq!(expected.order.get(until_failure - 1), Some(&told));
        prop_assert!(ran.all(|runs| runs == 0), "a task ran after the failure");
    }
    Ok(())
}
