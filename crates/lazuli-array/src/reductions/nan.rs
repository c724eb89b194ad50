//! Statistics of the elements that are not NaN.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position, Sum};
use super::moments::moments;
use super::product::{Product, Total as ProductTotal};
use super::query::Statistic;
use super::sum::Total as SumTotal;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{
    Extrema, Field, Float, Moments, MomentsOrder, Place, ProductState, Rows, SumState, Widen,
    Words, words,
};

/// An accumulator that is shown the elements that are not NaN.
#[derive(Clone, Default)]
pub(super) struct WithoutNan<S> {
    of: S,
    /// Whether there are elements, NaNs included.
    has_any: bool,
}

impl<A: Float + Default, S: Accumulator<A>> Accumulator<A> for WithoutNan<S> {
    type Field = FieldWithoutNan<S::Field>;

    fn update(&mut self, tile: Rows<'_, A>, position: &Position<'_>) {
        self.has_any |= !tile.is_empty();
        if has_nan(tile) {
            let kept = without_nan(tile.elements());
            if !kept.is_empty() {
                self.of.update(Rows::one(&kept), position);
            }
        } else {
            self.of.update(tile, position);
        }
    }

    fn merge(&mut self, following: &Self) {
        self.has_any |= following.has_any;
        self.of.merge(&following.of);
    }

    fn field(&self, cells: usize) -> Self::Field {
        FieldWithoutNan { of: self.of.field(cells), has_any: false }
    }
}

/// A field that is shown the elements that are not NaN.
#[derive(Clone)]
pub(super) struct FieldWithoutNan<F> {
    of: F,
    /// Whether there are elements: all cells have equally many, NaNs included.
    has_any: bool,
}

words!([F: Words] FieldWithoutNan<F> { of, has_any });

impl<A: Float + Default, S, F: Field<A, State = S>> Field<A> for FieldWithoutNan<F> {
    type State = WithoutNan<S>;

    const ROWS_ONLY: bool = F::ROWS_ONLY;

    fn update_columns(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        self.has_any |= !tile.is_empty();
        if !has_nan(tile) {
            return self.of.update_columns(first, tile, place);
        }
        for column in 0..tile.row_len() {
            let kept = without_nan(tile.iter().map(|row| row[column]));
            if !kept.is_empty() {
                self.of.update_rows(first + column, Rows::one(&kept), place);
            }
        }
    }

    fn update_rows(&mut self, first: usize, tile: Rows<'_, A>, place: Place) {
        self.has_any |= !tile.is_empty();
        if !has_nan(tile) {
            return self.of.update_rows(first, tile, place);
        }
        for (row, cell) in tile.iter().zip(first..) {
            let kept = without_nan(row.iter().copied());
            if !kept.is_empty() {
                self.of.update_rows(cell, Rows::one(&kept), place);
            }
        }
    }

    fn end_block(&mut self, place_in_array: &dyn Fn(u64) -> u64) {
        self.of.end_block(place_in_array);
    }

    fn merge(&mut self, following: &Self) {
        self.has_any |= following.has_any;
        self.of.merge(&following.of);
    }

    fn state(&self, cell: usize) -> WithoutNan<S> {
        WithoutNan { of: self.of.state(cell), has_any: self.has_any }
    }
}

fn has_nan<A: Float>(tile: Rows<'_, A>) -> bool {
    // No way out of the loop, so that it is one of vectors.
    tile.iter().any(|row| row.iter().fold(false, |found, value| found | value.is_nan()))
}

fn without_nan<A: Float>(elements: impl Iterator<Item = A>) -> Vec<A> {
    elements.filter(|value| !value.is_nan()).collect()
}

/// A statistic that is shown the elements that are not NaN.
fn skipping<A: Float + Default, S: Accumulator<A>, T>(
    name: &'static str,
    (of, need): (S, u8),
    finish: impl Fn(&S) -> Result<T, ArrayError> + Send + Sync + 'static,
) -> Statistic<A, WithoutNan<S>, T> {
    let start = WithoutNan { of, has_any: false };
    Statistic::new(name, (start, need), move |state: &WithoutNan<S>| finish(&state.of))
}

type NanMoments<A> = Statistic<A, WithoutNan<Moments>, f64>;

pub(super) fn nanmean<A: Float + Default>() -> NanMoments<A> {
    skipping("nanmean", moments(MomentsOrder::Mean), |of: &Moments| Ok(of.mean()))
}

pub(super) fn nanvar<A: Float + Default>(ddof: u64) -> NanMoments<A> {
    skipping("nanvar", moments(MomentsOrder::Variance), move |of: &Moments| Ok(of.var(ddof)))
}

