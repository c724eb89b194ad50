//! The statistics by label, one line each.

use std::panic::Location;

use ndarray::Dimension;

use super::GroupBy;
use crate::array::{ChunkedArray, Element};
use crate::kernels::{CastFrom, Float, Scalar};
use crate::reductions::{extrema, moments, nan, product, sum, truth};

macro_rules! statistics {
    ($elements:ident $(where $bound:ty: $cast:ident)? {$(
        #[doc = $text:literal]
        $name:ident($($parameter:ident: $type:ty)?) -> $output:ty: $statistic:expr;
    )*}) => {
        impl<A: $elements + Default, D: Dimension> GroupBy<A, D>
        where
            A: Element,
            $($bound: $cast<A>,)?
        {$(
            #[doc = $text]
            #[track_caller]
            #[must_use]
            pub fn $name(&self $(, $parameter: $type)?) -> ChunkedArray<$output, D> {
                self.ask($statistic, Location::caller())
            }
        )*}
    };
}

statistics! { Scalar {
    /// Sums of each group: of floats as `f64`; of integers as `i64` or `u64`, and an error where one does not fit.
    sum() -> A::Wide: sum::wide_sum();
    /// Products of each group: of floats as `f64`; of integers as `i64` or `u64`, and an error where one does not fit.
    prod() -> A::Wide: product::wide_prod();
    /// Means of each group; NaN of no elements.
    mean() -> f64: moments::mean();
    /// Variances of each group, with their divisor lowered by `ddof`.
    var(ddof: u64) -> f64: moments::var(ddof);
    /// Standard deviations of each group: roots of the variances with `ddof`.
    std(ddof: u64) -> f64: moments::std(ddof);
    /// Skewnesses of each group as a population.
    skewness() -> f64: moments::skewness();
    /// Excess kurtoses of each group as a population.
    kurtosis() -> f64: moments::kurtosis();
    /// Central moments of each group, of this order, up to the fourth.
    moment(order: u8) -> f64: moments::moment(order);
    /// Least elements of each group; NaN where any is. Of no elements NaN, and an error where there is no NaN.
    min() -> A: extrema::min_or_nan();
    /// Greatest elements of each group; NaN where any is. Of no elements NaN, and an error where there is no NaN.
    max() -> A: extrema::max_or_nan();
}}

statistics! { Element where bool: CastFrom {
    /// How many elements of each group are not zero.
    count_nonzero() -> u64: truth::count_nonzero();
    /// Whether any element of each group is not zero; false of none.
    any() -> bool: truth::any();
    /// Whether all elements of each group are not zero; true of none.
    all() -> bool: truth::all();
}}

statistics! { Float {
    /// Sums of the elements of each group that are not NaN.
    nansum() -> A::Wide: nan::wide_nansum();
    /// Products of the elements of each group that are not NaN.
    nanprod() -> A::Wide: nan::wide_nanprod();
    /// Means of the elements of each group that are not NaN; NaN where there are none.
    nanmean() -> f64: nan::nanmean();
    /// Variances of the elements of each group that are not NaN, with their divisor lowered by `ddof`.
    nanvar(ddof: u64) -> f64: nan::nanvar(ddof);
    /// Standard deviations of the elements of each group that are not NaN.
    nanstd(ddof: u64) -> f64: nan::nanstd(ddof);
    /// Least elements of each group that are not NaN; NaN where there are none.
    nanmin() -> A: nan::nanmin_or_nan();
    /// Greatest elements of each group that are not NaN; NaN where there are none.
    nanmax() -> A: nan::nanmax_or_nan();
}}

impl<A: Scalar + Default, D: Dimension> GroupBy<A, D> {
    /// How many elements each group has that are not NaN: one number for each element of the result.
    #[track_caller]
    #[must_use]
    pub fn count(&self) -> ChunkedArray<u64, D> {
        let site = Location::caller();
        let counted = self.of(self.array.each(|value: A| !value.is_nan()));
        counted.ask(truth::count_nonzero(), site)
    }
}
