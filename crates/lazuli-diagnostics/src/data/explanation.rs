//! The counts of a plan.

use lazuli_core::plan::Explanation;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ExplanationData {
    described: usize,
    requests: usize,
    lowered: usize,
    culled: usize,
    tasks: usize,
    chains: usize,
    edges: usize,
    leaves: usize,
    depth: usize,
    peak_results: usize,
    peak_bytes: u64,
    least_bytes: u64,
}

impl From<&Explanation> for ExplanationData {
    fn from(explanation: &Explanation) -> Self {
        Self {
            described: explanation.described,
            requests: explanation.requests,
            lowered: explanation.lowered,
            culled: explanation.culled,
            tasks: explanation.tasks,
            chains: explanation.chains,
            edges: explanation.edges,
            leaves: explanation.leaves,
            depth: explanation.depth,
            peak_results: explanation.peak_results,
            peak_bytes: explanation.peak_bytes,
            least_bytes: explanation.least_bytes,
        }
    }
}
