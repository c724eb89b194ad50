//! `+ - * / %` between arrays, with numbers and delayed numbers on either side.
//!
//! Arithmetic is that of [`Scalar`]: IEEE for floats; integers wrap, an integer divided by 0 is 0, and
//! quotients of integers are rounded towards zero. `%` has the sign of the right side, as in NumPy.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::elementwise::one;
use super::operand::{Beside, IntoOperand, combine, combine_number};
use crate::array::ChunkedArray;
use crate::expr::ExprRef;
use crate::kernels::{Scalar, elementwise};

macro_rules! operators {
    ($($operator:ident $method:ident $of_elements:ident),*) => {$(
        impl<A, D, O> $operator<O> for &ChunkedArray<A, D>
        where
            A: Scalar + Default,
            D: Dimension,
            O: IntoOperand<A, D>,
        {
            type Output = ChunkedArray<O::Element, O::Dim>;
            #[track_caller]
            fn $method(self, other: O) -> Self::Output {
                let site = Location::caller();
                combine(stringify!($method), self, other, site, <O::Element as Scalar>::$of_elements)
            }
        }

        impl<A, D, O> $operator<O> for ChunkedArray<A, D>
        where
            A: Scalar + Default,
            D: Dimension,
            O: IntoOperand<A, D>,
        {
            type Output = ChunkedArray<O::Element, O::Dim>;
            #[track_caller]
            fn $method(self, other: O) -> Self::Output {
                $operator::$method(&self, other)
            }
        }
    )*};
}

operators!(Add add plus, Sub sub minus, Mul mul times, Div div over, Rem rem modulo);

/// A number on the left: `$left` beside an array of `$number`. The traits are foreign, so each pair of
/// types needs its own.
macro_rules! reflected {
    ($left:ty, $number:ty => $element:ty:
     $($operator:ident $method:ident $of_elements:ident),*) => {$(
        impl<D: Dimension> $operator<&ChunkedArray<$number, D>> for $left {
            type Output = ChunkedArray<$element, D>;
            #[track_caller]
            fn $method(self, array: &ChunkedArray<$number, D>) -> Self::Output {
                let number = IntoOperand::<$number, D>::into_operand(self);
                let wide = Beside(Arc::clone(&array.expr));
                let wide = <$left as IntoOperand<$number, D>>::widen(wide).0;
                let site = Location::caller();
                combine_number(number, wide, array, site, <$element as Scalar>::$of_elements)
            }
        }

        impl<D: Dimension> $operator<ChunkedArray<$number, D>> for $left {
            type Output = ChunkedArray<$element, D>;
            #[track_caller]
            fn $method(self, array: ChunkedArray<$number, D>) -> Self::Output {
                $operator::$method(self, &array)
            }
        }
    )*};
}

macro_rules! reflected_for {
    ($($left:ty, $number:ty => $element:ty;)*) => {$(
        reflected!($left, $number => $element:
            Add add plus, Sub sub minus, Mul mul times, Div div over, Rem rem modulo);
    )*};
}

/// A number of the array's type on the left, plain or delayed; and a delayed `f64` beside any numbers.
macro_rules! numbers {
    ($($number:ty),*) => {$(
        reflected_for!(
            $number, $number => $number;
            Delayed<$number>, $number => $number;
            &Delayed<$number>, $number => $number;
        );
    )*};
}

macro_rules! widened {
    ($($number:ty),*) => {$(
        reflected_for!(
            Delayed<f64>, $number => f64;
            &Delayed<f64>, $number => f64;
        );
    )*};
}

numbers!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
widened!(i8, i16, i32, i64, u8, u16, u32, u64, f32);

fn powi<A: Scalar + Default>(array: &ExprRef, power: i32) -> ExprRef {
    one(Some(power.to_string()), array, move |from: &[A], to: &mut [A]| {
        elementwise::powi(from, power, to);
    })
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The absolute value of each element. The least signed integer, having none, stays itself.
    #[track_caller]
    #[must_use]
    pub fn abs(&self) -> Self {
        self.each(A::absolute)
    }

    /// -1, 0 or 1 for each element; NaN for NaN.
    #[track_caller]
    #[must_use]
    pub fn sign(&self) -> Self {
        self.each(A::sign)
    }

    /// Each element to a whole power, by repeated squaring. A negative power is the reciprocal of the
    /// positive one; of integers that is their quotient.
    #[track_caller]
    #[must_use]
    pub fn powi(&self, power: i32) -> Self {
        self.derive(powi::<A>(&self.expr, power))
    }
}

/// Integers wrap, as in NumPy.
impl<A: Scalar + Default, D: Dimension> Neg for &ChunkedArray<A, D> {
    type Output = ChunkedArray<A, D>;
    #[track_caller]
    fn neg(self) -> ChunkedArray<A, D> {
        self.each(A::negative)
    }
}

impl<A: Scalar + Default, D: Dimension> Neg for ChunkedArray<A, D> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        -&self
    }
}
