//! Where the rows of a frame come from: a folder for each kind of file.
//!
//! A source knows its files, their schema, and how to bring the rows of a projection in batches. Nothing here
//! knows of graphs, partitions or threads: every function reads one file on the calling thread.

pub mod csv;
