//! The numeric kernels: loops over plain slices, and the states they feed.
//!
//! A kernel knows no graph, no chunk and no `ndarray`. It is handed a *tile* (a slice, normally at
//! most [`TILE`] elements, so that it is still in cache when the next kernel reads it; any length
//! is right) and either writes another slice ([`elementwise`]) or updates a mergeable state
//! ([`Moments`], [`FloatSum`], [`IntSum`], [`Extrema`], [`Counts`]). One task feeds the tiles of
//! its block to its states in order; the states of several blocks then meet by `merge`. With the
//! feature `serde` they can do so in another process.
//!
//! Invariant: a result depends on the values and on the way they were split into tiles and states,
//! and on nothing else. Lanes, their number and the order in which they meet are fixed, and no
//! multiplication is fused with an addition, so baseline, AVX2, AVX-512 and NEON code give the
//! same bits.

mod count;
mod dispatch;
pub mod elementwise;
mod extrema;
mod lanes;
mod moments;
#[cfg(test)]
mod oracle;
mod scalar;
#[cfg(all(test, feature = "serde"))]
mod serialized;
mod sum;
mod two_float;

pub use count::Counts;
pub use extrema::Extrema;
pub use lanes::TILE;
pub use moments::{Moments, MomentsOrder};
pub use scalar::{Float, Scalar};
pub use sum::{FloatSum, IntSum, SumState};
