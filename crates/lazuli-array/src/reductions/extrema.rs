//! Minimum and maximum.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::query::Statistic;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Extrema, Scalar};

fn extreme<A: Scalar>(
    name: &'static str,
    pick: fn(&Extrema<A>) -> Option<A>,
) -> Statistic<A, Extrema<A>, A> {
    let finish = move |extrema: &Extrema<A>| pick(extrema).ok_or(ArrayError::Empty(name));
    Statistic::new(name, (Extrema::new(), 0), finish)
}

pub(super) fn min<A: Scalar>() -> Statistic<A, Extrema<A>, A> {
    extreme("min", Extrema::min)
}

pub(super) fn max<A: Scalar>() -> Statistic<A, Extrema<A>, A> {
    extreme("max", Extrema::max)
}

/// The least element, where nothing has NaN for its extremes if there is one.
pub(super) fn min_or_nan<A: Scalar>() -> Statistic<A, Extrema<A>, A> {
    extreme("min", |extrema| extrema.min().or(A::NAN))
}

/// As [`min_or_nan`].
pub(super) fn max_or_nan<A: Scalar>() -> Statistic<A, Extrema<A>, A> {
    extreme("max", |extrema| extrema.max().or(A::NAN))
}

/// The least element and the greatest as `f64`; None of no elements.
pub(super) fn range<A: Scalar>() -> Statistic<A, Extrema<A>, Option<(f64, f64)>> {
    let ends = |extrema: &Extrema<A>| {
        Ok(extrema.min().zip(extrema.max()).map(|(min, max)| (min.to_f64(), max.to_f64())))
    };
    Statistic::new("range", (Extrema::new(), 0), ends)
}

pub(super) fn ptp<A: Scalar>() -> Statistic<A, Extrema<A>, A> {
    extreme("ptp", |extrema| Some(extrema.max()?.minus(extrema.min()?)))
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The least element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn min(&self) -> Delayed<A> {
        self.of_all(min(), Location::caller())
    }

    /// The greatest element; NaN where any element is. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn max(&self) -> Delayed<A> {
        self.of_all(max(), Location::caller())
    }

    /// The greatest element less the least; NaN where any element is. Integers wrap, as in NumPy. An empty
    /// array is an error.
    #[track_caller]
    pub fn ptp(&self) -> Delayed<A> {
        self.of_all(ptp(), Location::caller())
    }
}
