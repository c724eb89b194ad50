//! Models of how threads wait, which loom runs in every order that two to four threads can meet in, up to a
//! number of preemptions.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p lazuli-core --lib --release models`

mod blocking;
mod latch;
mod places;
mod refused;
mod timer;

use std::time::Duration;

use loom::thread::{self, JoinHandle};

use super::pool::Pool;
use crate::base::sync::STACK;

/// As long as a model likes.
const NAP: Duration = Duration::from_secs(1);

/// Runs the model in every order with at most so many preemptions.
pub(crate) fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
    builder.check(model);
}

/// A thread of the model itself, with room to run tasks on.
pub(crate) fn spawn(body: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::Builder::new().stack_size(STACK).spawn(body).expect("a model grants threads")
}

/// Ends the pool when it is at rest, which it comes to by itself: else the model does not end.
pub(crate) fn come_to_rest(pool: Pool) {
    while !pool.scheduler().is_at_rest() {
        thread::yield_now();
    }
}
