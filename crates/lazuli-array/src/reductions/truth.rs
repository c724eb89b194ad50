//! How many elements are not zero: any, all, how many.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position};
use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::kernels::{CastFrom, Field, Place, Rows, words};

/// The number of elements, and of those that are not zero. NaN is not zero, as in NumPy.
#[derive(Clone, Copy, Default)]
pub(super) struct Truth {
    count: u64,
    nonzero: u64,
}

words!(Truth { count, nonzero });

impl Truth {
    fn take<A: Element>(&mut self, row: &[A])
    where
        bool: CastFrom<A>,
    {
        self.count += row.len() as u64;
        let nonzero = row.iter().map(|&value| u64::from(bool::cast_from(value)));
        self.nonzero += nonzero.sum::<u64>();
    }

    fn merge_counts(&mut self, following: &Self) {
        self.count += following.count;
        self.nonzero += following.nonzero;
    }
}

impl<A: Element> Accumulator<A> for Truth
where
    bool: CastFrom<A>,
{
    type Field = TruthField;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        tile.iter().for_each(|row| self.take(row));
    }

    fn merge(&mut self, following: &Self) {
        self.merge_counts(following);
    }

    fn field(&self, cells: usize) -> TruthField {
        TruthField(vec![*self; cells])
    }
}

/// How many elements of each cell are not zero.
#[derive(Clone)]
pub(super) struct TruthField(Vec<Truth>);

words!(TruthField { 0 });

impl<A: Element> Field<A> for TruthField
where
    bool: CastFrom<A>,
{
    type State = Truth;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        let cells = &mut self.0[first..first + tile.row_len()];
        for row in tile.iter() {
            for (cell, &value) in cells.iter_mut().zip(row) {
                cell.nonzero += u64::from(bool::cast_from(value));
            }
        }
        cells.iter_mut().for_each(|cell| cell.count += tile.count() as u64);
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, _: Place) {
        for (row, cell) in tile.iter().zip(&mut self.0[first..]) {
            cell.take(row);
        }
    }

    fn merge(&mut self, following: &Self) {
        for (cell, following) in self.0.iter_mut().zip(&following.0) {
            cell.merge_counts(following);
        }
    }

    fn state(&self, cell: usize) -> Truth {
        self.0[cell]
    }
}

fn truth<A, T>(
    name: &'static str,
    finish: impl Fn(&Truth) -> T + Send + Sync + 'static,
) -> Statistic<A, Truth, T> {
    Statistic::new(name, (Truth::default(), 0), move |truth: &Truth| Ok(finish(truth)))
}

pub(super) fn count_nonzero<A>() -> Statistic<A, Truth, u64> {
    truth("count_nonzero", |truth| truth.nonzero)
}

pub(super) fn any<A>() -> Statistic<A, Truth, bool> {
    truth("any", |truth| truth.nonzero > 0)
}

pub(super) fn all<A>() -> Statistic<A, Truth, bool> {
    truth("all", |truth| truth.nonzero == truth.count)
}

impl<A: Element, D: Dimension> ChunkedArray<A, D>
where
    bool: CastFrom<A>,
{
    /// How many elements are not zero, or true. NaN is not zero.
    #[track_caller]
    pub fn count_nonzero(&self) -> Delayed<u64> {
        self.of_all(count_nonzero(), Location::caller())
    }

    /// Whether any element is not zero, or true. False for an empty array.
    #[track_caller]
    pub fn any(&self) -> Delayed<bool> {
        self.of_all(any(), Location::caller())
    }

    /// Whether all elements are not zero, or true. True for an empty array.
    #[track_caller]
    pub fn all(&self) -> Delayed<bool> {
        self.of_all(all(), Location::caller())
    }
}
