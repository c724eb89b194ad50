//! What a plain sequential program makes of a graph.

use std::collections::HashMap;

use crate::graph::{Does, Graph};

/// Depends on the node, and on its inputs and their order.
pub(crate) fn mix(tag: u64, inputs: impl Iterator<Item = u64>) -> u64 {
    inputs.fold(tag, |mixed, input| {
        (mixed ^ input).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
    })
}

/// What tells the node's values from others: pure nodes of one key are one function.
pub(crate) fn tag(graph: &Graph, node: usize) -> u64 {
    graph.nodes[node].pure.map_or(1000 + node as u64, u64::from)
}

/// The answer of a sequential program.
pub(crate) struct Expected {
    /// The value of each node, where it and all below it do not fail.
    pub(crate) values: Vec<Option<u64>>,
    /// Which nodes are one task: the first of them.
    pub(crate) class: Vec<usize>,
    /// What each compute needs: to persist, to start, and the last.
    pub(crate) computes: [Needed; 3],
}

/// The tasks that a compute needs.
#[derive(Default)]
pub(crate) struct Needed {
    /// Tasks of this compute, inputs first.
    pub(crate) order: Vec<usize>,
    /// Those that fail although nothing below them does.
    pub(crate) failures: Vec<usize>,
}

impl Expected {
    pub(crate) fn of(graph: &Graph) -> Self {
        let kept: Vec<bool> = (0..graph.nodes.len())
            .map(|node| graph.persisted.contains(&node) || graph.started.contains(&node))
            .collect();
        let mut class: Vec<usize> = Vec::new();
        let mut known: HashMap<(u8, Vec<usize>), usize> = HashMap::new();
        let mut values: Vec<Option<u64>> = Vec::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let inputs: Vec<usize> = node.inputs.iter().map(|&input| class[input]).collect();
            class.push(match node.pure {
                Some(key) if !kept[index] => *known.entry((key, inputs)).or_insert(index),
                _ => index,
            });
            let below: Option<Vec<u64>> = node.inputs.iter().map(|&input| values[input]).collect();
            let ordered = node.after.iter().all(|&first| values[first].is_some());
            let value = below.filter(|_| ordered && !node.fails());
            values.push(value.map(|inputs| mix(tag(graph, index), inputs.into_iter())));
        }
        let mut expected = Self { values, class, computes: Default::default() };
        // What was persisted or started is no task of a later compute.
        let nothing = vec![false; graph.nodes.len()];
        let persisted: Vec<bool> =
            (0..graph.nodes.len()).map(|node| graph.persisted.contains(&node)).collect();
        expected.computes = [
            expected.needed(graph, &graph.persisted, &nothing),
            expected.needed(graph, &graph.started, &persisted),
            expected.needed(graph, &graph.outputs, &kept),
        ];
        expected
    }

    fn needed(&self, graph: &Graph, outputs: &[usize], there: &[bool]) -> Needed {
        let mut needed = Needed::default();
        let mut met = there.to_vec();
        for &output in outputs {
            self.need(graph, output, &mut met, &mut needed);
        }
        needed
    }

    fn need(&self, graph: &Graph, index: usize, met: &mut [bool], needed: &mut Needed) {
        if std::mem::replace(&mut met[index], true) {
            return;
        }
        let node = &graph.nodes[index];
        for &input in node.inputs.iter().chain(&node.after) {
            self.need(graph, input, met, needed);
        }
        let class = self.class[index];
        if node.does == Does::Hold || needed.order.contains(&class) {
            return;
        }
        needed.order.push(class);
        let below = node.inputs.iter().chain(&node.after);
        if node.fails() && below.into_iter().all(|&input| self.values[input].is_some()) {
            needed.failures.push(class);
        }
    }
}
