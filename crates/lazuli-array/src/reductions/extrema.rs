//! Minimum and maximum.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Reduction};
use ndarray::Dimension;

use super::ask::Statistic;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Extrema, Scalar};
use crate::lower::request;

pub(super) struct BothEnds;

impl<A: Scalar> Reduction<[A]> for BothEnds {
    type State = Extrema<A>;
    type Output = Extrema<A>;

    fn identity(&self) -> Extrema<A> {
        Extrema::new()
    }

    fn update(&self, state: &mut Extrema<A>, tile: &[A]) {
        state.update(tile);
    }

    fn combine(&self, state: &mut Extrema<A>, following: Extrema<A>) {
        state.merge(&following);
    }

    fn finish(&self, state: Extrema<A>) -> Extrema<A> {
        state
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    fn extreme(
        &self,
        name: &'static str,
        pick: fn(&Extrema<A>) -> Option<A>,
        site: &'static Location<'static>,
    ) -> Delayed<A> {
        let ask = Statistic {
            name,
            reduction: Arc::new(BothEnds),
            need: 0,
            finish: move |extrema: &Extrema<A>| pick(extrema).ok_or(ArrayError::Empty(name)),
            element: PhantomData::<fn() -> A>,
        };
        request(name, &self.expr, &self.grid, ask, site)
    }

    /// The least element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    #[must_use]
    pub fn min(&self) -> Delayed<A> {
        self.extreme("min", Extrema::min, Location::caller())
    }

    /// The greatest element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    #[must_use]
    pub fn max(&self) -> Delayed<A> {
        self.extreme("max", Extrema::max, Location::caller())
    }
}
