//! The integration tests: one binary, a module for each property.
//!
//! What the kernels and parsers compute is tested beside them; here is what holds of the whole, on
//! every executor and number of threads.

mod arrays;
mod asynchronous;
mod awaiting;
mod background;
mod bytes;
mod cancel;
mod delayed;
mod edges;
mod errors;
#[expect(unreachable_pub, reason = "an example is a program: what it shows is public there")]
mod examples;
mod executors;
mod explain;
mod frames;
mod handles;
mod lines;
mod memory;
mod nested_async;
mod observer;
mod order;
mod ordering;
mod pictures;
mod planning;
mod pure;
mod retry;
mod sequencing;
mod spans;
mod stopping;
mod support;
mod wrong_use;
