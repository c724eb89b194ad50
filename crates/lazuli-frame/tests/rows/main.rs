//! Frames against polars on the same rows in one table: on every executor, with the same bits on each.

mod aggregates;
mod bad_cells;
mod behaviours;
mod errors;
mod files;
mod joins;
mod memory;
mod order;
mod parts;
mod real;
mod sources;
mod sql;
mod steps;
mod support;
