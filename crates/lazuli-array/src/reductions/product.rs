//! The product.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position};
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{ProductState, Rows, Scalar};

/// The product of elements of type `A`.
#[derive(Clone, Default)]
struct Product<A: Scalar>(A::Product);

impl<A: Scalar> Accumulator<A> for Product<A> {
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.0.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The product: of floats in `f64` and beyond, with nothing in between that overflows; of integers
    /// exactly, as `i128`, and an error where it does not fit. One for an empty array.
    #[track_caller]
    pub fn prod(&self) -> Delayed<<A::Product as ProductState<A>>::Total> {
        let finish = |product: &Product<A>| product.0.total().ok_or(ArrayError::Overflow("prod"));
        self.statistic("prod", Product(A::Product::default()), 0, finish, Location::caller())
    }
}
