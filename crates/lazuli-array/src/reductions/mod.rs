//! Statistics of whole arrays. Each is a `Delayed`; all that are computed together and share data are
//! one pass over it.

mod accumulator;
mod custom;
mod extrema;
mod materialize;
mod moments;
mod nan;
mod position;
mod product;
mod query;
mod stats;
mod store;
mod sum;
mod truth;

pub use stats::{Number, Stats};
