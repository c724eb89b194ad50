//! Loops that compute a slice from others, element by element.
//!
//! [`map`](map()) and its kin take any function and compile it for every instruction set. Slices of one
//! call are equally long.

mod map;
mod powi;

pub use map::{map, zip_map, zip3_map};
pub use powi::powi;
