//! Everything about an array at once.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Reduction, task};
use ndarray::Dimension;

use super::ask::Statistic;
use super::extrema::BothEnds;
use super::sum::{Sum, Total};
use crate::array::ChunkedArray;
use crate::kernels::{Counts, Extrema, Moments, MomentsOrder, Scalar};
use crate::lower::request;

/// A number as it is: integers exactly, floats as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i128),
    /// A floating-point number.
    Float(f64),
}

impl From<i128> for Number {
    fn from(number: i128) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

macro_rules! number_from {
    ($($kind:ident: $($number:ty),*;)*) => {$($(
        impl From<$number> for Number {
            fn from(number: $number) -> Self {
                Self::$kind(number.into())
            }
        }
    )*)*};
}

number_from!(Int: i8, i16, i32, i64, u8, u16, u32, u64; Float: f32;);

/// Statistics of a whole array.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// The number of elements.
    pub count: u64,
    /// How many of them are NaN.
    pub nan_count: u64,
    /// The sum.
    pub sum: Number,
    /// The mean.
    pub mean: f64,
    /// The variance, with `ddof`.
    pub var: f64,
    /// The standard deviation, with `ddof`.
    pub std: f64,
    /// The skewness of the population.
    pub skewness: f64,
    /// The excess kurtosis of the population.
    pub kurtosis: f64,
    /// The least element; None for an empty array.
    pub min: Option<Number>,
    /// The greatest element; None for an empty array.
    pub max: Option<Number>,
    /// By how much the divisor of the variance is lowered.
    pub ddof: u64,
}

struct Counting;

impl<A: Scalar> Reduction<[A]> for Counting {
    type State = Counts;
    type Output = Counts;

    fn identity(&self) -> Counts {
        Counts::default()
    }

    fn update(&self, state: &mut Counts, tile: &[A]) {
        state.update(tile);
    }

    fn combine(&self, state: &mut Counts, following: Counts) {
        state.merge(&following);
    }

    fn finish(&self, state: Counts) -> Counts {
        state
    }
}

impl<A, D> ChunkedArray<A, D>
where
    A: Scalar + Default + Into<Number>,
    Total<A>: Into<Number>,
    D: Dimension,
{
    /// Count, NaN count, sum, mean, variance, standard deviation, skewness, kurtosis, minimum and
    /// maximum, in one pass. NaN where a statistic of an empty array has no value.
    #[track_caller]
    #[must_use]
    pub fn stats(&self, ddof: u64) -> Delayed<Stats> {
        let site = Location::caller();
        let moments = self.moments("moments", MomentsOrder::Kurtosis, Moments::clone, site);
        let parts = (self.whole(Counting), self.whole(Sum), self.whole(BothEnds), moments);
        task("stats").site(site).call(
            parts,
            move |(counts, sum, ends, moments): (Counts, Total<A>, Extrema<A>, Moments)| Stats {
                count: counts.values(),
                nan_count: counts.nans(),
                sum: sum.into(),
                mean: moments.mean(),
                var: moments.var(ddof),
                std: moments.std(ddof),
                skewness: moments.skewness(),
                kurtosis: moments.kurtosis(),
                min: ends.min().map(Into::into),
                max: ends.max().map(Into::into),
                ddof,
            },
        )
    }

    /// The result of a built-in reduction, shared with the statistics made of it.
    #[track_caller]
    fn whole<R: Reduction<[A]>>(&self, reduction: R) -> Delayed<R::Output> {
        let ask = Statistic {
            name: "stats",
            reduction: Arc::new(reduction),
            need: 0,
            finish: |output: &R::Output| Ok(output.clone()),
            element: PhantomData::<fn() -> A>,
        };
        request("stats", &self.expr, &self.grid, ask, Location::caller())
    }
}
