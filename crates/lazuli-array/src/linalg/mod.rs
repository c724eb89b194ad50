//! Linear algebra by block: products of arrays, and QR and singular values of tall matrices.
//!
//! Each is a [stage](crate::stage). The tasks work on one block or a pair of blocks each, and what they make meets in
//! an order that the chunks decide, so the bits do not depend on threads.

mod contract;
mod products;
mod singular;
mod tall;

pub use products::DotDimension;
pub use singular::Svd;
