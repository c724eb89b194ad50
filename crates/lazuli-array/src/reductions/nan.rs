//! Statistics of the elements that are not NaN.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position, Sum};
use super::sum::Total;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Extrema, Float, Moments, MomentsOrder, Rows, SumState};

/// An accumulator that is shown the elements that are not NaN.
#[derive(Clone, Default)]
struct WithoutNan<S> {
    of: S,
    /// How many elements there are, NaNs included.
    count: u64,
}

impl<A: Float + Default, S: Accumulator<A>> Accumulator<A> for WithoutNan<S> {
    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>) {
        self.count += tile.len() as u64;
        if tile.elements().any(|value| value.is_nan()) {
            let kept: Vec<A> = tile.elements().filter(|value| !value.is_nan()).collect();
            if !kept.is_empty() {
                self.of.update(Rows::one(&kept), position);
            }
        } else {
            self.of.update(tile, position);
        }
    }

    fn merge(&mut self, following: &Self) {
        self.count += following.count;
        self.of.merge(&following.of);
    }
}

impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
    fn without_nan<S: Accumulator<A>, T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        (of, need): (S, u8),
        finish: impl Fn(&WithoutNan<S>) -> Result<T, ArrayError> + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        self.statistic(name, WithoutNan { of, count: 0 }, need, finish, site)
    }

    fn nan_moments(
        &self,
        name: &'static str,
        order: MomentsOrder,
        finish: impl Fn(&Moments) -> f64 + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<f64> {
        let start = (Moments::new(order), order as u8);
        self.without_nan(name, start, move |state| Ok(finish(&state.of)), site)
    }

    fn nan_extreme(
        &self,
        name: &'static str,
        pick: fn(&Extrema<A>) -> Option<A>,
        site: &'static Location<'static>,
    ) -> Delayed<A> {
        let finish = move |state: &WithoutNan<Extrema<A>>| {
            // Nothing but NaN has NaN for its extremes; nothing at all has none.
            let all_nan = if state.count > 0 { A::NAN } else { None };
            pick(&state.of).or(all_nan).ok_or(ArrayError::Empty(name))
        };
        self.without_nan(name, (Extrema::new(), 0), finish, site)
    }

    /// The sum of the elements that are not NaN. Zero where there are none.
    #[track_caller]
    pub fn nansum(&self) -> Delayed<Total<A>> {
        let start = (Sum::<A>(A::Sum::default()), 0);
        let finish = |state: &WithoutNan<Sum<A>>| Ok(state.of.0.total());
        self.without_nan("nansum", start, finish, Location::caller())
    }

    /// The mean of the elements that are not NaN. NaN where there are none.
    #[track_caller]
    pub fn nanmean(&self) -> Delayed<f64> {
        self.nan_moments("nanmean", MomentsOrder::Mean, Moments::mean, Location::caller())
    }

    /// The [variance](Self::var) of the elements that are not NaN.
    #[track_caller]
    pub fn nanvar(&self, ddof: u64) -> Delayed<f64> {
        let finish = move |moments: &Moments| moments.var(ddof);
        self.nan_moments("nanvar", MomentsOrder::Variance, finish, Location::caller())
    }

    /// The [standard deviation](Self::std) of the elements that are not NaN.
    #[track_caller]
    pub fn nanstd(&self, ddof: u64) -> Delayed<f64> {
        let finish = move |moments: &Moments| moments.std(ddof);
        self.nan_moments("nanstd", MomentsOrder::Variance, finish, Location::caller())
    }

    /// The least element that is not NaN; NaN where all are. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn nanmin(&self) -> Delayed<A> {
        self.nan_extreme("nanmin", Extrema::min, Location::caller())
    }

    /// The greatest element that is not NaN; NaN where all are. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn nanmax(&self) -> Delayed<A> {
        self.nan_extreme("nanmax", Extrema::max, Location::caller())
    }
}
