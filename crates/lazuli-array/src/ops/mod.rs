//! Elementwise operations: what makes an array of arrays and numbers.

mod arithmetic;
mod bits;
pub(crate) mod broadcast;
mod cast;
mod compare;
mod complex;
mod elementwise;
mod function;
mod map;
mod math;
mod operand;
mod pace;
mod scalar;
mod select;

pub(crate) use complex::times as complex_product;
pub(crate) use function::pair_at;
pub use operand::{IntoOperand, Operand};