pub(super) fn nanstd<A: Float + Default>(ddof: u64) -> NanMoments<A> {
    skipping("nanstd", moments(MomentsOrder::Variance), move |of: &Moments| Ok(of.std(ddof)))
}

pub(super) fn nansum<A: Float + Default>() -> Statistic<A, WithoutNan<Sum<A>>, SumTotal<A>> {
    skipping("nansum", (Sum(A::Sum::default()), 0), |sum: &Sum<A>| Ok(sum.0.total()))
}

/// The sum as an element of an array.
pub(super) fn wide_nansum<A: Float + Default>() -> Statistic<A, WithoutNan<Sum<A>>, A::Wide> {
    skipping("nansum", (Sum(A::Sum::default()), 0), |sum: &Sum<A>| {
        A::Wide::widen(sum.0.total()).ok_or(ArrayError::Overflow("nansum"))
    })
}

type NanProduct<A, T> = Statistic<A, WithoutNan<Product<A>>, T>;

pub(super) fn nanprod<A: Float + Default>() -> NanProduct<A, ProductTotal<A>> {
    skipping("nanprod", (Product(A::Product::default()), 0), |product: &Product<A>| {
        product.0.total().ok_or(ArrayError::Overflow("nanprod"))
    })
}

/// The product as an element of an array.
pub(super) fn wide_nanprod<A: Float + Default>() -> NanProduct<A, A::Wide> {
    skipping("nanprod", (Product(A::Product::default()), 0), |product: &Product<A>| {
        product.0.total().and_then(A::Wide::widen).ok_or(ArrayError::Overflow("nanprod"))
    })
}

type NanExtreme<A> = Statistic<A, WithoutNan<Extrema<A>>, A>;

fn nan_extreme<A: Float + Default>(
    name: &'static str,
    pick: fn(&Extrema<A>) -> Option<A>,
) -> NanExtreme<A> {
    let start = WithoutNan { of: Extrema::new(), has_any: false };
    Statistic::new(name, (start, 0), move |state: &WithoutNan<Extrema<A>>| {
        // Nothing but NaN has NaN for its extremes; nothing at all has none.
        let all_nan = if state.has_any { A::NAN } else { None };
        pick(&state.of).or(all_nan).ok_or(ArrayError::Empty(name))
    })
}

pub(super) fn nanmin<A: Float + Default>() -> NanExtreme<A> {
    nan_extreme("nanmin", Extrema::min)
}

pub(super) fn nanmax<A: Float + Default>() -> NanExtreme<A> {
    nan_extreme("nanmax", Extrema::max)
}

/// The least element, where nothing has NaN for its extremes too.
pub(super) fn nanmin_or_nan<A: Float + Default>() -> NanExtreme<A> {
    nan_extreme("nanmin", |extrema| extrema.min().or(A::NAN))
}

/// As [`nanmin_or_nan`].
pub(super) fn nanmax_or_nan<A: Float + Default>() -> NanExtreme<A> {
    nan_extreme("nanmax", |extrema| extrema.max().or(A::NAN))
}

impl<A: Float + Default, D: Dimension> ChunkedArray<A, D> {
    /// The sum of the elements that are not NaN. Zero where there are none.
    #[track_caller]
    pub fn nansum(&self) -> Delayed<SumTotal<A>> {
        self.of_all(nansum(), Location::caller())
    }

    /// The product of the elements that are not NaN. One where there are none.
    #[track_caller]
    pub fn nanprod(&self) -> Delayed<ProductTotal<A>> {
        self.of_all(nanprod(), Location::caller())
    }

    /// The mean of the elements that are not NaN. NaN where there are none.
    #[track_caller]
    pub fn nanmean(&self) -> Delayed<f64> {
        self.of_all(nanmean(), Location::caller())
    }

    /// The [variance](Self::var) of the elements that are not NaN.
    #[track_caller]
    pub fn nanvar(&self, ddof: u64) -> Delayed<f64> {
        self.of_all(nanvar(ddof), Location::caller())
    }

    /// The [standard deviation](Self::std) of the elements that are not NaN.
    #[track_caller]
    pub fn nanstd(&self, ddof: u64) -> Delayed<f64> {
        self.of_all(nanstd(ddof), Location::caller())
    }

    /// The least element that is not NaN; NaN where all are. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn nanmin(&self) -> Delayed<A> {
        self.of_all(nanmin(), Location::caller())
    }

    /// The greatest element that is not NaN; NaN where all are. An empty array is an error, as in NumPy.
    #[track_caller]
    pub fn nanmax(&self) -> Delayed<A> {
        self.of_all(nanmax(), Location::caller())
    }
}
