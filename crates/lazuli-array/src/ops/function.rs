//! Functions of this crate, element by element.
//!
//! A function is without state (its type has no size), so what has its type does the same, and equal
//! operations are known as equal. It names no dimension, so that one loop serves arrays of all.

use std::panic::Location;

use ndarray::Dimension;

use super::broadcast::{Untyped, broadcast};
use super::elementwise::{one, two};
use super::scalar::{Number, with_number};
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::expr::ExprRef;
use crate::kernels::{Scalar, elementwise};

/// `function` of each element.
pub(super) fn each<A, B, F>(array: &ExprRef, function: F) -> ExprRef
where
    A: Element,
    B: Element,
    F: Fn(A) -> B + Copy + Send + Sync + 'static,
{
    const { assert!(size_of::<F>() == 0, "the function of an operation has no state") };
    one(Some(String::new()), array, move |from: &[A], to: &mut [B]| {
        elementwise::map(from, to, function);
    })
}

/// `function` of each pair of elements.
pub(super) fn pair<A, B, F>(left: ExprRef, right: ExprRef, function: F) -> ExprRef
where
    A: Element,
    B: Element,
    F: Fn(A, A) -> B + Copy + Send + Sync + 'static,
{
    const { assert!(size_of::<F>() == 0, "the function of an operation has no state") };
    two(Some(String::new()), [left, right], move |left: &[A], right: &[A], to: &mut [B]| {
        elementwise::zip_map(left, right, to, function);
    })
}

/// The array of `function` of each pair of elements of two arrays, whose shapes broadcast.
pub(crate) fn pair_at<A, B, D, F>(
    operation: &'static str,
    left: Untyped,
    right: Untyped,
    site: &'static Location<'static>,
    function: F,
) -> ChunkedArray<B, D>
where
    A: Element,
    B: Element,
    D: Dimension,
    F: Fn(A, A) -> B + Copy + Send + Sync + 'static,
{
    let shapes = (left.1.shape().to_vec(), right.1.shape().to_vec());
    match broadcast(left, right) {
        Some((left, right, grid)) => ChunkedArray::at(pair(left, right, function), grid, site),
        None => {
            let (left, right) = shapes;
            let error = ArrayError::ShapeMismatch { operation, left, right, site };
            ChunkedArray::invalid(error, site)
        }
    }
}

/// `function` of each element and a number.
pub(super) fn number_right<A, B, F>(array: &ExprRef, number: Number<A>, function: F) -> ExprRef
where
    A: Scalar + Default,
    B: Element,
    F: Fn(A, A) -> B + Copy + Send + Sync + 'static,
{
    const { assert!(size_of::<F>() == 0, "the function of an operation has no state") };
    with_number(array, number, move |from: &[A], number, to: &mut [B]| {
        elementwise::map(from, to, |value| function(value, number));
    })
}

/// `function` of a number and each element.
pub(super) fn number_left<A, B, F>(array: &ExprRef, number: Number<A>, function: F) -> ExprRef
where
    A: Scalar + Default,
    B: Element,
    F: Fn(A, A) -> B + Copy + Send + Sync + 'static,
{
    const { assert!(size_of::<F>() == 0, "the function of an operation has no state") };
    with_number(array, number, move |from: &[A], number, to: &mut [B]| {
        elementwise::map(from, to, |value| function(number, value));
    })
}
