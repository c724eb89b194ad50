//! Linear algebra by block, and shapes: against plain loops and unchunked `ndarray`, on every executor.

mod delayed;
mod margins;
mod products;
mod reshaped;
mod support;
mod tall;
