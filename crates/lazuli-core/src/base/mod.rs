//! Plain data and the smallest tools, which everything above may use: errors, values, lanes, tokens.
//!
//! Nothing here knows of a graph, a thread of the library or a run.

pub(crate) mod cancel;
pub mod error;
pub(crate) mod failure;
pub(crate) mod lane;
pub(crate) mod pages;
pub(crate) mod retry;
pub(crate) mod site;
pub(crate) mod sync;
pub(crate) mod value;
