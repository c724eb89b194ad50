//! Plans that leave the process: copies of this program rebuild the same graph from a name and parameters, and
//! a driver has them run its pieces and moves bytes between them, by the public interface of the core alone.
//!
//! A copy is this binary again ([`copy`]); [`driver`] places nodes on copies; [`graphs`] knows the graphs by
//! name. [`together`] is about many processes, [`alone`] about one that cuts, runs and refuses.

mod alone;
mod copy;
mod driver;
mod graphs;
mod moments;
mod together;
mod words;
