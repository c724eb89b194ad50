//! Statistics of whole arrays. Each is a `Delayed`; all that are computed together and share data are
//! one pass over it.

mod ask;
mod custom;
mod extrema;
mod materialize;
mod moments;
mod stats;
mod sum;
mod tally;

pub use stats::{Number, Stats};
