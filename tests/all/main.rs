//! The integration tests: one binary, a module for each property.
//!
//! What the kernels and parsers compute is tested beside them; here is what holds of the whole, on
//! every executor and number of threads.

mod arrays;
mod asynchronous;
mod background;
mod cancel;
mod delayed;
mod errors;
#[expect(unreachable_pub, reason = "an example is a program: what it shows is public there")]
mod examples;
mod executors;
mod explain;
mod frames;
mod lines;
mod memory;
mod observer;
mod order;
mod ordering;
mod support;
mod wrong_use;
