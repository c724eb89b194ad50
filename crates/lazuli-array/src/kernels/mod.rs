//! The numeric kernels: loops over plain slices, and the states they feed.
//!
//! A kernel knows no graph, no chunk and no `ndarray`. It is handed a *tile* (a slice, or [`Rows`],
//! normally at most [`TILE`] elements, so that it is still in cache when the next kernel reads it;
//! any length is right) and either writes another slice ([`elementwise`]) or updates a mergeable state
//! ([`Moments`], [`FloatSum`], [`IntSum`], [`Extrema`], [`Counts`]). One task feeds the tiles of
//! its block to its states in order; the states of several blocks then meet by `merge`. With the
//! feature `serde` they can do so in another process.
//!
//! Invariant: a result depends on the values and on the way they were split into tiles and states,
//! and on nothing else. Lanes, their number and the order in which they meet are fixed, and no
//! multiplication is fused with an addition, so baseline, AVX2, AVX-512 and NEON code give the
//! same bits. (Products of matrices of floats are those of another crate, and may differ between processors.)

mod cast;
mod comoments;
mod count;
mod dispatch;
pub mod elementwise;
mod extrema;
mod field;
mod float;
mod householder;
mod jacobi;
mod lanes;
mod matrix;
mod moments;
#[cfg(test)]
mod oracle;
mod order;
mod position;
mod product;
mod rows;
mod scalar;
#[cfg(all(test, feature = "serde"))]
mod serialized;
mod sum;
mod words;

pub use cast::CastFrom;
pub use comoments::CoMoments;
pub(crate) use comoments::{add_products_of_rows, correlation};
pub use count::Counts;
pub(crate) use dispatch::prefetch;
pub use extrema::Extrema;
pub use field::{ExtremaField, Field, FloatSumField, IntSumField, MomentsField, Place};
pub use float::{Float, FloatFunction, FloatFunction2};
pub use householder::TallQr;
pub use jacobi::SmallSvd;
pub use lanes::TILE;
pub use matrix::LinalgScalar;
pub(crate) use matrix::add_product;
pub use moments::{Moments, MomentsOrder};
pub use order::SortKey;
pub use position::FirstExtreme;
pub use product::{FloatProduct, IntProduct, ProductState};
pub use rows::Rows;
pub use scalar::{Scalar, Widen};
pub use sum::{FloatSum, IntSum, SumState};
pub use words::Words;
pub(crate) use words::words;
