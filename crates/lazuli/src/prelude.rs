//! What most programs use: `use lazuli::prelude::*;`.

pub use lazuli_core::{
    Collection, Delayed, Executor, Reduction, compute, delayed, product, sequence, sum, task,
    tree_reduce,
};
