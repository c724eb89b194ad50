//! What may stand beside an array in an operation.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Delayed;
use ndarray::{DimMax, Dimension};

use super::broadcast::Untyped;
use super::function::{each, number_left, number_right, pair_at};
use super::scalar::Number;
use crate::array::{ChunkedArray, Element};
use crate::expr::ExprRef;
use crate::kernels::Scalar;

/// What may stand beside an array of elements `A` and dimension `D`: an array whose shape broadcasts
/// with it, a number, or a delayed number.
///
/// Arrays have one element type ([`astype`](ChunkedArray::astype) changes it). A delayed `f64`, as a mean
/// is one, may stand beside an array of any numbers: the array is taken as one of `f64` then, so that no
/// digit of it is lost.
pub trait IntoOperand<A, D> {
    /// The element type of the operation.
    type Element: Scalar + Default;
    /// The dimension of its result.
    type Dim: Dimension;

    /// The operand.
    fn into_operand(self) -> Operand<Self::Element>;

    /// The array beside it as one of the common element type.
    #[doc(hidden)]
    fn widen(array: Beside) -> Beside {
        array
    }
}

/// One side of an operation: see [`IntoOperand`].
pub struct Operand<A>(pub(super) Side<A>);

/// The array beside an operand.
#[doc(hidden)]
pub struct Beside(pub(super) ExprRef);

pub(super) enum Side<A> {
    /// An array, element by element.
    Array(Untyped),
    /// The same number for all elements.
    Number(A),
    /// The same number for all elements, computed before.
    Delayed(Delayed<A>),
}

impl<A: Scalar + Default> Side<A> {
    /// The number for all elements, or the array.
    pub(super) fn number(self) -> Result<Number<A>, Untyped> {
        match self {
            Self::Array(array) => Err(array),
            Self::Number(number) => Ok(Number::Known(number)),
            Self::Delayed(delayed) => Ok(Number::delayed(&delayed)),
        }
    }
}

impl<A, D, E> IntoOperand<A, D> for ChunkedArray<A, E>
where
    A: Scalar + Default,
    D: Dimension + DimMax<E>,
    E: Dimension,
{
    type Element = A;
    type Dim = <D as DimMax<E>>::Output;
    fn into_operand(self) -> Operand<A> {
        Operand(Side::Array((self.expr, self.grid)))
    }
}

impl<A, D, E> IntoOperand<A, D> for &ChunkedArray<A, E>
where
    A: Scalar + Default,
    D: Dimension + DimMax<E>,
    E: Dimension,
{
    type Element = A;
    type Dim = <D as DimMax<E>>::Output;
    fn into_operand(self) -> Operand<A> {
        self.clone().into_operand_of::<D>()
    }
}

impl<A: Scalar + Default, E: Dimension> ChunkedArray<A, E> {
    fn into_operand_of<D: Dimension + DimMax<E>>(self) -> Operand<A> {
        IntoOperand::<A, D>::into_operand(self)
    }
}

impl<A: Scalar + Default, D: Dimension> IntoOperand<A, D> for A {
    type Element = A;
    type Dim = D;
    fn into_operand(self) -> Operand<A> {
        Operand(Side::Number(self))
    }
}

impl<A: Scalar + Default, D: Dimension> IntoOperand<A, D> for Delayed<A> {
    type Element = A;
    type Dim = D;
    fn into_operand(self) -> Operand<A> {
        Operand(Side::Delayed(self))
    }
}

impl<A: Scalar + Default, D: Dimension> IntoOperand<A, D> for &Delayed<A> {
    type Element = A;
    type Dim = D;
    fn into_operand(self) -> Operand<A> {
        Operand(Side::Delayed(self.clone()))
    }
}

macro_rules! widened_for {
    ($($number:ty),*) => {$(
        impl<D: Dimension> IntoOperand<$number, D> for Delayed<f64> {
            type Element = f64;
            type Dim = D;
            fn into_operand(self) -> Operand<f64> {
                Operand(Side::Delayed(self))
            }
            fn widen(array: Beside) -> Beside {
                Beside(to_f64::<$number>(&array.0))
            }
        }

        impl<D: Dimension> IntoOperand<$number, D> for &Delayed<f64> {
            type Element = f64;
            type Dim = D;
            fn into_operand(self) -> Operand<f64> {
                Operand(Side::Delayed(self.clone()))
            }
            fn widen(array: Beside) -> Beside {
                Beside(to_f64::<$number>(&array.0))
            }
        }
    )*};
}

widened_for!(f32, i8, i16, i32, i64, u8, u16, u32, u64);

fn to_f64<A: Scalar + Default>(array: &ExprRef) -> ExprRef {
    each(array, A::to_f64)
}

/// The array of `function` of the elements of an array and of an operand.
pub(super) fn combine<A, D, O, B, F>(
    name: &'static str,
    array: &ChunkedArray<A, D>,
    operand: O,
    site: &'static Location<'static>,
    function: F,
) -> ChunkedArray<B, O::Dim>
where
    A: Element,
    D: Dimension,
    O: IntoOperand<A, D>,
    B: Element,
    F: Fn(O::Element, O::Element) -> B + Copy + Send + Sync + 'static,
{
    let other = operand.into_operand();
    let expr = O::widen(Beside(Arc::clone(&array.expr))).0;
    match other.0.number() {
        Ok(number) => {
            let expr = number_right(&expr, number, function);
            ChunkedArray::at(expr, Arc::clone(&array.grid), site)
        }
        Err(other) => pair_at(name, (expr, Arc::clone(&array.grid)), other, site, function),
    }
}

/// As [`combine`] with a number on the left.
pub(super) fn combine_number<A, D, B, F>(
    number: Operand<A>,
    array: ExprRef,
    like: &ChunkedArray<impl Element, D>,
    site: &'static Location<'static>,
    function: F,
) -> ChunkedArray<B, D>
where
    A: Scalar + Default,
    D: Dimension,
    B: Element,
    F: Fn(A, A) -> B + Copy + Send + Sync + 'static,
{
    let expr = match number.0.number() {
        Ok(number) => number_left(&array, number, function),
        Err(_) => unreachable!("a number is on the left"),
    };
    ChunkedArray::at(expr, Arc::clone(&like.grid), site)
}
