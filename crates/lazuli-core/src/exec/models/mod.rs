//! Models of runs and of who waits for them, which loom runs in every order that two to four threads can meet
//! in, up to a number of preemptions.

mod computes;
mod promise;
mod state;
mod waits;
