//! Minimum and maximum.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Extrema, Scalar};

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    fn extreme(
        &self,
        name: &'static str,
        pick: fn(&Extrema<A>) -> Option<A>,
        site: &'static Location<'static>,
    ) -> Delayed<A> {
        let finish = move |extrema: &Extrema<A>| pick(extrema).ok_or(ArrayError::Empty(name));
        self.statistic(name, Extrema::new(), 0, finish, site)
    }

    /// The least element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn min(&self) -> Delayed<A> {
        self.extreme("min", Extrema::min, Location::caller())
    }

    /// The greatest element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn max(&self) -> Delayed<A> {
        self.extreme("max", Extrema::max, Location::caller())
    }

    /// The greatest element less the least; NaN where any element is. Integers wrap, as in NumPy. An empty
    /// array is an error.
    #[track_caller]
    pub fn ptp(&self) -> Delayed<A> {
        let range = |extrema: &Extrema<A>| Some(extrema.max()?.minus(extrema.min()?));
        self.extreme("ptp", range, Location::caller())
    }
}
