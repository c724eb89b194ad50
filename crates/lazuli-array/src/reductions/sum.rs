//! The sum.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Reduction};
use ndarray::Dimension;

use super::ask::Statistic;
use crate::array::ChunkedArray;
use crate::kernels::{Scalar, SumState};
use crate::lower::request;

/// The type of the sum of elements of type `A`.
pub(super) type Total<A> = <<A as Scalar>::Sum as SumState<A>>::Total;

pub(super) struct Sum;

impl<A: Scalar> Reduction<[A]> for Sum {
    type State = A::Sum;
    type Output = Total<A>;

    fn identity(&self) -> A::Sum {
        A::Sum::default()
    }

    fn update(&self, state: &mut A::Sum, tile: &[A]) {
        state.update(tile);
    }

    fn combine(&self, state: &mut A::Sum, following: A::Sum) {
        state.merge(&following);
    }

    fn finish(&self, state: A::Sum) -> Total<A> {
        state.total()
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The sum: of floats in `f64` and beyond, so that its error does not grow with the length; of
    /// integers exactly, as `i128`. Zero for an empty array.
    #[track_caller]
    #[must_use]
    pub fn sum(&self) -> Delayed<Total<A>> {
        let ask = Statistic {
            name: "sum",
            reduction: Arc::new(Sum),
            need: 0,
            finish: |total: &Total<A>| Ok(*total),
            element: PhantomData::<fn() -> A>,
        };
        request("sum", &self.expr, &self.grid, ask, Location::caller())
    }
}
