//! What keeps the nodes of a plan alive: the graph that was planned, or the plan that it is a part of.

#[cfg(feature = "portable")]
use super::SharedPlan;
use super::borrowed::Owner;
use super::lower::Lowered;
#[cfg(feature = "portable")]
use crate::graph::AnyDelayed;

/// What keeps the nodes of a plan alive.
pub(super) enum Roots {
    /// The graph that was planned.
    Graph(Lowered),
    /// The plan that this is a part of, and the values given in it.
    #[cfg(feature = "portable")]
    Part { whole: SharedPlan, given: Vec<AnyDelayed> },
}

// SAFETY: a handle keeps its node alive at one address, and the node, which never changes, its inputs.
// The outputs and the answers of a graph, and what is given, are handles, and nothing is removed from any of
// them. The whole plan keeps its nodes by the same argument, and the count kept here keeps the plan.
#[allow(unsafe_code)]
unsafe impl Owner for Roots {}

impl Roots {
    pub(super) fn lowered(&self) -> &Lowered {
        match self {
            Self::Graph(lowered) => lowered,
            #[cfg(feature = "portable")]
            Self::Part { whole, .. } => whole.nodes.owner().lowered(),
        }
    }
}
