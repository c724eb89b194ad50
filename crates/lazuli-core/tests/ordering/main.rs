//! The order of a plan: how many results are held at once when its tasks run one after another.
//!
//! A result is held from its task until the last task that takes it has run, an output to the end. The
//! same is counted without outputs, as many weigh nothing (a file was written).

mod exact;
mod families;
mod graph;
mod known;
mod large;
mod limits;
