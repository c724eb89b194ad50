//! A column as numbers to be summed or compared: one of four machine types, without copying where
//! it has it already.
//!
//! Small integers, dates, times and booleans are seen as `i64` and `f32` as `f64`, all exactly.

use std::borrow::Cow;

use polars::prelude::{
    ChunkFilter, ChunkedArray, Column, DataType, Float64Chunked, Int64Chunked, Int128Chunked,
    PolarsNumericType, PolarsResult, UInt64Chunked,
};

use super::groups::Groups;

/// A column of numbers.
pub(super) enum Numbers {
    Signed(Int64Chunked),
    Unsigned(UInt64Chunked),
    Wide(Int128Chunked),
    Float(Float64Chunked),
}

impl Numbers {
    /// The numbers of `column`; `None` if it does not hold any.
    ///
    /// # Errors
    /// polars', if a conversion fails.
    pub(super) fn of(column: &Column) -> PolarsResult<Option<Numbers>> {
        let series = column.as_materialized_series().to_physical_repr();
        let dtype = series.dtype();
        Ok(match dtype {
            DataType::UInt64 => Some(Numbers::Unsigned(series.u64()?.clone())),
            DataType::Int128 => Some(Numbers::Wide(series.i128()?.clone())),
            DataType::Float32 | DataType::Float64 => {
                Some(Numbers::Float(series.cast(&DataType::Float64)?.f64()?.clone()))
            }
            DataType::Boolean | DataType::Null => {
                Some(Numbers::Signed(series.cast(&DataType::Int64)?.i64()?.clone()))
            }
            _ if dtype.is_integer() => {
                Some(Numbers::Signed(series.cast(&DataType::Int64)?.i64()?.clone()))
            }
            _ => None,
        })
    }

    /// The numbers that are not null, in one chunk, and their groups.
    pub(super) fn dense(&self, groups: &Groups) -> PolarsResult<(Numbers, Groups)> {
        Ok(match self {
            Numbers::Signed(values) => map(dense(values, groups)?, Numbers::Signed),
            Numbers::Unsigned(values) => map(dense(values, groups)?, Numbers::Unsigned),
            Numbers::Wide(values) => map(dense(values, groups)?, Numbers::Wide),
            Numbers::Float(values) => map(dense(values, groups)?, Numbers::Float),
        })
    }
}

fn map<T>((values, groups): (T, Groups), wrap: impl Fn(T) -> Numbers) -> (Numbers, Groups) {
    (wrap(values), groups)
}

/// One chunk without nulls. The kernels see slices, so that no result depends on how a column was
/// cut in chunks.
fn dense<T: PolarsNumericType>(
    values: &ChunkedArray<T>,
    groups: &Groups,
) -> PolarsResult<(ChunkedArray<T>, Groups)> {
    let (values, groups) = if values.has_nulls() {
        let mask = values.is_not_null();
        (Cow::Owned(values.filter(&mask)?), groups.filter(&mask))
    } else {
        (Cow::Borrowed(values), groups.clone())
    };
    Ok((values.rechunk().into_owned(), groups))
}
