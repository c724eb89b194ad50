//! Mean, variance, standard deviation, skewness and kurtosis: one set of moments for all that are asked
//! of an array.
//!
//! Kernels and formulas: [`Moments`].

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Moments, MomentsOrder, Scalar};

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    pub(super) fn moments<T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        order: MomentsOrder,
        finish: impl Fn(&Moments) -> T + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        let finish = move |moments: &Moments| Ok(finish(moments));
        self.statistic(name, Moments::new(order), order as u8, finish, site)
    }

    /// The mean, as `f64`. NaN for an empty array, as NumPy.
    #[track_caller]
    pub fn mean(&self) -> Delayed<f64> {
        self.moments("mean", MomentsOrder::Mean, Moments::mean, Location::caller())
    }

    /// The variance: the mean square distance from the mean, its divisor lowered by `ddof` (0 for a
    /// population, 1 for a sample). NaN where the divisor is not above 0.
    #[track_caller]
    pub fn var(&self, ddof: u64) -> Delayed<f64> {
        let finish = move |moments: &Moments| moments.var(ddof);
        self.moments("var", MomentsOrder::Variance, finish, Location::caller())
    }

    /// The standard deviation: the square root of [`var`](Self::var).
    #[track_caller]
    pub fn std(&self, ddof: u64) -> Delayed<f64> {
        let finish = move |moments: &Moments| moments.std(ddof);
        self.moments("std", MomentsOrder::Variance, finish, Location::caller())
    }

    /// The skewness of the population, `m3 / m2^1.5`, as `scipy.stats.skew`. NaN where all elements
    /// are equal.
    #[track_caller]
    pub fn skewness(&self) -> Delayed<f64> {
        self.moments("skewness", MomentsOrder::Skewness, Moments::skewness, Location::caller())
    }

    /// The excess kurtosis of the population, `m4 / m2^2 - 3`, as `scipy.stats.kurtosis`. NaN where
    /// all elements are equal.
    #[track_caller]
    pub fn kurtosis(&self) -> Delayed<f64> {
        self.moments("kurtosis", MomentsOrder::Kurtosis, Moments::kurtosis, Location::caller())
    }

    /// The central moment of this order, the mean power of the distance from the mean, for orders up to 4;
    /// an order beyond is an error. NaN for an empty array.
    #[track_caller]
    pub fn moment(&self, order: u8) -> Delayed<f64> {
        let site = Location::caller();
        let kept = match order {
            0 | 1 => MomentsOrder::Mean,
            2 => MomentsOrder::Variance,
            3 => MomentsOrder::Skewness,
            _ => MomentsOrder::Kurtosis,
        };
        let finish = move |moments: &Moments| {
            moments.central_moment(order).ok_or(ArrayError::UnknownMoment(order))
        };
        self.statistic("moment", Moments::new(kept), kept as u8, finish, site)
    }
}
