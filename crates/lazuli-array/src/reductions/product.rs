//! The product.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, EachCell, Position};
use super::query::Statistic;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{ProductState, Rows, Scalar, Widen, words};

/// The product of elements of type `A`.
#[derive(Clone, Default)]
pub(super) struct Product<A: Scalar>(pub(super) A::Product);

words!([A: Scalar] Product<A> { 0 });

impl<A: Scalar + Default> Accumulator<A> for Product<A> {
    type Field = EachCell<Self>;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.0.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }

    fn field(&self, cells: usize) -> EachCell<Self> {
        EachCell(vec![self.clone(); cells])
    }
}

/// The type of the product of elements of type `A`.
pub(super) type Total<A> = <<A as Scalar>::Product as ProductState<A>>::Total;

pub(super) fn prod<A: Scalar + Default>() -> Statistic<A, Product<A>, Total<A>> {
    Statistic::new("prod", (Product(A::Product::default()), 0), |product: &Product<A>| {
        product.0.total().ok_or(ArrayError::Overflow("prod"))
    })
}

/// The product as an element of an array.
pub(super) fn wide_prod<A: Scalar + Default>() -> Statistic<A, Product<A>, A::Wide> {
    Statistic::new("prod", (Product(A::Product::default()), 0), |product: &Product<A>| {
        product.0.total().and_then(A::Wide::widen).ok_or(ArrayError::Overflow("prod"))
    })
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The product: of floats in `f64` and beyond, with nothing in between that overflows; of integers
    /// exactly, as `i128`, and an error where it does not fit. One for an empty array.
    #[track_caller]
    pub fn prod(&self) -> Delayed<Total<A>> {
        self.of_all(prod(), Location::caller())
    }
}
