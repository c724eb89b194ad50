//! Plain data and the smallest tools, which everything above may use: errors, values, lanes, tokens.
//!
//! Nothing here knows of a graph, a thread of the library or a run.

#[cfg(feature = "portable")]
pub(crate) mod by_serde;
pub(crate) mod cancel;
pub(crate) mod codec;
pub mod error;
pub(crate) mod failure;
pub(crate) mod lane;
pub(crate) mod pages;
mod panics;
pub(crate) mod portable;
pub(crate) mod retry;
pub(crate) mod scratch;
pub(crate) mod site;
pub(crate) mod sync;
pub(crate) mod value;
