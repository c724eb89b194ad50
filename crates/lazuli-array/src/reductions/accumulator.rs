//! The built-in statistics: a kernel's state as an accumulator of tiles, and what is made of it.

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::{Counts, Extrema, Moments, Rows, Scalar, SumState};
use crate::lower::request;
use crate::tile::Registers;

/// The state of a kernel: what it knows of the tiles it has seen.
pub(super) trait Accumulator<A>: Clone + Send + Sync + 'static {
    /// Whether all accumulators of this type that start on one array may be one.
    const IS_SHARED: bool = true;
    /// Takes in a tile, which lies here.
    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>);
    /// Takes in what another knows of the tiles that follow.
    fn merge(&mut self, following: &Self);
}

/// Where in the array a tile lies.
pub(super) struct Position<'a>(pub(super) &'a Registers);

impl Position<'_> {
    /// The number of an element of the tile in an array of this shape, in C order.
    pub(super) fn index_in_array(&self, in_tile: usize, shape: &[usize]) -> usize {
        self.0.index_in_array(in_tile, shape)
    }
}

impl<A: Scalar> Accumulator<A> for Moments {
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

impl<A: Scalar> Accumulator<A> for Extrema<A> {
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

impl<A: Scalar> Accumulator<A> for Counts {
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

/// The sum of elements of type `A`.
#[derive(Clone, Default)]
pub(super) struct Sum<A: Scalar>(pub(super) A::Sum);

impl<A: Scalar> Accumulator<A> for Sum<A> {
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.0.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A function of the accumulator of all elements. Statistics of one kind of accumulator share it:
    /// that of the request with the greatest `need`.
    pub(super) fn statistic<S: Accumulator<A>, T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        start: S,
        need: u8,
        finish: impl Fn(&S) -> Result<T, ArrayError> + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        let query = Statistic { name, start, need, finish, element: PhantomData::<fn() -> A> };
        request(name, &self.expr, &self.grid, query, site)
    }
}
