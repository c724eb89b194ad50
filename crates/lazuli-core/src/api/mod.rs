//! What a program calls to have something run: executors, computes, and computes under way.

pub(crate) mod completed;
pub(crate) mod compute;
pub(crate) mod computing;
#[cfg(feature = "portable")]
pub(crate) mod cut;
mod delayed;
pub(crate) mod executor;
mod install;
pub(crate) mod methods;
pub(crate) mod moved;
#[cfg(feature = "portable")]
pub(crate) mod packet;
pub(crate) mod profile;
pub(crate) mod running;
