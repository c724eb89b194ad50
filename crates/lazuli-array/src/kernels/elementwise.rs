//! Loops that compute a slice from one or two others, element by element.
//!
//! [`map`](map()) and its kin take any function and compile it for every instruction set.
//! [`BinaryOp`] and [`UnaryOp`] are arithmetic named by a value, as an expression tree holds it;
//! each picks its loop once for a whole tile. Slices of one call are equally long.

mod binary;
mod map;
mod powi;
mod unary;

pub use binary::BinaryOp;
pub use map::{map, map_in_place, zip_in_place, zip_map};
pub use unary::{UnaryOp, sqrt, sqrt_in_place};
