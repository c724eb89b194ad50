//! Delayed values: what a graph computes, and how often it runs what.

mod combine;
mod debug;
mod forms;
mod nested;
mod operators;
mod sharing;
