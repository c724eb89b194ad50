//! A node of the graph: its inputs, its label, and what it does.
//!
//! One allocation holds it all: `Arc<Node<F>>`, with the closure inside, is coerced to
//! `Arc<Node<dyn Body>>`. Nodes are immutable; only the planner's mark changes. Inputs always exist
//! before the node that takes them, so a graph has no cycles.

use std::any::Any;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use smallvec::SmallVec;

use crate::error::Error;
use crate::executor::TaskContext;
use crate::lanes::Lane;
use crate::layer::AnyLayer;
use crate::value::Value;

/// A delayed value whose type is known only to the one who made it.
///
/// Collections pass these between [`Layer`](crate::Layer) and plan; see
/// [`Delayed::erase`](crate::Delayed::erase).
#[derive(Clone)]
pub struct AnyDelayed(pub(crate) Arc<Node>);

pub(crate) type NodeRef = Arc<Node>;
pub(crate) type InputList = SmallVec<[AnyDelayed; 2]>;

pub(crate) struct Node<B: ?Sized = dyn Body> {
    pub(crate) inputs: InputList,
    /// Whether a request is here or below: the planner need not look for any where there is none.
    pub(crate) layered: bool,
    pub(crate) label: Label,
    pub(crate) mark: Mark,
    pub(crate) body: B,
}

/// Who a task is: for messages, plans, events and pictures.
pub(crate) struct Label {
    pub(crate) name: &'static str,
    /// The block, file or partition that the task works on.
    pub(crate) part: Option<Box<str>>,
    pub(crate) site: &'static Location<'static>,
    pub(crate) lane: Lane,
}

/// Where the planner that visits the graph now has put this node; see `plan::visit`.
#[derive(Default)]
pub(crate) struct Mark {
    pub(crate) plan: AtomicU64,
    pub(crate) index: AtomicU32,
}

/// What a node does.
pub(crate) trait Body: Send + Sync {
    fn role(&self) -> Role<'_>;
}

pub(crate) enum Role<'a> {
    /// Runs once in a compute.
    Task(&'a dyn Run),
    /// Holds its value already.
    Held(&'a Value),
    /// Is replaced by what its layer is lowered to.
    Layer(&'a dyn AnyLayer),
}

pub(crate) trait Run: Send + Sync {
    /// The value, or the error that the task's function returned.
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure>;
}

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
}

impl AnyDelayed {
    pub(crate) fn new<B: Body + 'static>(inputs: InputList, label: Label, body: B) -> Self {
        let layered =
            matches!(body.role(), Role::Layer(_)) || inputs.iter().any(|input| input.0.layered);
        Self(Arc::new(Node { inputs, layered, label, mark: Mark::default(), body }))
    }
}

impl fmt::Debug for AnyDelayed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.fingerprint();
        write!(formatter, "Delayed({}-{:08x})", self.0.label.name, id as u32)
    }
}

impl Node {
    /// A hash of what the node is: its name, its part and the same of everything below it.
    /// The same in every run of the same program. O(nodes below).
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut done: std::collections::HashMap<*const (), u64> = Default::default();
        let mut stack: Vec<(&Node, bool)> = vec![(self, false)];
        while let Some((node, inputs_done)) = stack.pop() {
            let key = std::ptr::from_ref(node).cast::<()>();
            if done.contains_key(&key) {
                continue;
            }
            if !inputs_done {
                stack.push((node, true));
                stack.extend(node.inputs.iter().map(|input| (&*input.0, false)));
                continue;
            }
            let mut hash = Fnv::default();
            hash.bytes(node.label.name.as_bytes());
            hash.bytes(node.label.part.as_deref().unwrap_or_default().as_bytes());
            for input in &node.inputs {
                let below = done[&Arc::as_ptr(&input.0).cast::<()>()];
                hash.bytes(&below.to_le_bytes());
            }
            done.insert(key, hash.0);
        }
        done[&std::ptr::from_ref(self).cast::<()>()]
    }
}

/// FNV-1a, 64 bits: small, and the same on every machine, which the standard hasher does not promise.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl<B: ?Sized> Drop for Node<B> {
    /// Drops what is below in a loop: a chain of a million nodes would overflow the stack if each
    /// node dropped the next.
    fn drop(&mut self) {
        let mut orphans = std::mem::take(&mut self.inputs);
        while let Some(mut orphan) = orphans.pop() {
            if let Some(node) = Arc::get_mut(&mut orphan.0) {
                orphans.append(&mut node.inputs);
            }
        }
    }
}
