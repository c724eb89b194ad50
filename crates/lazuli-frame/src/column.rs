//! One column's aggregates, as plain values.

use lazuli_core::{Delayed, TryReduction};
use polars::prelude::{
    AnyValue, Column, DataFrame, Expr, PlSmallStr, QuantileMethod, Series, col, lit,
};

use crate::approx::{Distinct, Quantile};
use crate::error::FrameError;
use crate::frame::Frame;

/// One column of a frame: see [`Frame::column`].
#[derive(Clone, Debug)]
pub struct ColumnHandle {
    frame: Frame,
    name: PlSmallStr,
}

impl ColumnHandle {
    pub(crate) fn new(frame: Frame, name: PlSmallStr) -> Self {
        Self { frame, name }
    }

    #[track_caller]
    fn value<T: CellValue>(&self, aggregate: Expr) -> Delayed<Option<T>> {
        let whole = self.frame.agg([aggregate]);
        let why = self.frame.plan().ok();
        let why = why.and_then(|plan| plan.why_text(std::slice::from_ref(&self.name)));
        whole.try_map_named("value", move |table| {
            let column = &table.columns()[0];
            let value = column.get(0)?;
            if value.is_null() {
                return Ok(None);
            }
            T::from_cell(&value).map(Some).ok_or_else(|| {
                let error = FrameError::WrongType {
                    column: column.name().clone(),
                    dtype: column.dtype().clone(),
                    value: value.to_string(),
                    asked: std::any::type_name::<T>(),
                };
                match why.clone() {
                    Some(why) => FrameError::Text { why, error: Box::new(error) },
                    None => error,
                }
            })
        })
    }

    /// The least value; None where there is none.
    #[track_caller]
    pub fn min<T: CellValue>(&self) -> Delayed<Option<T>> {
        self.value(col(self.name.clone()).min())
    }

    /// The greatest value; None where there is none.
    #[track_caller]
    pub fn max<T: CellValue>(&self) -> Delayed<Option<T>> {
        self.value(col(self.name.clone()).max())
    }

    /// The sum; 0 where there is no value.
    #[track_caller]
    pub fn sum<T: CellValue>(&self) -> Delayed<Option<T>> {
        self.value(col(self.name.clone()).sum())
    }

    /// The mean; None where there is no value.
    #[track_caller]
    pub fn mean(&self) -> Delayed<Option<f64>> {
        self.value(col(self.name.clone()).mean())
    }

    /// The standard deviation; None where there are no more than `ddof` values.
    #[track_caller]
    pub fn std(&self, ddof: u8) -> Delayed<Option<f64>> {
        self.value(col(self.name.clone()).std(ddof))
    }

    /// The variance; None where there are no more than `ddof` values.
    #[track_caller]
    pub fn var(&self, ddof: u8) -> Delayed<Option<f64>> {
        self.value(col(self.name.clone()).var(ddof))
    }

    /// The median; None where there is no value. It is exact: see [`approx_quantile`](Self::approx_quantile).
    #[track_caller]
    pub fn median(&self) -> Delayed<Option<f64>> {
        self.value(col(self.name.clone()).median())
    }

    /// The value at this place of all values in order, from 0 to 1, interpolated linearly; None where there is no
    /// value. It is exact, and brings the values of the column together in memory.
    #[track_caller]
    pub fn quantile(&self, at: f64) -> Delayed<Option<f64>> {
        self.value(col(self.name.clone()).quantile(lit(at), QuantileMethod::Linear))
    }

    /// The number of distinct values; a missing one counts as one. It is exact, and brings the values of the column
    /// together in memory: see [`approx_n_unique`](Self::approx_n_unique).
    #[track_caller]
    pub fn n_unique(&self) -> Delayed<u64> {
        self.value(col(self.name.clone()).n_unique())
            .map_named("n_unique", |count| count.unwrap_or(0))
    }

