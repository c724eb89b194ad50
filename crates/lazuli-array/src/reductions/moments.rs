//! Mean, variance, standard deviation, skewness and kurtosis: one set of moments for all that are asked
//! of an array.
//!
//! Kernels and formulas: [`Moments`].

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::query::Statistic;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Moments, MomentsOrder, Scalar};

/// Moments that have seen nothing, and how much is asked of them.
pub(super) fn moments(order: MomentsOrder) -> (Moments, u8) {
    (Moments::new(order), order as u8)
}

pub(super) fn mean<A>() -> Statistic<A, Moments, f64> {
    Statistic::new("mean", moments(MomentsOrder::Mean), |moments: &Moments| Ok(moments.mean()))
}

pub(super) fn var<A>(ddof: u64) -> Statistic<A, Moments, f64> {
    let finish = move |moments: &Moments| Ok(moments.var(ddof));
    Statistic::new("var", moments(MomentsOrder::Variance), finish)
}

pub(super) fn std<A>(ddof: u64) -> Statistic<A, Moments, f64> {
    let finish = move |moments: &Moments| Ok(moments.std(ddof));
    Statistic::new("std", moments(MomentsOrder::Variance), finish)
}

pub(super) fn skewness<A>() -> Statistic<A, Moments, f64> {
    let finish = |moments: &Moments| Ok(moments.skewness());
    Statistic::new("skewness", moments(MomentsOrder::Skewness), finish)
}

pub(super) fn kurtosis<A>() -> Statistic<A, Moments, f64> {
    let finish = |moments: &Moments| Ok(moments.kurtosis());
    Statistic::new("kurtosis", moments(MomentsOrder::Kurtosis), finish)
}

pub(super) fn moment<A>(order: u8) -> Statistic<A, Moments, f64> {
    let kept = match order {
        0 | 1 => MomentsOrder::Mean,
        2 => MomentsOrder::Variance,
        3 => MomentsOrder::Skewness,
        _ => MomentsOrder::Kurtosis,
    };
    let finish = move |moments: &Moments| {
        moments.central_moment(order).ok_or(ArrayError::UnknownMoment(order))
    };
    Statistic::new("moment", moments(kept), finish)
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The mean, as `f64`. NaN for an empty array, as NumPy.
    #[track_caller]
    pub fn mean(&self) -> Delayed<f64> {
        self.of_all(mean(), Location::caller())
    }

    /// The variance: the mean square distance from the mean, its divisor lowered by `ddof` (0 for a
    /// population, 1 for a sample). NaN where the divisor is not above 0.
    #[track_caller]
    pub fn var(&self, ddof: u64) -> Delayed<f64> {
        self.of_all(var(ddof), Location::caller())
    }

    /// The standard deviation: the square root of [`var`](Self::var).
    #[track_caller]
    pub fn std(&self, ddof: u64) -> Delayed<f64> {
        self.of_all(std(ddof), Location::caller())
    }

    /// The skewness of the population, `m3 / m2^1.5`, as `scipy.stats.skew`. NaN where all elements
    /// are equal.
    #[track_caller]
    pub fn skewness(&self) -> Delayed<f64> {
        self.of_all(skewness(), Location::caller())
    }

    /// The excess kurtosis of the population, `m4 / m2^2 - 3`, as `scipy.stats.kurtosis`. NaN where
    /// all elements are equal.
    #[track_caller]
    pub fn kurtosis(&self) -> Delayed<f64> {
        self.of_all(kurtosis(), Location::caller())
    }

    /// The central moment of this order, the mean power of the distance from the mean, for orders up to 4;
    /// an order beyond is an error. NaN for an empty array.
    #[track_caller]
    pub fn moment(&self, order: u8) -> Delayed<f64> {
        self.of_all(moment(order), Location::caller())
    }
}
