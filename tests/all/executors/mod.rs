//! Executors: any graph, on any of them, is what a sequential program would have computed.

mod lanes;
mod nested;
mod outside;
