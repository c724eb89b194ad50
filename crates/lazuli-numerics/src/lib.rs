//! Twice the precision of an `f64`, for the statistics of arrays and of tables.
//!
//! [`two_sum`] and [`two_product`] say what rounding loses. [`TwoFloat`] is a number of two `f64`, and
//! [`RunningSum`] a sum that is added to often and made one only in the end.
//!
//! ```
//! use lazuli_numerics::{RunningSum, TwoFloat};
//!
//! assert_eq!(1e16 + 1.0 - 1e16, 0.0);
//! assert_eq!(TwoFloat::from(1e16).plus(1.0).plus(-1e16).value(), 1.0);
//! assert_eq!(RunningSum::of(&[1e16, 1.0, -1e16]).rounded().high, 1.0);
//! ```

mod exact;
mod running_sum;
mod two_float;

pub use exact::{two_product, two_sum};
pub use running_sum::RunningSum;
pub use two_float::{TwoFloat, scale};
