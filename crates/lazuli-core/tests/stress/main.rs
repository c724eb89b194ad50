//! The core under stress: random graphs against a sequential oracle, cancelled and broken at every
//! step, nested in every way, and runs that end each other, on one, two and four threads.
//!
//! Everything random comes from a seed. `LAZULI_DAGS` says how many graphs (20,000 unless set) and
//! `LAZULI_SEED` from which seed on; a failure names the seed of its graph. What takes more than twenty
//! seconds is a hang, which ends the process and says where it was.
//!
//! A million: `LAZULI_DAGS=1000000 cargo test --release -p lazuli-core --features async --test stress random`

mod breaks;
mod build;
mod ends;
mod fair;
mod graph;
mod nested;
mod oracle;
mod random;
mod support;
mod watch;
