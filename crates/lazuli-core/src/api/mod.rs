//! What a program calls to have something run: executors, computes, and computes under way.

pub(crate) mod compute;
pub(crate) mod computing;
#[cfg(feature = "portable")]
pub(crate) mod cut;
mod delayed;
pub(crate) mod executor;
#[cfg(feature = "portable")]
pub(crate) mod packet;
pub(crate) mod running;
