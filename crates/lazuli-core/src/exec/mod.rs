//! Executing: a compute from its outputs to its answer, on threads or on the calling one.
//!
//! `job` is one compute: it makes the plan, has it run, and takes the answer. `threaded` drives a run on
//! a rayon pool and the lanes beside it, `sync` on the calling thread, in plan order. Both run one task
//! by `run::step::TaskRunner`, so values and errors are the same. `promise` is what a run in the
//! background brings, `current` what computes inside a task run on.

pub(crate) mod current;
pub(crate) mod job;
#[cfg(all(loom, test))]
mod models;
pub(crate) mod promise;
pub(crate) mod settings;
mod sync;
mod threaded;
