//! Where the least and the greatest elements are.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position};
use crate::array::ChunkedArray;
use crate::chunks::Axes;
use crate::error::ArrayError;
use crate::kernels::{FirstExtreme, Rows, Scalar};

/// The first greatest element, or the first least one, of an array of this shape.
#[derive(Clone)]
struct First<A, const GREATEST: bool> {
    extreme: FirstExtreme<A>,
    shape: Axes,
}

impl<A: Scalar, const GREATEST: bool> Accumulator<A> for First<A, GREATEST> {
    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>) {
        if let Some((value, in_tile)) = FirstExtreme::of_tile(tile, GREATEST) {
            let place = position.index_in_array(in_tile, &self.shape);
            self.extreme.update(value, place as u64, GREATEST);
        }
    }

    fn merge(&mut self, following: &Self) {
        self.extreme.merge(&following.extreme, GREATEST);
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    fn first<const GREATEST: bool>(
        &self,
        name: &'static str,
        site: &'static Location<'static>,
    ) -> Delayed<u64> {
        let start =
            First::<A, GREATEST> { extreme: FirstExtreme::default(), shape: self.shape().into() };
        let finish =
            move |first: &First<A, GREATEST>| first.extreme.place().ok_or(ArrayError::Empty(name));
        self.statistic(name, start, 0, finish, site)
    }

    /// The number, in C order, of the first least element; of the first NaN where there is one. An empty
    /// array is an error, as in NumPy.
    #[track_caller]
    pub fn argmin(&self) -> Delayed<u64> {
        self.first::<false>("argmin", Location::caller())
    }

    /// The number, in C order, of the first greatest element; of the first NaN where there is one. An
    /// empty array is an error, as in NumPy.
    #[track_caller]
    pub fn argmax(&self) -> Delayed<u64> {
        self.first::<true>("argmax", Location::caller())
    }
}
