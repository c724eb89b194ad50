//! Where the least and the greatest elements are.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, EachCell, Position};
use super::query::Statistic;
use crate::array::ChunkedArray;
use crate::chunks::Axes;
use crate::error::ArrayError;
use crate::kernels::{FirstExtreme, Float, Rows, Scalar, Words};

/// The first greatest element, or the first least one, of an array of this shape.
#[derive(Clone)]
pub(super) struct First<A, const GREATEST: bool, const SKIP_NAN: bool = false> {
    extreme: FirstExtreme<A>,
    shape: Axes,
}

impl<A: Words, const GREATEST: bool, const SKIP_NAN: bool> Words for First<A, GREATEST, SKIP_NAN> {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.extreme.put(to);
        self.shape.to_vec().put(to);
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        let (extreme, shape) = (Words::take(from)?, Vec::take(from)?);
        Some(Self { extreme, shape: shape.into() })
    }
}

impl<A, const GREATEST: bool, const SKIP_NAN: bool> Accumulator<A> for First<A, GREATEST, SKIP_NAN>
where
    A: Scalar + Default,
{
    type Field = EachCell<Self>;

    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>) {
        let of_tile = if SKIP_NAN { FirstExtreme::of_numbers } else { FirstExtreme::of_tile };
        if let Some((value, in_tile)) = of_tile(tile, GREATEST) {
            self.extreme.update(value, position.index(in_tile, &self.shape), GREATEST);
        }
    }

    fn merge(&mut self, following: &Self) {
        self.extreme.merge(&following.extreme, GREATEST);
    }

    fn field(&self, cells: usize) -> EachCell<Self> {
        EachCell(vec![self.clone(); cells])
    }

    fn relocate(&mut self, place_in_array: &dyn Fn(u64) -> u64) {
        self.extreme.relocate(place_in_array);
    }
}

fn first<A: Scalar + Default, const GREATEST: bool, const SKIP_NAN: bool>(
    name: &'static str,
    shape: &[usize],
) -> Statistic<A, First<A, GREATEST, SKIP_NAN>, u64> {
    let start = First { extreme: FirstExtreme::default(), shape: shape.into() };
    Statistic::new(name, (start, 0), move |first: &First<A, GREATEST, SKIP_NAN>| {
        let none = if SKIP_NAN { ArrayError::AllNan(name) } else { ArrayError::Empty(name) };
        first.extreme.place().ok_or(none)
    })
}

/// Of all elements of an array of this shape. (Of the elements of a cell, the shape does not matter.)
pub(super) fn argmin<A: Scalar + Default>(shape: &[usize]) -> Statistic<A, First<A, false>, u64> {
    first("argmin", shape)
}

/// As [`argmin`].
pub(super) fn argmax<A: Scalar + Default>(shape: &[usize]) -> Statistic<A, First<A, true>, u64> {
    first("argmax", shape)
}

/// As [`argmin`], of the elements that are not NaN.
pub(super) fn nanargmin<A: Float + Default>(
    shape: &[usize],
) -> Statistic<A, First<A, false, true>, u64> {
    first("nanargmin", shape)
}

/// As [`nanargmin`].
pub(super) fn nanargmax<A: Float + Default>(
    shape: &[usize],
) -> Statistic<A, First<A, true, true>, u64> {
    first("nanargmax", shape)
}

impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
    /// The number, in C order, of the first least element that is not NaN. An array without one is an error, as in
    /// NumPy.
    #[track_caller]
    pub fn nanargmin(&self) -> Delayed<u64> {
        self.of_all(nanargmin(self.shape()), Location::caller())
    }

    /// The number, in C order, of the first greatest element that is not NaN. An array without one is an error, as
    /// in NumPy.
    #[track_caller]
    pub fn nanargmax(&self) -> Delayed<u64> {
        self.of_all(nanargmax(self.shape()), Location::caller())
    }
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D> {
    /// The number, in C order, of the first least element; of the first NaN where there is one. An empty
    /// array is an error, as in NumPy.
    #[track_caller]
    pub fn argmin(&self) -> Delayed<u64> {
        self.of_all(argmin(self.shape()), Location::caller())
    }

    /// The number, in C order, of the first greatest element; of the first NaN where there is one. An
    /// empty array is an error, as in NumPy.
    #[track_caller]
    pub fn argmax(&self) -> Delayed<u64> {
        self.of_all(argmax(self.shape()), Location::caller())
    }
}
