//! Results that do not fit the memory limit: what a run holds in memory, what it holds in its scratch file,
//! and what is left of that.

mod choices;
mod files;
mod random;
mod shuffle;
mod support;
