//! The nodes of a plan: borrowed from the graph, which the plan keeps alive by owning its outputs.
//!
//! A plan names each node once more than the graph does. Counting those references would cost a
//! planned task two atomic operations; the owner's handles hold all that is below them anyway.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use crate::graph::Node;

/// Nodes, and who owns them.
pub(super) struct BorrowedNodes<R> {
    nodes: Vec<NonNull<Node>>,
    owner: R,
}

// SAFETY: the nodes are reached by shared reference only, and `Node` is `Send + Sync`.
unsafe impl<R: Send> Send for BorrowedNodes<R> {}
// SAFETY: as above.
unsafe impl<R: Sync> Sync for BorrowedNodes<R> {}

/// What keeps nodes alive: as long as it lives, unchanged, so do the nodes below it.
///
/// # Safety
/// Nodes that a shared reference to it leads to live, at the same address, until it is dropped, also
/// when it is moved.
pub(super) unsafe trait Owner {}

impl<R: Owner> BorrowedNodes<R> {
    /// Picks nodes that the owner keeps, and whatever else `pick` makes of them.
    pub(super) fn pick<T>(
        owner: R,
        pick: impl for<'r> FnOnce(&'r R) -> (Vec<&'r Node>, T),
    ) -> (Self, T) {
        let (nodes, rest) = pick(&owner);
        let nodes = nodes.into_iter().map(NonNull::from).collect();
        (Self { nodes, owner }, rest)
    }

    pub(super) fn get(&self, index: usize) -> &Node {
        // SAFETY: `pick` was given references that it can only have got from the owner (its lifetime is
        // any), the owner lives as long as `self` and nobody can change it, and so live the nodes.
        unsafe { self.nodes[index].as_ref() }
    }

    pub(super) fn owner(&self) -> &R {
        &self.owner
    }
}
