//! Comparisons, and the lesser and the greater of two.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Delayed;
use ndarray::{Dimension, IxDyn};

use super::broadcast::broadcast;
use super::elementwise::two;
use super::operand::{IntoOperand, combine};
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Float, Scalar, elementwise};

macro_rules! comparisons {
    ($($method:ident $operator:tt $text:literal;)*) => {
        $(
            #[inline(always)]
            fn $method<A: PartialOrd>(a: A, b: A) -> bool {
                a $operator b
            }
        )*

        /// Comparisons, by the names that Rust's own have: its operators can only answer a `bool`. What
        /// is compared with NaN is not equal, less or greater.
        ///
        /// ```
        /// use lazuli_array::ChunkedArray;
        /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
        /// let above = x.gt(x.mean());
        /// assert_eq!(lazuli_core::compute(above.count_nonzero())?, 50);
        /// # Ok::<(), lazuli_core::Error>(())
        /// ```
        impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
            $(
                #[doc = concat!("Whether each element is ", $text, " the other: an array whose shape broadcasts, a number, or a delayed number.")]
                #[track_caller]
                #[must_use]
                #[allow(clippy::should_implement_trait, reason = "the trait's method answers a `bool`")]
                pub fn $method<O: IntoOperand<A, D>>(&self, other: O) -> ChunkedArray<bool, O::Dim> {
                    let site = Location::caller();
                    combine(stringify!($method), self, other, site, $method::<O::Element>)
                }
            )*
        }
    };
}

comparisons! {
    eq == "equal to";
    ne != "not equal to";
    lt < "less than";
    le <= "at most";
    gt > "greater than";
    ge >= "at least";
}

macro_rules! extremes {
    ($($method:ident $of_elements:ident $doc:literal;)*) => {
        impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
            $(
                #[doc = concat!($doc, " The other is an array whose shape broadcasts, a number, or a delayed number.")]
                #[track_caller]
                #[must_use]
                pub fn $method<O: IntoOperand<A, D>>(&self, other: O) -> ChunkedArray<O::Element, O::Dim> {
                    let site = Location::caller();
                    combine(stringify!($method), self, other, site, $of_elements::<O::Element>)
                }
            )*
        }
    };
}

extremes! {
    maximum greater "The greater of each element and the other; NaN where either is.";
    minimum lesser "The lesser of each element and the other; NaN where either is.";
    fmax greater_number "The greater of each element and the other; the one that is not NaN.";
    fmin lesser_number "The lesser of each element and the other; the one that is not NaN.";
}

#[inline(always)]
fn greater<A: Scalar>(a: A, b: A) -> A {
    if a.is_nan() || a > b { a } else { b }
}

#[inline(always)]
fn lesser<A: Scalar>(a: A, b: A) -> A {
    if a.is_nan() || a < b { a } else { b }
}

#[inline(always)]
fn greater_number<A: Scalar>(a: A, b: A) -> A {
    if b.is_nan() || a > b { a } else { b }
}

#[inline(always)]
fn lesser_number<A: Scalar>(a: A, b: A) -> A {
    if b.is_nan() || a < b { a } else { b }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// Each element, but `low` where it is less and `high` where it is greater. NaN stays NaN. Where
    /// `low` is above `high`, all are `high`, as in NumPy.
    #[track_caller]
    #[must_use]
    pub fn clip(&self, low: A, high: A) -> Self {
        self.maximum(low).minimum(high)
    }
}

impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
    /// Whether all elements are as near to those of another array, whose shape broadcasts, as NumPy's
    /// `allclose` asks: `|a - b| <= absolute + relative * |b|`. Equal infinities are near, NaN is near
    /// nothing. True for empty arrays.
    #[track_caller]
    pub fn all_close<E: Dimension>(
        &self,
        other: &ChunkedArray<A, E>,
        relative: f64,
        absolute: f64,
    ) -> Delayed<bool> {
        let site = Location::caller();
        let left = (Arc::clone(&self.expr), Arc::clone(&self.grid));
        let right = (Arc::clone(&other.expr), Arc::clone(&other.grid));
        let near: ChunkedArray<bool, IxDyn> = match broadcast(left, right) {
            None => {
                let (left, right) = (self.shape().to_vec(), other.shape().to_vec());
                let operation = "all_close";
                let error = ArrayError::ShapeMismatch { operation, left, right, site };
                ChunkedArray::invalid(error, site)
            }
            Some((left, right, grid)) => {
                let parameters = Some(format!("{relative:?} {absolute:?}"));
                let expr =
                    two(parameters, [left, right], move |a: &[A], b: &[A], to: &mut [bool]| {
                        elementwise::zip_map(a, b, to, |a, b| {
                            let (a, b) = (a.to_f64(), b.to_f64());
                            a == b
                                || b.is_finite() && (a - b).abs() <= absolute + relative * b.abs()
                        });
                    });
                ChunkedArray::at(expr, grid, site)
            }
        };
        near.all()
    }
}
