//! The sum.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::Sum;
use crate::array::ChunkedArray;
use crate::kernels::{Scalar, SumState};

/// The type of the sum of elements of type `A`.
pub(super) type Total<A> = <<A as Scalar>::Sum as SumState<A>>::Total;

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The sum: of floats in `f64` and beyond, so that its error does not grow with the length; of
    /// integers exactly, as `i128`. Zero for an empty array.
    #[track_caller]
    pub fn sum(&self) -> Delayed<Total<A>> {
        let start = Sum::<A>(A::Sum::default());
        self.statistic("sum", start, 0, |sum| Ok(sum.0.total()), Location::caller())
    }
}
