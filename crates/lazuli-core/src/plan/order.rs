//! The order of a plan's tasks, found from how they hang together.
//!
//! A result is *held* from its task until the last task that takes it has run; outputs are held to the
//! end. A good order holds few at once. Which outputs the caller lists first has no say in it, except
//! between tasks that nothing else tells apart.
//!
//! Where every task has one dependent (`forest`), the best order is known: of the inputs of a task, the
//! one below which most is held comes first. Most graphs are such, or nearly, and the walk that collected
//! the tasks has mostly found that order already.
//!
//! Elsewhere the best order is too costly to find (the problem is NP-hard), so a few good ones are made
//! (`greedy`, over the graph as `graph` numbers it) and the one that holds least is taken (`held`).
//!
//! All of this takes time proportional to tasks and edges, up to the logarithm that sorting costs.

mod forest;
mod graph;
mod greedy;
mod held;

use super::{Shape, TaskId};
use graph::Graph;

/// The tasks in a better order, inputs before dependents; none if they stand in a good one.
pub(super) fn order(shape: &Shape) -> Option<Vec<TaskId>> {
    if shape.is_forest() {
        return forest::order(shape);
    }
    let graph = Graph::new(shape);
    let plain = (0..graph.len() as u32).collect();
    let found = greedy::STYLES.iter().map(|style| greedy::order(&graph, style));
    let least = found.chain([plain]).min_by_key(|order| held::cost(&graph, order))?;
    Some(least.into_iter().map(|task| graph.original(task)).collect())
}
