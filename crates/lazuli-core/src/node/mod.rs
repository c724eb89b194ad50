//! A node of the graph: its label, what it depends on, and what it does.
//!
//! One allocation holds it all: the closure and the handles of its inputs are inside the node, whose
//! type is erased by [`AnyDelayed`]. Nodes are immutable; only the planner's mark changes. Inputs always
//! exist before the node that takes them, so a graph has no cycles.

mod fingerprint;
mod label;
mod pointer;

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

pub(crate) use label::Label;
pub use pointer::AnyDelayed;

use crate::error::Error;
use crate::executor::TaskContext;
use crate::layer::AnyLayer;
use crate::promise::Awaited;
use crate::value::{Value, wrong_type};

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
    fn new(layered: bool) -> Self {
        Self { walk: AtomicU64::new(0), index: AtomicU32::new(0), layered }
    }
}

/// What a node does.
pub(crate) trait Body: Send + Sync {
    fn role(&self) -> Role<'_>;
    /// Shows every input, in order. The number of an input among them is its edge.
    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed));
    /// The task itself and what it comes after, when that is all that this adds to it.
    fn put_off(&self) -> Option<(&AnyDelayed, &[AnyDelayed])> {
        None
    }
    /// Takes the value out that it holds.
    fn take_held(&mut self) -> Option<Value> {
        None
    }
}

pub(crate) enum Role<'a> {
    /// Runs once in a compute.
    Task(&'a dyn Run),
    /// Holds its value already.
    Held(&'a Value),
    /// Is replaced by what its layer is lowered to.
    Layer(&'a dyn AnyLayer),
    /// Is a task that waits for what another run brings.
    Awaited(&'a Awaited),
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

/// What is left of an async task when it has taken its inputs.
#[cfg(feature = "async")]
pub(crate) type TaskFuture =
    std::pin::Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'static>>;

/// Why a task did not yield a value.
pub(crate) enum Failure {
    /// Its function returned an error.
    Returned(Arc<dyn std::error::Error + Send + Sync>),
    /// Its function panicked.
    Panicked(Box<dyn Any + Send>),
    /// A compute inside it failed: that error already says which task and where.
    Nested(Error),
}

/// A node that holds its value from the start: `Delayed::value`, or a persisted result.
pub(crate) struct Held(pub(crate) Value);

impl Body for Held {
    fn role(&self) -> Role<'_> {
        Role::Held(&self.0)
    }

    fn inputs<'a>(&'a self, _: &mut dyn FnMut(&'a AnyDelayed)) {}

    fn take_held(&mut self) -> Option<Value> {
        Some(std::mem::replace(&mut self.0, Value::new(())))
    }
}

impl AnyDelayed {
    /// The value, when the node holds it already.
    pub(crate) fn held(&self) -> Option<&Value> {
        match self.node().body.role() {
            Role::Held(value) => Some(value),
            Role::Task(_) | Role::Layer(_) | Role::Awaited(_) => None,
        }
    }

    /// The value of a node that holds one: moved out by its last handle, else cloned.
    pub(crate) fn take_held<T: 'static>(mut self, clone: impl FnOnce(&T) -> T) -> T {
        if let Some(value) = self.only_node().and_then(|node| node.body.take_held()) {
            return value.into_inner(clone);
        }
        self.held().map_or_else(|| wrong_type::<T>(), |value| clone(value.get()))
    }
}

impl Node {
    /// Its inputs, in order.
    pub(crate) fn inputs(&self) -> smallvec::SmallVec<[&AnyDelayed; 4]> {
        let mut inputs = smallvec::SmallVec::new();
        self.body.inputs(&mut |input| inputs.push(input));
        inputs
    }
}
