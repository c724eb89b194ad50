//! Approximate statistics: a state of bounded size, whatever the number of rows, and a bounded error.

mod distinct;
mod quantile;

pub(crate) use distinct::Distinct;
pub(crate) use quantile::Quantile;
