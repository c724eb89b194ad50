//! Arrays whose blocks are computed before they are used, against unchunked `ndarray`: the same numbers, with
//! the same bits on any number of threads and whatever else is asked.

mod axes;
mod blocks;
mod passes;
mod support;
mod wiring;
