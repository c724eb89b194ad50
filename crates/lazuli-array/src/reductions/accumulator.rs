//! The built-in statistics: a kernel's state as an accumulator of tiles, and what is made of it.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::kernels::{
    Counts, Extrema, ExtremaField, Field, Moments, MomentsField, Place, Rows, Scalar, SumState,
    Words, words,
};
use crate::lower::request;
use crate::tile::Registers;

/// The state of a kernel: what it knows of the tiles it has seen.
pub(super) trait Accumulator<A>: Clone + Send + Sync + 'static {
    /// Accumulators side by side.
    type Field: Field<A, State = Self> + Words;
    /// Takes in a tile, which lies here.
    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>);
    /// Takes in what another knows of the tiles that follow.
    fn merge(&mut self, following: &Self);
    /// So many accumulators that begin as this one.
    fn field(&self, cells: usize) -> Self::Field;
    /// What is known of places in a block, in terms of places in the array.
    fn relocate(&mut self, place_in_array: &dyn Fn(u64) -> u64) {
        let _ = place_in_array;
    }
}

/// Where a tile lies.
pub(super) enum Position<'a> {
    /// In an array, all of which is reduced.
    InArray(&'a Registers),
    /// Among the elements that are reduced to one.
    OfCell(Place),
}

impl Position<'_> {
    /// The number of an element of the tile in an array of this shape, in C order; or among those that are
    /// reduced to one.
    pub(super) fn index(&self, in_tile: usize, shape: &[usize]) -> u64 {
        match self {
            Self::InArray(registers) => registers.index_in_array(in_tile, shape) as u64,
            Self::OfCell(place) => place.first + place.step * in_tile as u64,
        }
    }
}

/// The field of an accumulator that has no better one: each cell by itself.
#[derive(Clone)]
pub(super) struct EachCell<S>(pub(super) Vec<S>);

words!([S: Words] EachCell<S> { 0 });

impl<A: Element, S: Accumulator<A>> Field<A> for EachCell<S> {
    type State = S;

    const ROWS_ONLY: bool = true;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        let rows = tile.elements().collect::<Vec<_>>();
        for (column, cell) in self.0[first..first + tile.row_len()].iter_mut().enumerate() {
            let column: Vec<A> = rows[column..].iter().step_by(tile.row_len()).copied().collect();
            cell.update(Rows::one(&column), &Position::OfCell(place));
        }
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        for (row, cell) in tile.iter().zip(&mut self.0[first..]) {
            cell.update(Rows::one(row), &Position::OfCell(place));
        }
    }

    fn end_block(&mut self, place_in_array: &dyn Fn(u64) -> u64) {
        self.0.iter_mut().for_each(|cell| cell.relocate(place_in_array));
    }

    fn merge(&mut self, following: &Self) {
        for (cell, following) in self.0.iter_mut().zip(&following.0) {
            cell.merge(following);
        }
    }

    fn state(&self, cell: usize) -> S {
        self.0[cell].clone()
    }
}

impl<A: Scalar> Accumulator<A> for Moments {
    type Field = MomentsField;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }

    fn field(&self, cells: usize) -> MomentsField {
        MomentsField::new(self.order(), cells)
    }
}

impl<A: Scalar> Accumulator<A> for Extrema<A> {
    type Field = ExtremaField<A>;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }

    fn field(&self, cells: usize) -> ExtremaField<A> {
        ExtremaField::new(cells)
    }
}

impl<A: Scalar + Default> Accumulator<A> for Counts {
    type Field = EachCell<Self>;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }

    fn field(&self, cells: usize) -> EachCell<Self> {
        EachCell(vec![*self; cells])
    }
}

/// The sum of elements of type `A`.
#[derive(Clone, Default)]
pub(super) struct Sum<A: Scalar>(pub(super) A::Sum);

/// Sums side by side.
#[derive(Clone)]
pub(super) struct SumField<A: Scalar>(<A::Sum as SumState<A>>::Field);

words!([A: Scalar] SumField<A> { 0 });

impl<A: Scalar> Field<A> for SumField<A> {
    type State = Sum<A>;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        self.0.update_columns(first, tile, place);
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        self.0.update_rows(first, tile, place);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }

    fn state(&self, cell: usize) -> Sum<A> {
        Sum(self.0.state(cell))
    }
}

impl<A: Scalar> Accumulator<A> for Sum<A> {
    type Field = SumField<A>;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.0.update_rows(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }

    fn field(&self, cells: usize) -> SumField<A> {
        SumField(A::Sum::field(cells))
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A statistic of all elements. Those of one kind of accumulator share it: that of the request with the
    /// greatest `need`.
    pub(super) fn of_all<S: Accumulator<A>, T: Send + Sync + 'static>(
        &self,
        statistic: Statistic<A, S, T>,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        request(statistic.name, &self.expr, &self.grid, statistic, site)
    }
}
