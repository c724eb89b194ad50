//! What a program calls to have something run: executors, computes, and computes under way.

pub(crate) mod completed;
pub(crate) mod compute;
pub(crate) mod computing;
mod delayed;
pub(crate) mod executor;
mod install;
pub(crate) mod moved;
pub(crate) mod profile;
pub(crate) mod running;
