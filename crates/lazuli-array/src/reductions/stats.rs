//! Everything about an array at once.

use std::panic::Location;

use lazuli_core::{Delayed, task};
use ndarray::Dimension;

use super::accumulator::{Accumulator, Sum};
use super::sum::Total;
use crate::array::ChunkedArray;
use crate::kernels::{Counts, Extrema, Moments, MomentsOrder, Scalar, SumState};

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

impl<A, D> ChunkedArray<A, D>
where
    A: Scalar + Default + Into<Number>,
    Total<A>: Into<Number>,
    D: Dimension,
{
    /// Count, NaN count, sum, mean, variance, standard deviation, skewness, kurtosis, minimum and
    /// maximum, in one pass. NaN where a statistic of an empty array has no value.
    #[track_caller]
    pub fn stats(&self, ddof: u64) -> Delayed<Stats> {
        let site = Location::caller();
        let parts = (
            self.whole(Counts::default(), 0, site),
            self.whole(Sum::<A>(A::Sum::default()), 0, site),
            self.whole(Extrema::new(), 0, site),
            self.whole(Moments::new(MomentsOrder::Kurtosis), MomentsOrder::Kurtosis as u8, site),
        );
        task("stats").site(site).call(parts, move |(counts, sum, ends, moments)| Stats {
            count: counts.values(),
            nan_count: counts.nans(),
            sum: sum.0.total().into(),
            mean: moments.mean(),
            var: moments.var(ddof),
            std: moments.std(ddof),
            skewness: moments.skewness(),
            kurtosis: moments.kurtosis(),
            min: ends.min().map(Into::into),
            max: ends.max().map(Into::into),
            ddof,
        })
    }

    /// An accumulator as it is, shared with the statistics that are made of it.
    fn whole<S: Accumulator<A>>(
        &self,
        start: S,
        need: u8,
        site: &'static Location<'static>,
    ) -> Delayed<S> {
        self.statistic("stats", start, need, |accumulator: &S| Ok(accumulator.clone()), site)
    }
}
