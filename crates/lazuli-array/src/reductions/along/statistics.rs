//! The statistics along axes, one line each: of [`Along`], and by the names that `ndarray` gives them.

use std::panic::Location;

use ndarray::{Axis, Dimension, IxDyn, RemoveAxis};

use super::Along;
use crate::array::{ChunkedArray, Element};
use crate::kernels::{CastFrom, Float, Scalar};
use crate::reductions::{extrema, moments, nan, position, product, sum, truth};

/// Methods of `Along`, and `.._axis` and `.._axes` of arrays, which are the same along one axis and several.
macro_rules! statistics {
    ($elements:ident $(where $bound:ty: $cast:ident)? {$(
        #[doc = $text:literal]
        $name:ident($($parameter:ident: $type:ty)?) -> $output:ty,
        $of_axis:ident, $of_axes:ident: $statistic:expr;
    )*}) => {
        impl<A: $elements + Default, D: Dimension, E: Dimension> Along<A, D, E>
        where
            A: Element,
            $($bound: $cast<A>,)?
        {$(
            #[doc = $text]
            #[track_caller]
            #[must_use]
            pub fn $name(&self $(, $parameter: $type)?) -> ChunkedArray<$output, E> {
                self.ask($statistic, Location::caller())
            }
        )*}

        impl<A: $elements + Default, D: Dimension> ChunkedArray<A, D>
        where
            A: Element,
            $($bound: $cast<A>,)?
        {$(
            #[doc = $text]
            /// Along one axis: see [`along`](Self::along).
            #[track_caller]
            #[must_use]
            pub fn $of_axis(&self, axis: Axis $(, $parameter: $type)?) -> ChunkedArray<$output, D::Smaller>
            where
                D: RemoveAxis,
            {
                self.along(axis).$name($($parameter)?)
            }

            #[doc = $text]
            /// Along several axes: see [`along`](Self::along).
            #[track_caller]
            #[must_use]
            pub fn $of_axes(&self, axes: &[usize] $(, $parameter: $type)?) -> ChunkedArray<$output, IxDyn> {
                self.along(axes).$name($($parameter)?)
            }
        )*}
    };
}

statistics! { Scalar {
    /// Sums: of floats as `f64`; of integers as `i64` or `u64`, and an error where one does not fit.
    sum() -> A::Wide, sum_axis, sum_axes: sum::wide_sum();
    /// Products: of floats as `f64`; of integers as `i64` or `u64`, and an error where one does not fit.
    prod() -> A::Wide, prod_axis, prod_axes: product::wide_prod();
    /// Means; NaN of no elements.
    mean() -> f64, mean_axis, mean_axes: moments::mean();
    /// Variances, with their divisor lowered by `ddof`.
    var(ddof: u64) -> f64, var_axis, var_axes: moments::var(ddof);
    /// Standard deviations: roots of the variances with `ddof`.
    std(ddof: u64) -> f64, std_axis, std_axes: moments::std(ddof);
    /// Skewnesses of the population.
    skewness() -> f64, skewness_axis, skewness_axes: moments::skewness();
    /// Excess kurtoses of the population.
    kurtosis() -> f64, kurtosis_axis, kurtosis_axes: moments::kurtosis();
    /// Central moments of this order, up to the fourth.
    moment(order: u8) -> f64, moment_axis, moment_axes: moments::moment(order);
    /// Least elements; NaN where any is. An error where there are none.
    min() -> A, min_axis, min_axes: extrema::min();
    /// Greatest elements; NaN where any is. An error where there are none.
    max() -> A, max_axis, max_axes: extrema::max();
    /// Differences of the greatest and the least elements. An error where there are none.
    ptp() -> A, ptp_axis, ptp_axes: extrema::ptp();
    /// Where the first least elements are: their index along the axis; of several axes, their number in C order.
    argmin() -> u64, argmin_axis, argmin_axes: position::argmin(&[]);
    /// Where the first greatest elements are: their index along the axis; of several axes, their number in C order.
    argmax() -> u64, argmax_axis, argmax_axes: position::argmax(&[]);
}}

statistics! { Element where bool: CastFrom {
    /// How many elements are not zero.
    count_nonzero() -> u64, count_nonzero_axis, count_nonzero_axes: truth::count_nonzero();
    /// Whether any element is not zero; false of none.
    any() -> bool, any_axis, any_axes: truth::any();
    /// Whether all elements are not zero; true of none.
    all() -> bool, all_axis, all_axes: truth::all();
}}

statistics! { Float {
    /// Sums of the elements that are not NaN.
    nansum() -> A::Wide, nansum_axis, nansum_axes: nan::wide_nansum();
    /// Products of the elements that are not NaN.
    nanprod() -> A::Wide, nanprod_axis, nanprod_axes: nan::wide_nanprod();
    /// Means of the elements that are not NaN; NaN where there are none.
    nanmean() -> f64, nanmean_axis, nanmean_axes: nan::nanmean();
    /// Variances of the elements that are not NaN, with their divisor lowered by `ddof`.
    nanvar(ddof: u64) -> f64, nanvar_axis, nanvar_axes: nan::nanvar(ddof);
    /// Standard deviations of the elements that are not NaN.
    nanstd(ddof: u64) -> f64, nanstd_axis, nanstd_axes: nan::nanstd(ddof);
    /// Least elements that are not NaN; NaN where all are.
    nanmin() -> A, nanmin_axis, nanmin_axes: nan::nanmin();
    /// Greatest elements that are not NaN; NaN where all are.
    nanmax() -> A, nanmax_axis, nanmax_axes: nan::nanmax();
    /// Where the first least elements are that are not NaN, as `argmin`. An error where all are.
    nanargmin() -> u64, nanargmin_axis, nanargmin_axes: position::nanargmin(&[]);
    /// Where the first greatest elements are that are not NaN, as `argmax`. An error where all are.
    nanargmax() -> u64, nanargmax_axis, nanargmax_axes: position::nanargmax(&[]);
}}