    /// About the value at this place of all values in order, from 0 to 1; None where there is no value. It is one of the
    /// values, and its true place is off by no more than 0.2 % for a billion rows; of up to 4,096 rows in a partition
    /// it is exact. What it holds does not grow with the rows.
    #[track_caller]
    pub fn approx_quantile(&self, at: f64) -> Delayed<Option<f64>> {
        self.reduce(Quantile { at: at.clamp(0.0, 1.0) })
    }

    /// About the number of distinct values that are not missing, with a standard error of 0.8 %. What it holds does not
    /// grow with the rows.
    #[track_caller]
    pub fn approx_n_unique(&self) -> Delayed<u64> {
        self.reduce(Distinct)
    }

    /// All values as one series in memory, in the order of the rows.
    #[track_caller]
    pub fn to_series(&self) -> Delayed<Series> {
        let column = self.frame.select(self.name.clone()).to_dataframe();
        column.map_named("series", |table| table.columns()[0].as_materialized_series().clone())
    }

    /// The number of partitions of its table.
    #[must_use]
    pub fn npartitions(&self) -> usize {
        self.frame.npartitions()
    }

    /// The number of values that are not missing.
    #[track_caller]
    pub fn count(&self) -> Delayed<u64> {
        self.value(col(self.name.clone()).count()).map_named("count", |count| count.unwrap_or(0))
    }

    /// A statistic of your own: a [`Reduction`](lazuli_core::Reduction) of the column, batch by batch. It shares the read
    /// of each file with everything else that is asked of the table in the same compute.
    #[track_caller]
    pub fn reduce<R: TryReduction<Column>>(&self, reduction: R) -> Delayed<R::Output> {
        self.frame.reduce([self.name.clone()], FirstColumn(reduction))
    }
}

/// A reduction of a column as one of data frames that have just that column.
struct FirstColumn<R>(R);

impl<R: TryReduction<Column>> TryReduction<DataFrame> for FirstColumn<R> {
    type State = R::State;
    type Output = R::Output;
    type Error = R::Error;

    fn identity(&self) -> R::State {
        self.0.identity()
    }

    fn update(&self, state: &mut R::State, rows: &DataFrame) -> Result<(), R::Error> {
        self.0.update(state, &rows.columns()[0])
    }

    fn combine(&self, state: &mut R::State, following: R::State) -> Result<(), R::Error> {
        self.0.combine(state, following)
    }

    fn combine_all(&self, state: &mut R::State, following: Vec<R::State>) -> Result<(), R::Error> {
        self.0.combine_all(state, following)
    }

    fn finish(&self, state: R::State) -> Result<R::Output, R::Error> {
        self.0.finish(state)
    }
}

/// What a cell of a table can be read as, without losing anything.
pub trait CellValue: Clone + Send + Sync + Sized + 'static {
    /// The value; None where the cell holds something else.
    fn from_cell(cell: &AnyValue<'_>) -> Option<Self>;
}

/// A cell that holds a whole number.
fn integer(cell: &AnyValue<'_>) -> Option<i128> {
    cell.is_integer().then(|| cell.extract()).flatten()
}

macro_rules! integer_cells {
    ($($integer:ty),*) => {$(
        impl CellValue for $integer {
            fn from_cell(cell: &AnyValue<'_>) -> Option<Self> {
                integer(cell)?.try_into().ok()
            }
        }
    )*};
}

integer_cells!(i8, i16, i32, i64, u8, u16, u32, u64);

impl CellValue for f64 {
    /// Also whole numbers that `f64` holds exactly.
    fn from_cell(cell: &AnyValue<'_>) -> Option<Self> {
        match cell {
            AnyValue::Float64(value) => Some(*value),
            AnyValue::Float32(value) => Some((*value).into()),
            _ => {
                let whole = integer(cell)?;
                (whole.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS).then_some(whole as Self)
            }
        }
    }
}

impl CellValue for bool {
    fn from_cell(cell: &AnyValue<'_>) -> Option<Self> {
        match cell {
            AnyValue::Boolean(value) => Some(*value),
            _ => None,
        }
    }
}

impl CellValue for String {
    fn from_cell(cell: &AnyValue<'_>) -> Option<Self> {
        cell.get_str().map(Into::into)
    }
}
