//! Describing work: tasks, what is wired into them, and how handles are combined. Nothing runs.

pub mod collection;
pub(crate) mod combine;
mod methods;
pub(crate) mod numbers;
mod operators;
pub(crate) mod order;
pub mod task;
