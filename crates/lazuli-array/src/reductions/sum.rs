//! The sum.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::Sum;
use super::query::Statistic;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Scalar, SumState, Widen};

/// The type of the sum of elements of type `A`.
pub(super) type Total<A> = <<A as Scalar>::Sum as SumState<A>>::Total;

pub(super) fn sum<A: Scalar>() -> Statistic<A, Sum<A>, Total<A>> {
    Statistic::new("sum", (Sum(A::Sum::default()), 0), |sum: &Sum<A>| Ok(sum.0.total()))
}

/// The sum as an element of an array.
pub(super) fn wide_sum<A: Scalar>() -> Statistic<A, Sum<A>, A::Wide> {
    Statistic::new("sum", (Sum(A::Sum::default()), 0), |sum: &Sum<A>| {
        A::Wide::widen(sum.0.total()).ok_or(ArrayError::Overflow("sum"))
    })
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The sum: of floats in `f64` and beyond, so that its error does not grow with the length; of
    /// integers exactly, as `i128`. Zero for an empty array.
    #[track_caller]
    pub fn sum(&self) -> Delayed<Total<A>> {
        self.of_all(sum(), Location::caller())
    }
}
