#![doc = include_str!("WAITING.md")]

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
pub(crate) mod blocking;
pub(crate) mod latch;
#[cfg(loom)]
mod modelled;
#[cfg(all(loom, test))]
pub(crate) mod models;
pub(crate) mod off_pool;
pub mod pool;
pub(crate) mod scheduler;
pub(crate) mod scope;
mod slice;
pub(crate) mod timer;
pub(crate) mod waiting;
mod worker;

use slice::SLICE;
pub(crate) use slice::Slice;
