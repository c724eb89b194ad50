//! A graph as plain data, what a sequential program makes of it, and the same in delayed values.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use lazuli::core::Lane;
use lazuli::prelude::*;

use crate::support::{Gauge, Tracked};

/// Nodes in an order in which inputs come first, and which of them are asked for.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) outputs: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) does: Does,
    pub(super) inputs: Vec<usize>,
    pub(super) takes: Takes,
    pub(super) blocking: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Is a value that is there already.
    Hold,
    /// Mixes its inputs.
    Mix,
    /// Mixes its inputs by a compute of its own.
    Nest,
    Fail,
    Panic,
}

/// How a node receives its inputs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    References,
    Values,
    /// The first half by reference, the rest by value.
    Both,
}

#[derive(Debug, thiserror::Error)]
#[error("node {0} fails")]
pub(super) struct Fails(usize);

/// Depends on the node, and on its inputs and their order.
fn mix(node: usize, inputs: impl Iterator<Item = u64>) -> u64 {
    inputs.fold(node as u64, |mixed, input| {
        (mixed ^ input).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
    })
}

/// What a sequential program makes of a graph.
pub(super) struct Expected {
    /// The value of each node that is needed and does not fail, nor any below it.
    pub(super) values: Vec<Option<u64>>,
    /// The tasks that are needed: inputs first, each where the outputs first ask for it.
    pub(super) order: Vec<usize>,
    /// Those that fail, although nothing below them does, in the same order.
    pub(super) failures: Vec<usize>,
}

impl Expected {
    pub(super) fn of(graph: &Graph) -> Self {
        let nothing = vec![None; graph.nodes.len()];
        let mut expected = Self { values: nothing, order: Vec::new(), failures: Vec::new() };
        let mut met = vec![false; graph.nodes.len()];
        for &output in &graph.outputs {
            expected.need(graph, output, &mut met);
        }
        expected
    }

    fn need(&mut self, graph: &Graph, index: usize, met: &mut [bool]) {
        if std::mem::replace(&mut met[index], true) {
            return;
        }
        let node = &graph.nodes[index];
        for &input in &node.inputs {
            self.need(graph, input, met);
        }
        if node.does != Does::Hold {
            self.order.push(index);
        }
        let inputs: Option<Vec<u64>> =
            node.inputs.iter().map(|&input| self.values[input]).collect();
        if let Some(inputs) = inputs {
            match node.does {
                Does::Fail | Does::Panic => self.failures.push(index),
                _ => self.values[index] = Some(mix(index, inputs.into_iter())),
            }
        }
    }
}

/// The graph in delayed values.
pub(super) struct Built {
    pub(super) outputs: Vec<Delayed<Tracked<u64>>>,
    /// How often each node ran.
    pub(super) runs: Arc<[AtomicU32]>,
    pub(super) gauge: Gauge,
}

impl Built {
    pub(super) fn new(graph: &Graph) -> Self {
        let runs = graph.nodes.iter().map(|_| AtomicU32::new(0)).collect();
        let mut built = Self { outputs: Vec::new(), runs, gauge: Gauge::default() };
        let mut all = Vec::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let inputs = node.inputs.iter().map(|&input| Delayed::clone(&all[input])).collect();
            all.push(built.node(index, node, inputs));
        }
        built.outputs = graph.outputs.iter().map(|&output| all[output].clone()).collect();
        built
    }

    fn node(
        &self,
        index: usize,
        node: &Node,
        mut inputs: Vec<Delayed<Tracked<u64>>>,
    ) -> Delayed<Tracked<u64>> {
        let gauge = self.gauge.clone();
        if node.does == Does::Hold {
            return Delayed::value(gauge.track(mix(index, std::iter::empty())));
        }
        let (does, runs) = (node.does, Arc::clone(&self.runs));
        let run = move |inputs: &mut dyn Iterator<Item = u64>| {
            runs[index].fetch_add(1, SeqCst);
            let mixed = match does {
                Does::Nest => mix_by_compute(index, inputs.collect()),
                Does::Fail => return Err(Fails(index)),
                // Unwinds as a panic does, and keeps it from the test's output.
                Does::Panic => std::panic::resume_unwind(Box::new("on purpose")),
                Does::Hold | Does::Mix => mix(index, inputs),
            };
            Ok(gauge.track(mixed))
        };
        let lane = if node.blocking { Lane::Blocking } else { Lane::Cpu };
        let task = task("node").part(index.to_string()).lane(lane);
        match node.takes {
            Takes::References => task.try_call(&inputs, move |inputs| {
                run(&mut inputs.into_iter().map(|input| input.value))
            }),
            Takes::Values => task.try_call(inputs, move |inputs| {
                run(&mut inputs.into_iter().map(|input| input.value))
            }),
            Takes::Both => {
                let values = inputs.split_off(inputs.len() / 2);
                task.try_call((&inputs, values), move |(inputs, values)| {
                    let lent = inputs.into_iter().map(|input| input.value);
                    run(&mut lent.chain(values.iter().map(|input| input.value)))
                })
            }
        }
    }
}

/// As [`mix`], where each input is a task, on the executor of the task that calls it.
fn mix_by_compute(node: usize, inputs: Vec<u64>) -> u64 {
    let inputs = inputs.into_iter().map(|input| {
        let lane = if input % 16 == 0 { Lane::Blocking } else { Lane::Cpu };
        task("input").lane(lane).call((), move |()| input)
    });
    compute(sequence(inputs).map("mix", move |inputs| mix(node, inputs.iter().copied())))
        .expect("nothing in it fails")
}
