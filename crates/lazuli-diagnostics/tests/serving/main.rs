//! The dashboard as a server: who is answered, and what a crowd does to a compute.

mod crowd;
mod guard;
mod support;
