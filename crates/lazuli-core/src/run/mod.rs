//! One run of a plan: its state machine, its tasks from token to value, and what is told of it.
//!
//! It knows no threads: the executors of the next level drive it.

pub(crate) mod active;
pub(crate) mod admission;
pub(crate) mod environment;
pub(crate) mod gate;
pub mod observer;
pub(crate) mod observers;
pub(crate) mod progress;
pub(crate) mod spill;
pub(crate) mod state;
pub(crate) mod step;
