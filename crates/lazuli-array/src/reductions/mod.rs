//! Statistics of arrays: of the whole array, each a `Delayed`; and along some axes, each an array. All that are
//! computed together and share data are one pass over it.

mod accumulator;
mod along;
mod average;
mod complex;
mod covariance;
mod custom;
mod extrema;
mod given;
mod grouped;
mod histogram;
mod materialize;
mod moments;
mod nan;
mod order;
mod pairs;
mod portable;
mod position;
mod product;
mod query;
mod stats;
mod store;
mod sum;
mod truth;

pub use along::{Along, IntoAxes};
pub(crate) use grouped::Codes;
pub use grouped::{GroupBy, Labels};
pub use histogram::{Bins, Histogram, Histogram2d};
pub use order::{ApproxQuantiles, QuantileMethod, Unique};
pub use stats::{Number, Stats};
