//! A node of the graph: its label, what it depends on, and what it does.
//!
//! One allocation holds it all: the closure and the handles of its inputs are inside the node, whose
//! type is erased by [`AnyDelayed`]. Nodes are immutable; only the planner's mark changes. Inputs always
//! exist before the node that takes them, so a graph has no cycles.

use std::any::Any;
use std::sync::atomic::{AtomicU32, AtomicU64};

use crate::base::error::Result;
use crate::base::failure::Failure;
use crate::base::value::{Shared, Value};
use crate::graph::layer::AnyLayer;
use crate::graph::{AnyDelayed, Label, TaskContext};
#[cfg(feature = "async")]
use crate::threads::asynchronous::TaskFuture;

pub(crate) struct Node<B: ?Sized = dyn Body> {
    pub(crate) label: Label,
    pub(crate) mark: Mark,
    pub(crate) body: B,
}

/// What the planner knows of a node.
pub(crate) struct Mark {
    /// The walk that met it last, and the number that this gave it; see `plan::walk`.
    pub(crate) walk: AtomicU64,
    pub(crate) index: AtomicU32,
    /// Whether a request is here or below: the planner need not look for any where there is none.
    pub(crate) layered: bool,
}

impl Mark {
    pub(super) fn new(layered: bool) -> Self {
        Self { walk: AtomicU64::new(0), index: AtomicU32::new(0), layered }
    }
}

/// What a node does.
pub(crate) trait Body: Send + Sync {
    fn role(&self) -> Role<'_>;
    /// Shows every input, in order. The number of an input among them is its edge.
    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed));
    /// How many parts a request is to be answered with, where that is not one value.
    fn parts(&self) -> Option<usize> {
        None
    }
    /// The task itself and what it comes after, when that is all that this adds to it.
    fn defer(&self) -> Option<(&AnyDelayed, &[AnyDelayed])> {
        None
    }
}

pub(crate) enum Role<'a> {
    /// Runs once in a compute.
    Task(&'a dyn Run),
    /// Holds its value already.
    Held(&'a Shared),
    /// Is replaced by what its layer is lowered to.
    Layer(&'a dyn AnyLayer),
    /// Is a task that waits for what another run brings.
    Awaited(&'a dyn Pending),
    /// Is one of many values that the task below it yields.
    Output(u32),
    /// Stands for many nodes: the parts of a collection.
    Parts(&'a [AnyDelayed]),
}

pub(crate) trait Run: Send + Sync {
    /// The value, or the error that the task's function returned.
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure>;

    /// Takes the inputs and begins an async task. Only for those on that lane.
    #[cfg(feature = "async")]
    fn begin(&self, context: &mut TaskContext<'_>) -> TaskFuture {
        let result = self.run(context);
        Box::pin(std::future::ready(result))
    }
}

/// What another run brings.
pub(crate) trait Pending: Send + Sync {
    /// What came of it, when it is over.
    fn outcome(&self) -> Option<Result<Value>>;
    /// Calls back when it is over: now, if it is. The callback must be quick.
    fn then(&self, callback: Box<dyn FnOnce() + Send>);
    /// The run that is to bring it, as those know it who run runs.
    fn run(&self) -> &(dyn Any + Send + Sync);
}

/// A node that holds its value from the start: `Delayed::value`, or a persisted result.
pub(crate) struct Held(pub(crate) Shared);

impl Body for Held {
    fn role(&self) -> Role<'_> {
        Role::Held(&self.0)
    }

    fn inputs<'a>(&'a self, _: &mut dyn FnMut(&'a AnyDelayed)) {}
}

impl Node {
    /// Its inputs, in order.
    pub(crate) fn inputs(&self) -> smallvec::SmallVec<[&AnyDelayed; 4]> {
        let mut inputs = smallvec::SmallVec::new();
        self.body.inputs(&mut |input| inputs.push(input));
        inputs
    }
}
