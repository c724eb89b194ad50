//! Executing: a compute from its outputs to its answer, on threads or on the calling one.
//!
//! `job` is one compute: it makes the plan, has it run, and takes the answer. `threaded` drives a run on
//! a pool and the lanes beside it, `sync` on the calling thread, in plan order. Both run one task by
//! `run::step::TaskRunner`, so values and errors are the same. `control` is what others may hold of a run,
//! `promise` what a run in the background brings, `scope` what computes inside a task belong to, and `waits`
//! keeps runs from waiting for themselves.

pub(crate) mod control;
pub(crate) mod ended;
pub(crate) mod job;
#[cfg(all(loom, test))]
mod models;
pub(crate) mod promise;
pub(crate) mod scope;
pub(crate) mod settings;
mod sync;
mod threaded;
mod waits;
