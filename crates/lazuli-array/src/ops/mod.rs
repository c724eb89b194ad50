//! Elementwise operations: what makes an array of arrays and numbers.

mod arithmetic;
mod map;
mod unary;

pub use arithmetic::IntoOperand;
