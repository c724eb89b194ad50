//! Sinks: where the elements of a computed array go.

mod memory;

pub(crate) use memory::{Claim, Gathering};
