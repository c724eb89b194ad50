//! What a program calls to have something run: executors, computes, and computes under way.

pub(crate) mod compute;
pub(crate) mod computing;
mod delayed;
pub(crate) mod executor;
pub(crate) mod running;
