//! What an order holds, by which orders are compared.

use super::graph::Graph;

/// What counts of an order: how much it holds at most, then how long it holds it.
///
/// An output weighs as much as any other result if the caller wants its value, and nothing if it is there
/// for what its task does (a file written). Nobody says which, so both are counted and added.
pub(super) fn cost(graph: &Graph, order: &[u32]) -> (u64, u64) {
    let mut uses: Vec<u32> =
        (0..graph.len()).map(|task| graph.users(task as u32).len() as u32).collect();
    let (mut inner, mut outputs) = (0_u64, 0_u64);
    let (mut most, mut most_inner, mut sum) = (0, 0, 0);
    for &task in order {
        most = most.max(inner + outputs + 1);
        most_inner = most_inner.max(inner + 1);
        if graph.is_output(task) {
            outputs += 1
        } else {
            inner += 1
        }
        for &input in graph.inputs(task) {
            let left = &mut uses[input as usize];
            *left -= 1;
            inner -= u64::from(*left == 0 && !graph.is_output(input));
        }
        sum += inner;
    }
    (most + most_inner, sum)
}
