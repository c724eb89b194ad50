//! The handle of a node: a reference count, an erased type, and a drop that does not recurse.
//!
//! A node owns the handles of its inputs, so dropping the last handle of a chain of a million nodes
//! would drop node within node. Only the first levels do: a handle that dies deeper is put aside, and
//! the outermost drop takes care of it. This holds wherever handles are kept, also inside closures.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use triomphe::Arc;
use unsize::{CoerceUnsize, Coercion};

use super::node::Mark;
use super::{Body, Label, Node};

/// How deep nodes are dropped within nodes on one stack.
const DEEPEST: u32 = 64;

thread_local! {
    /// How many nodes are being dropped on this stack.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Nodes that wait for the outermost drop.
    static PUT_ASIDE: RefCell<Vec<Arc<Node>>> = const { RefCell::new(Vec::new()) };
}

/// A delayed value whose type is known only to the one who made it.
///
/// Collections pass these between [`Layer`](crate::Layer) and plan; see
/// [`Delayed::erase`](crate::Delayed::erase).
#[derive(Clone)]
pub struct AnyDelayed(ManuallyDrop<Arc<Node>>);

impl AnyDelayed {
    pub(crate) fn new<B: Body + 'static>(label: Label, body: B) -> Self {
        let mut layered = matches!(body.role(), super::Role::Layer(_) | super::Role::Parts(_));
        body.inputs(&mut |input| layered |= input.node().mark.layered);
        let node = Arc::new(Node { label, mark: Mark::new(layered), body });
        // SAFETY: the coercion is the compiler's own, from a sized node to one whose tail is `dyn`.
        let coercion: Coercion<Node<B>, Node, _> = unsafe {
            Coercion::new({
                fn coerce<'node, B: Body + 'node>(
                    node: *const Node<B>,
                ) -> *const Node<dyn Body + 'node> {
                    node
                }
                coerce
            })
        };
        Self(ManuallyDrop::new(node.unsize(coercion)))
    }

    pub(crate) fn node(&self) -> &Node {
        &self.0
    }

    /// By what nodes are told from each other while they live.
    pub(crate) fn address(&self) -> *const () {
        std::ptr::from_ref(self.node()).cast()
    }
}

impl Drop for AnyDelayed {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the handle is being dropped, and its field is not used again.
        let node = unsafe { ManuallyDrop::take(&mut self.0) };
        if node.is_unique() {
            drop_last(node);
        }
        // Else another handle is left; should that one die just now, this drop goes one level deeper
        // than it had to.
    }
}

/// Drops a node and what only it kept.
fn drop_last(node: Arc<Node>) {
    struct Level;
    impl Drop for Level {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    let depth = DEPTH.get();
    if depth == DEEPEST {
        let mut node = Some(node);
        if PUT_ASIDE.try_with(|aside| aside.borrow_mut().extend(node.take())).is_err() {
            // The thread is ending, and its list is gone: a new one has both a list and a stack.
            let _ = std::thread::Builder::new().spawn(move || node.into_iter().for_each(drop_last));
        }
        return;
    }
    DEPTH.set(depth + 1);
    let level = Level;
    drop(node);
    while depth == 0
        && let Ok(Some(node)) = PUT_ASIDE.try_with(|aside| aside.borrow_mut().pop())
    {
        drop(node);
    }
    drop(level);
}
