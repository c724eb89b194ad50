//! Statistics of order: quantiles, the greatest and least, and distinct elements.
//!
//! They work on the [images](crate::kernels::SortKey) of elements, integers in the same order. NaN is above every
//! number, and both zeros are one, as NumPy sorts.

mod quantile;
mod sketch;
mod topk;
mod unique;

pub use quantile::QuantileMethod;
pub use sketch::ApproxQuantiles;
pub use unique::Unique;
