//! The graph: nodes, the handles that hold them, and what a node's body sees when it runs.
//!
//! It is what describing yields and what planning reads. Nothing here runs a node.

pub(crate) mod context;
pub(crate) mod fingerprint;
mod handle;
mod label;
pub mod layer;
pub(crate) mod node;
mod output;
mod parted;
mod pointer;

pub use context::TaskContext;
pub use handle::Delayed;
pub(crate) use label::Label;
pub(crate) use node::{Body, Held, Node, Role, Run};
pub(crate) use output::Output;
pub use parted::Parted;
pub use pointer::AnyDelayed;
