//! Functions of floating-point elements.
//!
//! Square roots and roundings are exact; all others have the same bits on every processor (see
//! [`FloatFunction`](crate::kernels::FloatFunction)), within a few units in the last place of the exact value.

use std::panic::Location;

use ndarray::Dimension;

use super::operand::{IntoOperand, combine};
use crate::array::{ChunkedArray, Element};
use crate::kernels::Float;

macro_rules! functions {
    ($($method:ident $doc:literal |$value:ident| $body:expr;)*) => {
        /// One function for each method, the same for all dimensions.
        mod functions {
            use crate::kernels::{Float, FloatFunction};
            $(
                #[inline(always)]
                pub(super) fn $method<A: Float>($value: A) -> A {
                    $body
                }
            )*
        }

        impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
            $(
                #[doc = concat!($doc, " Keeps shape and chunks.")]
                #[track_caller]
                #[must_use]
                pub fn $method(&self) -> Self {
                    self.each(functions::$method::<A>)
                }
            )*
        }
    };
}

functions! {
    sqrt "The square root of each element; NaN below zero." |value| value.square_root();
    floor "Each element rounded down." |value| value.round_down();
    ceil "Each element rounded up." |value| value.round_up();
    round "Each element rounded to the nearest whole number, the even one of two, as in NumPy." |value| value.round_even();
    trunc "Each element rounded towards zero." |value| value.cut();
    exp "e to the power of each element." |value| value.apply(FloatFunction::Exp);
    exp2 "2 to the power of each element." |value| value.apply(FloatFunction::Exp2);
    exp_m1 "e to the power of each element, less 1, without cancellation." |value| value.apply(FloatFunction::ExpM1);
    ln "The natural logarithm of each element; NaN below zero." |value| value.apply(FloatFunction::Ln);
    log2 "The logarithm to base 2 of each element; NaN below zero." |value| value.apply(FloatFunction::Log2);
    log10 "The logarithm to base 10 of each element; NaN below zero." |value| value.apply(FloatFunction::Log10);
    ln_1p "The natural logarithm of each element plus 1, without cancellation." |value| value.apply(FloatFunction::Ln1p);
    sin "The sine of each element." |value| value.apply(FloatFunction::Sin);
    cos "The cosine of each element." |value| value.apply(FloatFunction::Cos);
    tan "The tangent of each element." |value| value.apply(FloatFunction::Tan);
    asin "The arc sine of each element; NaN beyond 1." |value| value.apply(FloatFunction::Asin);
    acos "The arc cosine of each element; NaN beyond 1." |value| value.apply(FloatFunction::Acos);
    atan "The arc tangent of each element." |value| value.apply(FloatFunction::Atan);
    sinh "The hyperbolic sine of each element." |value| value.apply(FloatFunction::Sinh);
    cosh "The hyperbolic cosine of each element." |value| value.apply(FloatFunction::Cosh);
    tanh "The hyperbolic tangent of each element." |value| value.apply(FloatFunction::Tanh);
    cbrt "The cube root of each element." |value| value.apply(FloatFunction::Cbrt);
}

macro_rules! tests_of_elements {
    ($($method:ident $doc:literal $of_element:ident;)*) => {
        impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
            $(
                #[doc = concat!("Whether each element ", $doc, " Keeps shape and chunks.")]
                #[track_caller]
                #[must_use]
                pub fn $method(&self) -> ChunkedArray<bool, D> {
                    self.each(A::$of_element)
                }
            )*
        }
    };
}

tests_of_elements! {
    is_nan "is NaN." is_nan;
    is_finite "is neither infinite nor NaN." is_number;
    is_infinite "is infinite." is_endless;
}

macro_rules! functions_of_two {
    ($($method:ident $function:ident $doc:literal;)*) => {
        mod functions_of_two {
            use crate::kernels::{Float, FloatFunction2};
            $(
                #[inline(always)]
                pub(super) fn $method<A: Float>(a: A, b: A) -> A {
                    a.apply_two(b, FloatFunction2::$function)
                }
            )*
        }

        impl<A: Element + Float, D: Dimension> ChunkedArray<A, D> {
            $(
                #[doc = concat!($doc, " The other is an array whose shape broadcasts, a number, or a delayed number.")]
                #[track_caller]
                #[must_use]
                pub fn $method<O: IntoOperand<A, D, Element = A>>(&self, other: O) -> ChunkedArray<A, O::Dim> {
                    let site = Location::caller();
                    combine(stringify!($method), self, other, site, functions_of_two::$method::<A>)
                }
            )*
        }
    };
}

functions_of_two! {
    powf Pow "Each element to the power of the other.";
    atan2 Atan2 "The angle of the point whose second coordinate is the element, and whose first is the other.";
    hypot Hypot "The square root of the sum of the squares of the element and the other, without overflow.";
}
