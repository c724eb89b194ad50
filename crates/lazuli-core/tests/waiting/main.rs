//! Programs that wait for computes from every side: each ends, with the right answer or an error, runs no
//! more tasks at once than it asked for, and leaves nothing behind.
//!
//! Every test is a scenario in a process of its own ([`support::process`]), which is ended and counts as a
//! hang after twenty seconds. So a deadlock fails its own test and no other, and prints what the
//! threads of the process were doing. No assertion is about time: what must happen *is waited for*, and a
//! scenario whose expectation never comes true says which.
//!
//! The scenarios use the public interface of the core alone.

mod cycles;
mod given_up;
mod left_behind;
mod nesting;
mod no_threads;
mod planning;
mod queues;
mod rayon_inside;
mod retries;
mod stopping;
mod support;
mod thread_exit;
mod threads;
mod wakers;
