#![doc = include_str!("WAITING.md")]

#[cfg(feature = "async")]
pub(crate) mod asynchronous;
pub(crate) mod blocking;
pub(crate) mod latch;
pub(crate) mod off_pool;
mod places;
pub mod pool;
pub(crate) mod scheduler;
pub(crate) mod scope;
mod slice;
pub(crate) mod timer;
pub(crate) mod waiting;

use slice::SLICE;
pub(crate) use slice::Slice;
